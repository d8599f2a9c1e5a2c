import type { OperationExample } from './operation-example.ts'

const LINE = 'Patient/demo-line'

/** How the EHR of an organisation is looked in. */
export const JOURNAL_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Patient-journal-status': [
    {
      title: 'An app asks first whether there is anything to offer.',
      request: { method: 'GET', path: `${LINE}/$journal-status`, as: 'nurse' },
      response: {
        status: 200,
        body: { resourceType: 'Parameters', parameter: [{ name: 'connected', valueBoolean: false }] },
      },
    },
  ],
  'Patient-journal': [
    {
      title: 'What the EHR has of the patient’s medicines and allergies. Here no EHR is connected.',
      request: {
        ...{ method: 'POST', path: `${LINE}/$journal`, as: 'nurse' },
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'part', valueCode: 'MedicationStatement' },
            { name: 'part', valueCode: 'AllergyIntolerance' },
          ],
        },
      },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-supported' }] },
      },
    },
  ],
}
