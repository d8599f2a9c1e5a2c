import type { MeasureReport, PlanDefinition, Task } from '@medplum/fhirtypes'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { FORECAST } from '../lifecycle/forecast/forecast-report.ts'
import { UNDERSTAFFED } from '../lifecycle/forecast/understaffed.ts'
import { judgeStaffing } from './shift-staffing.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const PLAN: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', id: 'watched', url: 'http://example.org/watched', status: 'active' },
  extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/minutes-per-task', valuePositiveInt: 60 }],
}
/** The house's clock stands on a Tuesday, 2026-11-10; the week began on Monday by Norwegian clocks. */
const THIS_WEEK = '2026-11-08T23:00:00.000Z'
const WEEK_BEFORE = '2026-11-01T23:00:00.000Z'

/** Ten Tasks of an hour in each weekday's eight hours: two are needed. */
const forecast = (team: string, week: string, date: string | undefined): MeasureReport => ({
  ...{ resourceType: 'MeasureReport', id: `of-${team}`, status: 'pending', type: 'summary', measure: 'http://x/m' },
  identifier: [{ system: FORECAST, value: `${PLAN.url}|CareTeam/${team}|${week}` }],
  ...(date ? { date } : {}),
  period: { start: week },
  evaluatedResource: [{ reference: `CareTeam/${team}` }],
  group: [{ code: { text: 'weekday 07:00–15:00' }, measureScore: { value: 10 } }],
})
const people = (team: string, ...names: string[]) => [
  {
    ...{ resourceType: 'CareTeam', id: team, status: 'active' },
    participant: names.map((name) => ({ member: { reference: `Practitioner/${team}-${name}` } })),
  },
  ...names.map((name) => ({
    ...{ resourceType: 'PractitionerRole', id: `${team}-${name}` },
    practitioner: { reference: `Practitioner/${team}-${name}` },
  })),
]
const judge = (team: string, plansInForce = [PLAN]) =>
  inTransaction(house.pool, (tx) =>
    judgeStaffing({ store: house.store, now: () => house.clock.now }, tx, {
      teams: [`CareTeam/${team}`],
      plansInForce,
    }),
  )
async function tasksOf(team: string): Promise<Task[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'Task' AND NOT deleted ORDER BY rk`,
  )
  return rows
    .map(({ content }) => JSON.parse(content) as Task)
    .filter(({ code, owner }) => code?.coding?.[0]?.code === UNDERSTAFFED && owner?.reference === `CareTeam/${team}`)
}
const told = async (team: string) =>
  (await tasksOf(team)).map(({ status, statusReason }) => [status, statusReason?.text].filter(Boolean).join(': '))

test('a team that is short has one Task, which is taken back when there are enough', async () => {
  await house.put(...people('short', '1'), forecast('short', THIS_WEEK, '2026-11-09T00:05:00Z'))
  await judge('short')
  await judge('short')
  expect(await told('short')).toEqual(['requested'])
  await house.put(...people('short', '1', '2'))
  await judge('short')
  expect(await told('short')).toEqual(['cancelled: Vaktene har nok folk.'])
})

test('a team of which nobody is known any more is not told as staffed', async () => {
  await house.put(...people('left', '1'), forecast('left', THIS_WEEK, '2026-11-09T00:05:00Z'))
  await judge('left')
  expect(await told('left')).toEqual(['requested'])
  await house.put(...people('left'))
  await judge('left')
  expect(await told('left')).toEqual(['requested'])
})

test('a team from which no plan in force expects anything is not told as staffed, but that nothing is expected', async () => {
  await house.put(...people('free', '1'), forecast('free', THIS_WEEK, '2026-11-09T00:05:00Z'))
  await judge('free')
  await judge('free', [])
  expect(await told('free')).toEqual(['cancelled: Ingen plan som gjelder, venter lenger arbeid på vaktene.'])
})

test.each([
  ['in its week', THIS_WEEK, '2026-11-09T00:05:00Z', 1],
  ['in the week before', WEEK_BEFORE, '2026-11-02T00:05:00Z', 1],
  ['at the moment that the week before began', WEEK_BEFORE, WEEK_BEFORE, 1],
  ['a moment earlier, which is of no week that counts', WEEK_BEFORE, '2026-11-01T22:59:59Z', 0],
  ['earlier, of an earlier week', '2026-10-25T23:00:00.000Z', '2026-10-26T00:05:00Z', 0],
  ['now, of an earlier week', '2026-10-25T23:00:00.000Z', '2026-11-10T00:05:00Z', 0],
  ['at no time', THIS_WEEK, undefined, 1],
] as const)('a forecast that is dated %s', async (what, week, date, count) => {
  const team = `dated-${what.length}`
  await house.put(...people(team, '1'), forecast(team, week, date))
  await judge(team)
  expect(await told(team)).toHaveLength(count)
})
