import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const person = (id: string): ExampleStep => ({
  method: 'PUT',
  path: `Patient/${id}`,
  body: { resourceType: 'Patient', id, name: [{ text: 'Ola Eksempel' }] },
})

/** Somebody whose record is closed to the nurse, who is in their care. */
const closed = (id: string): ExampleStep[] => [
  person(id),
  {
    method: 'PUT',
    path: `CareTeam/${id}`,
    body: {
      ...{ resourceType: 'CareTeam', id, status: 'active', subject: { reference: `Patient/${id}` } },
      participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
    },
  },
  {
    method: 'PUT',
    path: `Consent/${id}`,
    body: {
      ...{ resourceType: 'Consent', id, status: 'active', patient: { reference: `Patient/${id}` } },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' },
      provision: {
        type: 'deny',
        actor: [{ role: { text: 'sperret for' }, reference: { reference: 'Practitioner/demo-nurse' } }],
      },
    },
  },
]

export const ACCESS_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'AuditEvent-export-audit': [
    {
      title: 'Who is no privacy officer does not get it; who is gets an AuditEvent a line',
      request: { method: 'GET', path: 'AuditEvent/$export-audit?date=ge2026-01-01', as: 'nurse' },
      response: { status: 403, body: { resourceType: 'OperationOutcome', issue: [{ code: 'forbidden' }] } },
    },
  ],
  'Patient-access-log': [
    {
      title: 'Who has seen somebody’s record: here, the service that admitted them',
      before: [person('example-log')],
      request: { method: 'GET', path: 'Patient/example-log/$access-log' },
      response: {
        status: 200,
        body: {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'entry',
              part: [
                { name: 'text', valueString: '…' },
                { name: 'said', valueString: '…' },
                { name: 'period', valuePeriod: { start: '…', end: '…' } },
                { name: 'act', valueCode: 'changed' },
                { name: 'who', valueString: 'Datasystem Demo service' },
                { name: 'data', valueString: 'Navn, fødselsdato og kontaktopplysninger' },
              ],
            },
          ],
        },
      },
    },
  ],
  'Patient-who-may-see': [
    {
      title: 'Who may see somebody’s record: here, a team of theirs; to one of its members alone it is closed',
      before: closed('example-who'),
      request: { method: 'GET', path: 'Patient/example-who/$who-may-see' },
      response: {
        status: 200,
        body: {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'entry',
              part: [
                { name: 'who', valueReference: { reference: 'CareTeam/example-who' } },
                { name: 'because', valueCode: 'care-team' },
                { name: 'source', valueReference: { reference: 'CareTeam/example-who' } },
                { name: 'closed', valueBoolean: false },
              ],
            },
          ],
        },
      },
    },
  ],
  'Patient-break-glass': [
    {
      title: 'In an emergency a nurse opens the record of somebody whom she does not follow',
      before: [person('example-glass')],
      request: {
        ...{ method: 'POST', path: 'Patient/example-glass/$break-glass', as: 'nurse' },
        body: parameters(
          { name: 'purpose', valueCode: 'ETREAT' },
          { name: 'reason', valueString: 'Bevisstløs, tatt inn med ambulanse' },
          { name: 'minutes', valueInteger: 30 },
        ),
      },
      response: {
        status: 201,
        body: {
          resourceType: 'Task',
          status: 'requested',
          for: { reference: 'Patient/example-glass' },
          requester: { reference: 'Practitioner/demo-nurse' },
          reasonCode: { text: 'Bevisstløs, tatt inn med ambulanse' },
          restriction: { period: { start: '…', end: '…' } },
        },
      },
    },
    {
      title: 'Without a reason nobody is let in',
      before: [person('example-glass-2')],
      request: {
        ...{ method: 'POST', path: 'Patient/example-glass-2/$break-glass', as: 'nurse' },
        body: parameters({ name: 'purpose', valueCode: 'ETREAT' }, { name: 'reason', valueString: 'vil se' }),
      },
      response: { status: 400, body: { issue: [{ code: 'value', expression: ['reason'] }] } },
    },
  ],
  'Patient-open-restricted': [
    {
      title: 'With the patient’s consent a nurse opens what is closed to her',
      before: closed('example-closed'),
      request: {
        ...{ method: 'POST', path: 'Patient/example-closed/$open-restricted', as: 'nurse' },
        body: parameters(
          { name: 'basis', valueCode: 'consent' },
          { name: 'reason', valueString: 'Pasienten ba om det i telefonen' },
        ),
      },
      response: {
        status: 201,
        body: {
          resourceType: 'Task',
          for: { reference: 'Patient/example-closed' },
          restriction: { period: { end: '…' } },
        },
      },
    },
  ],
  'Resource-access-policy': [
    {
      title: 'The rules that decide',
      request: { method: 'GET', path: '$access-policy' },
      response: {
        status: 200,
        body: { resourceType: 'Parameters', parameter: [{ name: 'version', valueString: '…' }] },
      },
    },
    {
      title: 'The rules of another version, as an AuditEvent names it',
      request: { method: 'GET', path: '$access-policy?version=http://fylgje.no/fhir/access-policy%7C1.2.0' },
      response: {
        status: 200,
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'version', valueString: '1.2.0' },
            { name: 'inForce', valueBoolean: false },
          ],
        },
      },
    },
  ],
  'Resource-explain-access': [
    {
      title: 'Why a nurse does not see somebody',
      before: [person('example-unrelated')],
      request: { method: 'GET', path: '$explain-access?who=Practitioner/demo-nurse&what=Patient/example-unrelated' },
      response: {
        status: 200,
        body: { resourceType: 'Parameters', parameter: [{ name: 'decision', valueCode: 'deny' }] },
      },
    },
  ],
}
