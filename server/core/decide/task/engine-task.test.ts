import type { PlanDefinitionAction, Task } from '@medplum/fhirtypes'
import type { CasePatient } from '../cases/pathway-case.ts'
import { runCase } from '../cases/play-case.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { taskCode } from '../words/coded-words.ts'
import { toldAs } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { engineTask } from './engine-task.ts'
import { endedAt } from './task-end.ts'
import { MARK_KINDS, marksOf } from './task-marks.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const inEach = (task: Task, name: 'description') =>
  (['nb', 'nn', 'en'] as const).map((language) => translated(task, name, language))

test('a Task of the engine’s own says what is to be done, and what it is called, in each language', () => {
  const told = { nb: 'Flytt', nn: 'Flytt på', en: 'Move' }
  const task = engineTask({
    ...{ name: 'plan|*x|Patient/1|y', code: 'stage-late', colour: 'red', told, about: 'CarePlan/1', now: NOW },
  })
  expect(inEach(task, 'description')).toEqual(['Flytt', 'Flytt på', 'Move'])
  expect(task).toMatchObject({
    ...{ status: 'requested', priority: 'stat', authoredOn: NOW.toISOString() },
    reasonCode: { text: 'Flytt' },
  })
  // One that nobody does becomes late.
  expect(marksOf(task).map(({ kind }) => kind)).toEqual([...MARK_KINDS])
  const [coding = {}] = taskCode('stage-late').coding ?? []
  expect(translated(coding, 'display', 'en')).toBe('Stage past its deadline')
})

describe('what a rule’s Task asks for', () => {
  const onMeasured = { trigger: [{ type: 'data-added' as const, data: [{ type: 'Observation' as const }] }] }
  const titled = toldAs('title', { nb: 'Ring pasienten', nn: 'Ring pasienten i dag', en: 'Call the patient' })
  const patient: CasePatient = {}
  const taskOf = async (action: PlanDefinitionAction): Promise<Task> => {
    const plan = compilePlan(
      { resourceType: 'PlanDefinition', url: 'http://x/p', version: '1', status: 'active', action: [action] },
      () => undefined,
    )
    const measured = { id: 'a', code: '8867-4', value: 90, unit: '/min' }
    const events = [{ at: NOW.toISOString(), measured }]
    const [task] = await runCase(plan, { title: '', patient, events, tasks: [] })
    if (!task) throw new Error('a Task')
    return task
  }

  test('is in the languages in which its plan is written', async () => {
    const task = await taskOf({ ...{ id: 'call', ...titled }, ...onMeasured })
    expect(inEach(task, 'description')).toEqual(['Ring pasienten', 'Ring pasienten i dag', 'Call the patient'])
  })

  test('is told of a rule that cannot be evaluated too', async () => {
    const condition = [
      { kind: 'applicability' as const, expression: { language: 'text/fhirpath' as const, expression: '1' } },
    ]
    const task = await taskOf({ ...{ id: 'call', ...titled, condition }, ...onMeasured })
    expect(inEach(task, 'description')[2]).toBe(
      'The rule "Call the patient" could not be evaluated: the condition gave [1]',
    )
  })

  test('that a plan works out itself has no translations of what stood there', async () => {
    const dynamicValue = [
      { path: 'description', expression: { language: 'text/fhirpath' as const, expression: "'Ring nå'" } },
    ]
    const task = await taskOf({ ...{ id: 'call', ...titled, dynamicValue }, ...onMeasured })
    expect(inEach(task, 'description')).toEqual(['Ring nå', 'Ring nå', 'Ring nå'])
  })
})

test.each<[string, Partial<Task>, string]>([
  ['as it says itself', { executionPeriod: { end: '2026-11-01T10:00:00Z' } }, '2026-11-01T10:00:00Z'],
  ['else when it was stored last', { lastModified: '2026-11-01T08:00:00Z' }, '2026-11-03T10:00:00Z'],
])('a Task ended %s', (_case, change, expected) => {
  const task: Task = { resourceType: 'Task', status: 'completed', intent: 'order', ...change }
  expect(endedAt({ ...task, meta: { lastUpdated: '2026-11-03T10:00:00Z' } })).toBe(Date.parse(expected))
})
