import type { CarePlan, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { changesOf, mayFollow, PLANNED_STATUSES, type PlannedChange, statusAt, withChanges } from './planned-change.ts'
import { plannedTimers, ringPlannedChange } from './ring-planned-change.ts'

const START = Date.parse('2026-11-10T08:00:00Z')
const at = (minutes: number) => new Date(START + minutes * 60_000)
const [HERE, THERE] = [{ reference: 'CareTeam/here' }, { reference: 'CareTeam/there' }]
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ careTeam: [HERE], extension: [{ url: 'http://example.org/other', valueBoolean: true }] },
}
const becomes = (id: string, minutes: number, status: PlannedChange['status'] & string): PlannedChange => ({
  ...{ id, at: at(minutes).toISOString(), status, reason: 'Ferie' },
})
const goesTo = (id: string, minutes: number, careTeam: { reference: string }): PlannedChange => ({
  ...{ id, at: at(minutes).toISOString(), careTeam, reason: 'Ferie', by: 'Practitioner/1' },
})
const planned = (...changes: PlannedChange[]) => withChanges(CARE_PLAN, changes)
const timer = { kind: 'planned-change', about: 'CarePlan/c', name: 'next', dueAt: at(0) } as const
const rung = (carePlan: CarePlan, minutes: number, openTasks: Task[] = []) =>
  ringPlannedChange({ timer, carePlans: [carePlan], goals: [], openTasks, now: at(minutes), newId: () => 'new' })
const after = ({ requests = [] }: ReturnType<typeof rung>) => requests[0]?.resource as unknown as CarePlan

test('what is written is read, in the order of its moments, beside what else is there', () => {
  const changes = [goesTo('b', 20, THERE), becomes('a', 10, 'on-hold')]
  const carePlan = planned(...changes)
  expect(changesOf(carePlan)).toEqual(changes.toReversed())
  expect(withChanges(carePlan, [])).toEqual(CARE_PLAN)
})

test('the clock stands at the next moment, moves with it, and is gone when nothing is planned', () => {
  const [pause, team] = [becomes('a', 10, 'on-hold'), goesTo('b', 20, THERE)]
  const due = (current: CarePlan | undefined, previous?: CarePlan) =>
    plannedTimers(current, previous).map((one) => (one.act === 'set' ? one.timer.dueAt : one.act))
  expect(due(planned(team, pause))).toEqual([at(10)])
  expect(due(planned(team), planned(team, pause))).toEqual([at(20)])
  expect(due(CARE_PLAN, planned(team))).toEqual(['drop'])
  expect(due(undefined, planned(team))).toEqual(['drop'])
  expect(due({ ...planned(team), status: 'completed' }, planned(team))).toEqual(['drop'])
  expect(due(CARE_PLAN, CARE_PLAN)).toEqual([])
})

test('a pause comes at its moment and not before, and says that it has', () => {
  const carePlan = planned(becomes('a', 10, 'on-hold'), becomes('b', 30, 'active'))
  expect(rung(carePlan, 9)).toMatchObject({ timers: [{ act: 'set', timer: { dueAt: at(10) } }] })
  expect(after(rung(carePlan, 9))).toBeUndefined()
  const paused = after(rung(carePlan, 10))
  expect([paused.status, changesOf(paused)[0]?.outcome, changesOf(paused)[0]?.done]).toEqual([
    ...['on-hold', 'changed', at(10).toISOString()],
  ])
  expect(rung(carePlan, 10).timers).toMatchObject([{ act: 'set', timer: { dueAt: at(30) } }])
  expect(after(rung(paused, 30)).status).toBe('active')
  // Slept through both: it runs, and both are told.
  expect([after(rung(carePlan, 60)).status, changesOf(after(rung(carePlan, 60))).map((one) => one.outcome)]).toEqual([
    ...['active', ['changed', 'changed']],
  ])
})

test('what is so already is not needed; what was ended by somebody stays ended', () => {
  const carePlan = planned(becomes('a', 10, 'on-hold'))
  const paused = after(rung({ ...carePlan, status: 'on-hold' }, 10))
  expect([paused.status, changesOf(paused)[0]?.outcome]).toEqual(['on-hold', 'not-needed'])
  expect(rung({ ...carePlan, status: 'revoked' }, 10)).toMatchObject({ tasks: [], timers: [{ act: 'drop' }] })
  expect(ringPlannedChange({ timer, carePlans: [], goals: [], openTasks: [], now: at(10), newId: () => 'x' })).toEqual({
    ...{ tasks: [], timers: [], trace: [] },
  })
})

test('another team has the plan from its moment on, with what waits in the queue, not with what somebody has taken', () => {
  const waiting = (id: string, owner: string): Task => ({
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', basedOn: [{ reference: 'CarePlan/c' }] },
    owner: { reference: owner },
  })
  const tasks = [waiting('queue', 'CareTeam/here'), waiting('taken', 'Practitioner/1'), waiting('other', 'CareTeam/x')]
  const decided = rung(planned(goesTo('a', 10, THERE), goesTo('b', 20, HERE)), 10, tasks)
  expect(after(decided).careTeam).toEqual([THERE])
  expect(decided.tasks.map(({ task }) => [task.id, task.owner?.reference])).toEqual([['queue', 'CareTeam/there']])
  const back = rung(planned(goesTo('a', 10, THERE), goesTo('b', 20, HERE)), 25, tasks)
  expect([after(back).careTeam, back.tasks.map(({ task }) => task.owner?.reference)]).toEqual([
    [HERE],
    ['CareTeam/here'],
  ])
})

test('a team that may not have the plan on its day does not get it, and whoever has it is told; what may be is done all the same', () => {
  const carePlan = planned(goesTo('a', 10, THERE), becomes('b', 10, 'on-hold'))
  const why = { nb: 'samtykke', nn: 'samtykke', en: 'consent' }
  const facts = { timer, carePlans: [carePlan], goals: [], openTasks: [], now: at(10), newId: () => 'new' }
  const decided = ringPlannedChange({ ...facts, barred: new Map([['a', why]]) })
  const stands = after(decided)
  expect([stands.careTeam, stands.status]).toEqual([[HERE], 'on-hold'])
  expect(changesOf(stands).map(({ outcome }) => outcome)).toEqual(['refused', 'changed'])
  expect(decided.tasks).toMatchObject([
    { act: 'create', task: { owner: HERE, for: { reference: 'Patient/p' }, focus: { reference: 'CarePlan/c' } } },
  ])
  expect(decided.tasks[0]?.task.description).toContain('samtykke')
  // Told once: it is done.
  expect(ringPlannedChange({ ...facts, carePlans: [stands], barred: new Map([['a', why]]) }).tasks).toEqual([])
})

test('however the moments fall and however late a worker comes, it ends as was planned, each change once', () => {
  const change = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom(...PLANNED_STATUSES))
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }),
      (made, waits) => {
        const first = planned(...made.map(([minutes, status], i) => becomes(`c${i}`, minutes, status)))
        let now = 0
        let carePlan = first
        for (const wait of [...waits, 60]) {
          now += wait
          carePlan = after(rung(carePlan, now)) ?? carePlan
          expect(carePlan.status).toBe(statusAt(first, at(now)))
        }
        const outcomes = changesOf(carePlan).filter(({ outcome }) => outcome === 'changed')
        const statuses = ['active', ...outcomes.map(({ status }) => String(status))]
        expect(statuses.slice(1).every((status, i) => mayFollow(String(statuses[i]), status as never))).toBe(true)
      },
    ),
  )
})

test.each([
  ['may not have it', true],
  ['may have it', false],
])('what has ended at the same moment goes to no team that %s, and nobody is told', (_which, isBarred) => {
  const carePlan = planned(becomes('a', 10, 'completed'), goesTo('b', 11, THERE))
  const why = { nb: 'samtykke', nn: 'samtykke', en: 'consent' }
  const decided = ringPlannedChange({
    ...{ timer, carePlans: [carePlan], goals: [], openTasks: [], now: at(12), newId: () => 'new' },
    barred: new Map(isBarred ? [['b', why]] : []),
  })
  const stands = after(decided)
  expect([stands.status, stands.careTeam, decided.tasks]).toEqual(['completed', [HERE], []])
  expect(changesOf(stands).map(({ outcome }) => outcome)).toEqual(['changed', 'not-needed'])
})
