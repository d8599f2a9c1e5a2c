import type { PlanDefinition, Task } from '@medplum/fhirtypes'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import { sql } from '../db/sql.ts'
import { settleHere } from '../expressions/expressions.ts'
import { ALARM_BUDGET } from '../lifecycle/extensions.ts'
import { openLog } from '../log.ts'
import { measureAlarmRate } from './alarm-rate.ts'
import { createAlarmWatch } from './alarm-watch.ts'
import type { KeeperRooms } from './keeper.ts'
import { NOBODY_MOVES, startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse
let rooms: KeeperRooms
const URL = 'http://example.org/fhir/PlanDefinition/loud'

const plan: PlanDefinition = {
  resourceType: 'PlanDefinition',
  id: 'loud',
  url: URL,
  version: '1.0.0',
  status: 'active',
  title: 'Høylytt',
  extension: [
    {
      url: ALARM_BUDGET,
      extension: [
        { url: 'tasksPer100PatientDays', valueDecimal: 4 },
        { url: 'actedOnPercent', valueDecimal: 40 },
      ],
    },
  ],
  action: [{ id: 'low', title: 'Lav verdi' }],
}

beforeAll(async () => {
  house = await startTestHouse()
  rooms = {
    ...{ pool: house.pool, store: house.store, now: () => house.clock.now, onCommit: () => {} },
    ...{ settle: settleHere, rateOf: measureAlarmRate, log: openLog('silent'), ...NOBODY_MOVES },
  }
  await house.put(
    plan,
    ...['a', 'b'].map((id) => ({
      ...{ resourceType: 'CarePlan', id: `loud-${id}`, status: 'active', intent: 'plan' },
      subject: { reference: `Patient/${id}` },
      instantiatesCanonical: [`${URL}|1.0.0`],
      period: { start: '2026-09-01T00:00:00Z' },
    })),
  )
})
afterAll(() => house.stop())

const day = (days: number) => new Date(Date.parse('2026-11-10T08:00:00Z') + days * 86_400_000)

/** Tasks that the rule made, so many days after the tenth of November. */
const rang = (days: number, status: Task['status'], count: number) =>
  house.put(
    ...Array.from({ length: count }, (_, i) => ({
      ...{ resourceType: 'Task', id: `t-${days}-${status}-${i}`, intent: 'order', status },
      identifier: [{ system: FINDING, value: `${URL}|low|Patient/a|${days} ${status} ${i}` }],
      instantiatesCanonical: `${URL}|1.0.0`,
      for: { reference: 'Patient/a' },
      authoredOn: day(days).toISOString(),
    })),
  )

/** The duty as it is done at this moment, by a keeper that has just started. */
async function keep(at: Date): Promise<void> {
  house.clock.now = at
  const watch = createAlarmWatch()
  while (await watch(rooms)) {
    // Until no clock is left that rings.
  }
}

async function budgetTasks(): Promise<Task[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'Task' AND strpos(content, 'alarm-budget-exceeded') > 0 ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}

test('a plan beyond its budget has one Task, day after day, until it is within it again', async () => {
  await rang(-1, 'completed', 2)
  await keep(day(0))
  // Two Tasks in sixty days of patients are 3.3 per hundred.
  expect(await budgetTasks()).toEqual([])

  await rang(0, 'cancelled', 4)
  await keep(new Date(day(0).getTime() + 3_600_000))
  expect(await budgetTasks()).toEqual([])
  await keep(day(1))
  const [task, ...others] = await budgetTasks()
  expect(others).toEqual([])
  expect(task).toMatchObject({
    status: 'requested',
    focus: { reference: 'PlanDefinition/loud' },
    reasonCode: {
      text: '10 oppgaver per 100 pasientdager, lovet er høyst 4; 33.3 % av dem førte til noe, lovet er minst 40 % (siste 30 dager)',
    },
    input: [{ type: { text: 'Lav verdi' }, valueString: '6 oppgaver, 33 % førte til noe' }],
  })

  await rang(1, 'completed', 3)
  await Promise.all([keep(day(2)), keep(day(2))])
  const [joined, ...more] = await budgetTasks()
  expect(more).toEqual([])
  expect([joined?.id, joined?.input?.[0]?.valueString]).toEqual([task?.id, '9 oppgaver, 56 % førte til noe'])

  // A month later nothing has rung for a long time.
  await keep(day(40))
  expect((await budgetTasks()).map(({ status, statusReason }) => [status, statusReason?.text])).toEqual([
    ['cancelled', 'Varslene er innenfor budsjettet igjen.'],
  ])
})
