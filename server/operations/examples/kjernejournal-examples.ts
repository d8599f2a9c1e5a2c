import type { OperationExample } from './operation-example.ts'

const LINE = 'Patient/demo-line'
const WHY = [
  { name: 'purpose', valueCode: 'TREAT' },
  { name: 'basis', valueCode: 'consent' },
]
/** What a server that is not connected answers; one that is, is told of in docs/kjernejournal.md. */
const NOT_CONNECTED: OperationExample['response'] = {
  status: 400,
  body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-supported' }] },
}
const asked = (title: string, code: string, parameter: object[]): OperationExample => ({
  title,
  request: {
    ...{ method: 'POST', path: `${LINE}/$${code}`, as: 'nurse' },
    body: { resourceType: 'Parameters', parameter },
  },
  response: NOT_CONNECTED,
})

/** How kjernejournal is looked in. */
export const KJERNEJOURNAL_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Patient-kjernejournal-status': [
    {
      title: 'An app asks first whether there is anything to offer.',
      request: { method: 'GET', path: `${LINE}/$kjernejournal-status`, as: 'nurse' },
      response: {
        status: 200,
        body: { resourceType: 'Parameters', parameter: [{ name: 'connected', valueBoolean: false }] },
      },
    },
  ],
  'Patient-kjernejournal': [
    asked(
      'What others have written of the patient, with their consent. Here kjernejournal is not connected.',
      'kjernejournal',
      WHY,
    ),
  ],
  'Patient-kjernejournal-document': [
    asked('One of them is opened.', 'kjernejournal-document', [
      ...WHY,
      { name: 'document', valueString: '1.2.840.4711.815.1.1' },
      { name: 'community', valueString: 'urn:oid:2.16.578.1.12.4.1.7.1.2.12.1.1' },
      { name: 'repository', valueString: '2.16.578.1.12.4.1.7.1.2.12.1.1.2.31' },
    ]),
  ],
  'Patient-kjernejournal-laboratory': [
    asked('Laboratory answers of this year, whoever has asked for them.', 'kjernejournal-laboratory', [
      ...WHY,
      { name: 'since', valueDate: '2026-01-01' },
    ]),
  ],
  'Patient-kjernejournal-portal': [asked('The portal is opened with the patient.', 'kjernejournal-portal', WHY)],
}
