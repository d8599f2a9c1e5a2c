import type { CarePlan, PlanDefinition, ServiceRequest, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { OCCURRENCE_POLICY } from '../core/decide/schedule/policy.ts'
import { snoozeTask } from '../core/decide/task/snooze.ts'
import { withMarks } from '../core/decide/task/task-marks.ts'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { settleHere } from '../expressions/expressions.ts'
import { openLog } from '../log.ts'
import { setActivation } from './activation-timer.ts'
import { keepActivations } from './activations.ts'
import { skipEvents } from './cursor.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import type { KeeperRooms } from './keeper.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { createPeriodKeeping } from './periods.ts'
import { NOBODY_MOVES, startTestHouse, type TestHouse } from './test-house.ts'
import { die, dyingStore, randomSteps, reactToAll } from './test-steps.ts'

const HOUR = 3_600_000
const START = Date.parse('2026-11-10T08:00:00Z')
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }

let house: TestHouse
beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

/** What has a moment that comes: the kinds of timers beside a plan's own clock, which timers.test.ts is about. */
const KINDS = ['goal', 'deadline', 'snooze', 'missing', 'reminder', 'closing', 'activation'] as const
type Kind = (typeof KINDS)[number]
type Moments = Record<Kind, number>

/** Hours from the start, each with minutes of its own, so that no two come at once. */
const moments: fc.Arbitrary<Moments> = fc
  .tuple(...KINDS.map((_, i) => fc.integer({ min: 1, max: 200 }).map((hours) => START + hours * HOUR + i * 60_000)))
  .map((all) => Object.fromEntries(KINDS.map((kind, i) => [kind, all[i]])) as Moments)
const steps = randomSteps(['pass'], { hoursMax: 90, countMax: 5 })

const at = (moment: number) => new Date(moment).toISOString()

function planted(patient: string, due: Moments): object[] {
  const subject = { reference: `Patient/${patient}` }
  const task = (id: string): Task => ({
    ...{ resourceType: 'Task', id: `${patient}-${id}`, status: 'requested', intent: 'order', priority: 'routine' },
    ...{ for: subject, description: id },
  })
  const request = (id: string, moment: number, ...policy: object[]): ServiceRequest => ({
    ...{
      resourceType: 'ServiceRequest',
      id: `${patient}-${id}`,
      status: 'active',
      intent: 'order',
      code: WEIGHT,
      subject,
    },
    occurrenceDateTime: at(moment),
    extension: [{ url: OCCURRENCE_POLICY, extension: policy as never }],
  })
  const days = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: 'd' })
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status: 'active', intent: 'plan', subject },
    instantiatesCanonical: [`http://example.org/${patient}|1.0.0`],
    period: { start: at(START), end: at(due.closing) },
  }
  const draft: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', id: `${patient}-draft`, status: 'draft', version: '2.0.0' },
    ...{ url: `http://example.org/${patient}`, title: patient },
  }
  const snoozed = { reason: 'Kjent', until: new Date(due.snooze), by: { display: 'Sykepleier' }, now: new Date(START) }
  return [
    withMarks(task('marked'), [
      { kind: 'goal', at: new Date(due.goal), steps: [{ act: 'notify' }] },
      { kind: 'deadline', at: new Date(due.deadline), steps: [{ act: 'notify' }] },
    ]),
    snoozeTask(task('snoozed'), snoozed),
    request('missing', due.missing, { url: 'grace', valueDuration: days(0) }),
    // The time in which it may be done is longer than the test, so the reminder is never over.
    ...[
      request(
        'reminder',
        due.reminder,
        { url: 'reminder', valueDuration: days(0) },
        { url: 'grace', valueDuration: days(30) },
      ),
    ],
    carePlan,
    draft,
  ]
}

/** What has been done so far, counted in another way than it was done: by what stands in the database. */
async function effectsOf(patient: string): Promise<Moments> {
  const { rows } = await house.pool.query<{ type: string; content: string }>(sql`
    SELECT type, content FROM resource
     WHERE type IN ('Task', 'CommunicationRequest', 'CarePlan', 'Composition') AND NOT deleted
       AND strpos(content, ${patient}) > 0`)
  const all = rows.map(({ content }) => JSON.parse(content) as Task)
  const count = (text: string, type: string) =>
    all.filter((one) => one.resourceType === type && JSON.stringify(one).includes(text)).length
  const marked = all.find(({ id }) => id === `${patient}-marked`)
  const moments = (kind: string) =>
    (marked?.extension ?? [])
      .filter(({ extension = [] }) => extension.some(({ valueCode }) => valueCode === kind))
      .flatMap(({ extension = [] }) => extension.find(({ url }) => url === 'passed')?.valueDateTime ?? [])
  const passed = (kind: string) => moments(kind).length
  const snoozed = all.find(({ id }) => id === `${patient}-snoozed`)
  const notices = count(`"Task/${patient}-marked"`, 'CommunicationRequest')
  // A notice too many, or one too few, shows in both marks. Marks that pass at one moment tell the same person once.
  const isTold = notices === new Set([...moments('goal'), ...moments('deadline')]).size
  return {
    goal: isTold ? passed('goal') : Number.NaN,
    deadline: isTold ? passed('deadline') : Number.NaN,
    snooze: snoozed?.status === 'requested' ? (snoozed.note?.length ?? 0) : 0,
    missing: count(`${patient}-missing|occurrence-missing`, 'Task'),
    reminder: count(`ServiceRequest/${patient}-reminder`, 'CommunicationRequest'),
    closing: count(`CarePlan/${patient}-plan`, 'Composition'),
    activation: count(`PlanDefinition/${patient}-draft`, 'Task'),
  }
}

const keeperRooms = (store = house.store): KeeperRooms => ({
  ...{ pool: house.pool, store, now: () => house.clock.now, onCommit: () => {}, readBook },
  ...{ settle: settleHere, rateOf: async () => undefined, log: openLog('silent'), ...NOBODY_MOVES },
})

const readBook = keepPlanBook()

/** @param dies each of its acts is killed after it has written and before it commits */
async function keep({ dies }: { dies: boolean }): Promise<void> {
  const rooms = keeperRooms(dies ? dyingStore(house.store) : house.store)
  const followed = createEnrolmentKeeping()
  for (const duty of [followed, createPeriodKeeping(), keepActivations, createEnrolmentKeeping()]) {
    if (dies) await duty(rooms).catch(() => {})
    else while (await duty(rooms));
  }
}

test('of every kind each timer does its work once, neither too early nor twice, whoever is killed and however time jumps', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(moments, steps, async (due, given) => {
      const patient = `moment-${process.pid}-${run++}-`
      house.clock.now = new Date(START)
      await house.pool.query('DELETE FROM timer')
      await house.put(...planted(patient, due))
      const asked = { at: new Date(due.activation), share: 100, actor: 'Practitioner/leder' }
      await inTransaction(house.pool, (tx) => setActivation(tx, `${patient}-draft`, asked))
      await reactToAll(house)
      await keep({ dies: false })
      const toTheEnd = { act: 'pass' as const, hours: 500, dies: false, workers: 1 }
      for (const { hours, dies, workers } of [...given, toTheEnd]) {
        house.clock.now = new Date(house.clock.now.getTime() + hours * HOUR)
        if (dies) await Promise.all([die(house), keep({ dies })])
        await Promise.all([reactToAll(house, workers), ...Array.from({ length: workers }, () => keep({ dies: false }))])
        if (dies) await die(house)
        await reactToAll(house)
        // One keeper may have passed by what another was still at.
        await keep({ dies: false })
        const isOver = (kind: Kind) => [kind, Number(due[kind] <= house.clock.now.getTime())]
        expect(await effectsOf(patient)).toEqual(Object.fromEntries(KINDS.map(isOver)))
      }
    }),
    { numRuns: 5 },
  )
})

test('an enrolment that cannot be ended holds up no other, is told to the operator and tried again an hour later', async () => {
  const ids = ['first', 'broken', 'last'].map((name) => `ends-${name}`)
  house.clock.now = new Date(START)
  const end = new Date(START + HOUR)
  await house.put(
    ...ids.map((id, i) => ({
      ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: { reference: `Patient/${id}` } },
      instantiatesCanonical: ['http://example.org/plan|1.0.0'],
      period: { end: new Date(end.getTime() + i).toISOString() },
    })),
  )
  await keep({ dies: false })
  house.clock.now = new Date(end.getTime() + HOUR)
  const store: typeof house.store = {
    ...house.store,
    writeIn(tx, access, changes, options) {
      if (changes.some(({ id }) => id === 'ends-broken')) throw new Error('cannot be written')
      return house.store.writeIn(tx, access, changes, options)
    },
  }
  const duty = createPeriodKeeping()
  const act = () => duty(keeperRooms(store)).catch(() => true)
  while (await act());
  const { rows } = await house.pool.query<{ id: string; status: string }>(
    sql`SELECT id, content::jsonb->>'status' AS status FROM resource WHERE type = 'CarePlan' AND id = ANY (${ids}) ORDER BY id`,
  )
  expect(rows).toEqual([
    { id: 'ends-broken', status: 'active' },
    { id: 'ends-first', status: 'completed' },
    { id: 'ends-last', status: 'completed' },
  ])
  const { rows: told } = await house.pool.query(
    sql`SELECT error FROM engine_set_aside WHERE happening LIKE ${'period %'}`,
  )
  expect(told).toMatchObject([{ error: expect.stringContaining('cannot be written') }])
  house.clock.now = new Date(house.clock.now.getTime() + HOUR)
  await keep({ dies: false })
  const { rows: later } = await house.pool.query(
    sql`SELECT content::jsonb->>'status' AS status FROM resource WHERE type = 'CarePlan' AND id = 'ends-broken'`,
  )
  expect(later).toEqual([{ status: 'completed' }])
})
