import type { OperationExample } from './operation-example.ts'

const headers = { Prefer: 'respond-async' }
/** Where to ask on stands in the header Content-Location. */
const begun = { status: 202, body: { resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] } }

export const EXPORT_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Resource-export': [
    {
      title: 'What has changed since the last time',
      request: { method: 'GET', path: '$export?_since=2026-01-01T00:00:00Z&_type=Observation,Task', headers },
      response: begun,
    },
  ],
  'Resource-import': [
    {
      title: 'One resource, on one line; the answer’s last line tells how many there were',
      request: {
        ...{ method: 'POST', path: '$import', headers: { 'Content-Type': 'application/fhir+ndjson' } },
        body: { resourceType: 'Basic', id: 'example-import', code: { text: 'A line' } },
      },
      response: {
        status: 200,
        body: { resourceType: 'Parameters', parameter: [{ name: 'lines', valueInteger: 1 }] },
      },
    },
  ],
  'Patient-export': [
    {
      title: 'The records of all patients',
      request: { method: 'GET', path: 'Patient/$export', headers },
      response: begun,
    },
  ],
  'Group-export': [
    {
      title: 'The records of a group',
      before: [
        {
          ...{ method: 'PUT', path: 'Group/example-export' },
          body: {
            ...{ resourceType: 'Group', id: 'example-export', type: 'person', actual: true },
            member: [{ entity: { reference: 'Patient/demo-line' } }],
          },
        },
      ],
      request: { method: 'GET', path: 'Group/example-export/$export?_outputFormat=ndjson', headers },
      response: begun,
    },
  ],
}
