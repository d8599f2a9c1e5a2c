import type { QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { taskCode, taskInput } from '../../../server/core/decide/words/coded-words.ts'
import type { StoredTask } from '../worklist/row.ts'
import { closed, isClosing, onTopOf } from './act.ts'
import { answered, formAskedOf } from './asked-form.ts'

const FORM = 'http://example.org/form|1'
const asking = (given: Partial<Task> = {}): StoredTask => ({
  ...{ resourceType: 'Task', id: '7', meta: { versionId: '3' }, status: 'requested', intent: 'order' },
  code: taskCode('answer-questionnaire'),
  for: { reference: 'Patient/1' },
  owner: { reference: 'Practitioner/gp' },
  input: [{ type: taskInput('questionnaire'), valueCanonical: FORM }],
  ...given,
})
const RESPONSE: QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', status: 'completed' }
const GP = { reference: 'Practitioner/gp', display: 'Henrik Skogvei' }
const NOW = new Date('2026-11-23T12:00:00Z')

test.each([
  ['a doctor', {}, FORM],
  ['a team', { owner: { reference: 'CareTeam/1' } }, FORM],
  ['a patient, in their own app', { owner: { reference: 'Patient/1' } }, undefined],
  ['somebody by other work', { code: taskCode('assess-measurement') }, undefined],
  ['a doctor, without naming it', { input: [] }, undefined],
] as const)('the form that is asked of %s', (_who, given, form) =>
  expect(formAskedOf(asking(given as Partial<Task>))).toBe(form),
)

test('answers are stored with the Task that they complete, over the version that was seen and no other', () => {
  const { entry, closing, tasks } = answered(
    asking({ output: [{ type: { text: 'Før' }, valueString: 'x' }] }),
    RESPONSE,
    GP,
    NOW,
  )
  const [response, task] = entry
  expect(response).toMatchObject({ resource: RESPONSE, request: { method: 'POST', url: 'QuestionnaireResponse' } })
  expect(task).toMatchObject({
    request: { method: 'PUT', url: 'Task/7', ifMatch: 'W/"3"' },
    resource: {
      ...{ status: 'completed', owner: GP, executionPeriod: { end: NOW.toISOString() } },
      output: [{ valueString: 'x' }, { valueReference: { reference: response?.fullUrl } }],
    },
  })
  expect(task?.resource).not.toHaveProperty('note')
  expect(task?.resource).not.toHaveProperty('statusReason')
  // What a conflict shows beside what somebody else has made of it.
  expect(tasks?.map((seen) => closing && closed(seen, closing).status)).toEqual(['completed'])
})

test('while answers wait to be sent nobody begins with their Task', () =>
  expect(isClosing(answered(asking(), RESPONSE, GP, NOW))).toBe(true))

test('who has taken the Task of a team keeps it', () => {
  const owner = { reference: 'Practitioner/kari' }
  const [, task] = answered(asking({ status: 'in-progress', owner }), RESPONSE, GP, NOW).entry
  expect(task).toMatchObject({ resource: { owner } })
})

test('what somebody else has changed meanwhile stays, and the answers are put on top of it; the answers themselves are as they were', () => {
  const { entry, ...closing } = answered(asking(), RESPONSE, GP, NOW)
  const now = asking({ meta: { versionId: '5' }, priority: 'urgent', note: [{ text: 'Purret.' }] })
  const request = onTopOf({ entry, ...closing }, [now])
  if (request.kind !== 'transaction') throw new Error(request.kind)
  expect(request.entry[0]).toEqual(entry[0])
  expect(request.entry[1]).toMatchObject({
    request: { ifMatch: 'W/"5"' },
    resource: {
      ...{ status: 'completed', priority: 'urgent', note: [{ text: 'Purret.' }] },
      output: [{ valueReference: { reference: entry[0]?.fullUrl } }],
    },
  })
})
