import type { CarePlan, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { stageMove } from './move-stage.ts'
import { checkStages, firstStage, MOVE_TO_STAGE, STAGE, stagesOf } from './stage.ts'
import { ringStage } from './stage-late.ts'
import { currentStage, movedTo, statesOf, withBegun } from './stage-state.ts'

const URL = 'http://example.org/plan'
const NOW = new Date('2026-11-10T08:00:00Z')
const days = (url: string, value: number, code = 'd') => ({
  ...{ url, valueDuration: { value, system: 'http://unitsofmeasure.org', code } },
})
const stage = (id: string, ...parts: object[]): PlanDefinitionAction => ({
  ...{ id, title: id.toUpperCase() },
  extension: [{ url: STAGE, extension: parts as never }],
})
const planOf = (...action: PlanDefinitionAction[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active', url: URL, version: '1', action },
})
const PLAN = planOf(
  stage('rest', { url: 'kind', valueCode: 'alternate' }),
  stage('early', days('goal', 3), days('deadline', 7), { url: 'next', valueId: 'late' }),
  stage('late'),
)
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
  instantiatesCanonical: [`${URL}|1`],
}
const [, EARLY, LATE] = stagesOf(PLAN)

test('nobody begins in an exception', () => {
  expect(firstStage(stagesOf(PLAN))).toMatchObject({ id: 'early', title: { nb: 'EARLY' }, next: ['late'] })
  expect(stagesOf(planOf({ id: 'rule' }))).toEqual([])
})

test('where somebody has been stays as history, with who moved them and why', () => {
  if (!EARLY || !LATE) throw new Error('two stages')
  const begun = withBegun(movedTo(CARE_PLAN, URL, EARLY, { now: NOW }), URL)
  const later = new Date('2026-11-12T08:00:00Z')
  const moved = movedTo(begun, URL, LATE, { now: later, by: 'Practitioner/1', reason: 'Stabil' })
  expect(statesOf(moved)).toEqual([
    {
      ...{
        plan: URL,
        stage: 'early',
        since: NOW.toISOString(),
        until: later.toISOString(),
        passed: [],
        hasBegun: true,
      },
      ...{ goal: '2026-11-13T08:00:00.000Z', deadline: '2026-11-17T08:00:00.000Z' },
    },
    {
      ...{ plan: URL, stage: 'late', since: later.toISOString(), passed: [], hasBegun: false },
      ...{ by: 'Practitioner/1', reason: 'Stabil' },
    },
  ])
  expect(currentStage(moved, 'http://example.org/other')).toBeUndefined()
})

test('one moves on only as the plan leads', () => {
  if (!EARLY) throw new Error('a stage')
  const early = movedTo(CARE_PLAN, URL, EARLY, { now: NOW })
  expect(stageMove(PLAN, URL, early, 'late')).toMatchObject({ stage: { id: 'late' } })
  expect(stageMove(PLAN, URL, early, 'early')).toEqual({ isThere: true })
  expect(stageMove(PLAN, URL, early, 'rest')).toMatchObject({
    problem: { nb: 'etter fasen «early» kommer ikke «rest», men late' },
  })
  expect(stageMove(PLAN, URL, early, 'lost')).toMatchObject({
    problem: { en: 'the plan has no stage "lost"; it has rest, early, late' },
  })
})

describe('a clock of a stage', () => {
  if (!EARLY || !LATE) throw new Error('two stages')
  const early = movedTo(CARE_PLAN, URL, EARLY, { now: NOW })
  const ring = (carePlan: CarePlan, name: string, now: Date, plan = PLAN) =>
    ringStage({
      ...{
        timer: { kind: 'stage', about: 'CarePlan/c', name, plan: URL, dueAt: now },
        carePlans: [carePlan],
        goals: [],
      },
      ...{ openTasks: [], plansOf: () => [plan], now, newId: () => 'new' },
    })
  const afterGoal = new Date('2026-11-13T08:00:00Z')
  const afterDeadline = new Date('2026-11-17T08:00:00Z')

  test('notes that the goal has passed; the deadline is the team’s', () => {
    const goal = ring(early, 'goal', afterGoal)
    expect([goal.tasks, goal.requests?.length]).toEqual([[], 1])
    const late = ring(early, 'deadline', afterDeadline)
    expect(late.tasks).toMatchObject([{ act: 'create', task: { for: { reference: 'Patient/1' }, priority: 'urgent' } }])
    expect(late.tasks[0]?.task.description).toContain('Fasen «EARLY» skulle vært over 2026-11-17 kl. 09:00')
    // It rings once, however often the CarePlan changes afterwards.
    const passed = late.requests?.[0]?.resource as unknown as CarePlan
    expect(ring(passed, 'deadline', afterDeadline)).toEqual({ tasks: [], timers: [], trace: [] })
  })

  test('is an event where a rule of the plan listens to it', () => {
    const listening = planOf(...(PLAN.action ?? []), {
      ...{ id: 'rule', trigger: [{ type: 'named-event', name: 'stage-deadline' }] },
    })
    const { tasks, requests } = ring(early, 'deadline', afterDeadline, listening)
    expect(tasks).toEqual([])
    expect(requests).toMatchObject([{ act: 'update' }, { act: 'create', resource: { resourceType: 'Basic' } }])
  })

  test('says nothing of a stage that is over, or while the plan rests', () => {
    const moved = movedTo(early, URL, LATE, { now: afterGoal })
    expect(ring(moved, 'deadline', afterDeadline)).toEqual({ tasks: [], timers: [], trace: [] })
    expect(ring({ ...early, status: 'on-hold' }, 'deadline', afterDeadline).tasks).toEqual([])
  })

  test('that rings too early is set anew', () => {
    const { timers } = ring(early, 'deadline', afterGoal)
    expect(timers).toMatchObject([{ act: 'set', timer: { dueAt: afterDeadline } }])
  })
})

test.each<[string, PlanDefinitionAction[], string]>([
  ['a stage within another action', [{ id: 'g', action: [stage('a')] }], 'PlanDefinition.action[0].action[0]'],
  ['a stage without an id', [{ ...stage('a'), id: undefined }, stage('b')], 'PlanDefinition.action[0].id'],
  ['a deadline that is no time', [stage('a', days('deadline', 3, 'kg'))], 'PlanDefinition.action[0].extension'],
  ['a deadline of nothing', [stage('a', days('deadline', 0))], 'PlanDefinition.action[0].extension'],
  [
    'a next one that is not there',
    [stage('a', { url: 'next', valueId: 'b' })],
    "PlanDefinition.action.where(id = 'a').extension",
  ],
  ['only exceptions', [stage('a', { url: 'kind', valueCode: 'alternate' })], 'PlanDefinition.action'],
  [
    'a rule that leads nowhere',
    [stage('a'), { id: 'r', extension: [{ url: MOVE_TO_STAGE, valueId: 'b' }] }],
    'PlanDefinition.action[1].extension',
  ],
])('%s keeps a plan from coming into force', (_case, action, expression) => {
  expect(checkStages(planOf(...action)).map((problem) => problem.expression)).toEqual([expression])
  expect(checkStages(PLAN)).toEqual([])
})
