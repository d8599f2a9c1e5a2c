import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const TASK_CODE = 'http://fylgje.no/fhir/CodeSystem/task-code'
const NURSE = { name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse' } }
const TEAM = { reference: 'CareTeam/demo-responssenter' }
const reason = (valueString: string) => ({ name: 'reason', valueString })

/** A yellow Task that waits for the response centre, as the engine would have made it. */
const waiting = (id: string): ExampleStep => ({
  method: 'PUT',
  path: `Task/${id}`,
  body: {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
    for: { reference: 'Patient/demo-line' },
    owner: TEAM,
  },
})
const taken = (id: string): ExampleStep[] => [
  waiting(id),
  { method: 'POST', path: `Task/${id}/$claim`, body: parameters(NURSE) },
]
const until = { name: 'until', valueInstant: '{{in 2 days}}' }
const snooze = (id: string) => ({
  ...({ method: 'POST', path: `Task/${id}/$snooze` } as const),
  body: parameters(reason('Vet om det; fastlegen har økt dosen i dag.'), until),
})
const handover = (id: string) => ({
  ...({ method: 'POST', path: `Task/${id}/$handover` } as const),
  body: parameters(
    { name: 'to', valueReference: { reference: 'Organization/demo-fjordvik' } },
    reason('Trenger tilsyn hjemme i kveld.'),
    { name: 'answerBy', valueInstant: '{{in 2 hours}}' },
  ),
})

/** By the id of the OperationDefinition. */
export const TASK_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Task-claim': [
    {
      title: 'A nurse takes a Task: it is accepted, and hers.',
      before: [waiting('example-claim')],
      request: { method: 'POST', path: 'Task/example-claim/$claim', body: parameters(NURSE) },
      response: {
        status: 200,
        body: { resourceType: 'Task', status: 'accepted', owner: { reference: 'Practitioner/demo-nurse' } },
      },
    },
    {
      title: 'Who comes second is told that somebody has it.',
      before: taken('example-claimed'),
      request: {
        ...{ method: 'POST', path: 'Task/example-claimed/$claim' },
        body: parameters({ name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse-2' } }),
      },
      response: {
        status: 409,
        body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'conflict' }] },
      },
    },
  ],
  'Task-release': [
    {
      title: 'She gives it back: it waits again in the queue that it was taken from, with her reason as a note.',
      before: taken('example-release'),
      request: {
        ...{ method: 'POST', path: 'Task/example-release/$release' },
        body: parameters(reason('Vakten er slutt.')),
      },
      response: {
        status: 200,
        body: { resourceType: 'Task', status: 'requested', owner: TEAM, note: [{ text: '…' }] },
      },
    },
  ],
  'Task-next': [
    {
      title: 'The most urgent Task of a queue, taken at once, and how many wait there still.',
      before: [waiting('example-next')],
      request: {
        ...{ method: 'POST', path: 'Task/$next' },
        body: parameters(NURSE, { name: 'queue', valueReference: TEAM }),
      },
      response: {
        status: 200,
        body: parameters(
          { name: 'task', resource: { resourceType: 'Task', status: 'accepted' } },
          { name: 'waiting', valueInteger: '…' },
        ),
      },
    },
  ],
  'Task-snooze': [
    {
      title: 'A yellow Task is put aside for two days: known and accepted, and counted meanwhile.',
      before: taken('example-snooze'),
      request: snooze('example-snooze'),
      response: { status: 200, body: { resourceType: 'Task', status: 'on-hold', statusReason: { text: '…' } } },
    },
    {
      title: 'Red is never put aside.',
      before: [
        {
          ...waiting('example-red'),
          body: {
            ...waiting('example-red').body,
            priority: 'stat',
            businessStatus: {
              coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code: 'red' }],
            },
          },
        },
      ],
      request: snooze('example-red'),
      response: { status: 422, body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] } },
    },
  ],
  'Task-wake': [
    {
      title: 'It comes back before its time.',
      before: [...taken('example-wake'), snooze('example-wake')],
      request: { method: 'POST', path: 'Task/example-wake/$wake' },
      response: { status: 200, body: { resourceType: 'Task', status: 'accepted' } },
    },
  ],
  'Task-handover': [
    {
      title:
        'The response centre asks the municipality to take over; the answer is a move of the Task that comes of it.',
      before: [waiting('example-handover')],
      request: handover('example-handover'),
      response: {
        status: 201,
        body: {
          resourceType: 'Task',
          status: 'requested',
          code: { coding: [{ system: TASK_CODE, code: 'handover' }] },
          focus: { reference: 'Task/example-handover' },
          owner: { reference: 'Organization/demo-fjordvik' },
        },
      },
    },
  ],
  'Task-responsible': [
    {
      title: 'Who has it, who had it before, and who is asked to take it over.',
      before: [...taken('example-responsible'), handover('example-responsible')],
      request: { method: 'GET', path: 'Task/example-responsible/$responsible' },
      response: {
        status: 200,
        body: parameters(
          { name: 'responsible', valueReference: { reference: 'Practitioner/demo-nurse' } },
          { name: 'since', valueInstant: '…' },
          { name: 'earlier', part: [{ name: 'responsible', valueReference: TEAM }] },
          { name: 'pending', valueReference: { reference: '…' } },
        ),
      },
    },
  ],
  'Task-resend': [
    {
      title: 'Only the Task of a message that did not arrive has one that could be sent again.',
      before: [waiting('example-resend')],
      request: { method: 'POST', path: 'Task/example-resend/$resend', body: { resourceType: 'Parameters' } },
      response: { status: 422, body: { issue: [{ code: 'business-rule', expression: ['Task.code'] }] } },
    },
  ],
  'Resource-sent-messages': [
    {
      title: 'What could not be sent. Without a receiver nothing ever is.',
      request: { method: 'GET', path: '$sent-messages?state=dead' },
      response: { status: 200, body: { resourceType: 'Parameters' } },
    },
    {
      title: 'It is shown to an administrator, and to nobody else.',
      request: { method: 'GET', path: '$sent-messages', as: 'nurse' },
      response: { status: 403, body: { issue: [{ code: 'forbidden' }] } },
    },
  ],
}
