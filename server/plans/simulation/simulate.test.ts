import type { CarePlan, ServiceRequest, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../../access/engine-access.ts'
import { OCCURRENCE_POLICY } from '../../core/decide/schedule/policy.ts'
import { snoozeTask } from '../../core/decide/task/snooze.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { sql } from '../../db/sql.ts'
import { settleHere } from '../../expressions/expressions.ts'
import type { SimulationAsked } from '../../lifecycle/simulation.ts'
import { skipEvents } from '../cursor.ts'
import { startTestHouse, type TestHouse } from '../test-house.ts'
import { reactToAll } from '../test-steps.ts'
import { readCohort } from './cohort.ts'
import { type SimulationRooms, simulate } from './simulate.ts'

let house: TestHouse
let rooms: SimulationRooms

beforeAll(async () => {
  house = await startTestHouse()
  rooms = { pool: house.pool, settle: settleHere, readBook: house.readBook }
  await skipEvents(house.pool)
  await liveThrough()
})
afterAll(() => house.stop())

/** Time passes as it does for a worker that never sleeps: each clock rings at its own moment. */
async function passTo(moment: Date): Promise<void> {
  for (;;) {
    const { rows } = await house.pool.query<{ due: Date | null }>(
      sql`SELECT min(due_at) AS due FROM timer WHERE due_at < ${moment.toISOString()}::timestamptz`,
    )
    const due = rows[0]?.due
    if (!due) break
    house.clock.now = due > house.clock.now ? due : house.clock.now
    await reactToAll(house)
  }
  house.clock.now = moment
  await reactToAll(house)
}

const START = new Date('2026-11-10T08:00:00Z')
const hour = (hours: number) => new Date(START.getTime() + hours * 3_600_000)
const END = hour(24 * 6)
const PATIENTS = ['anne', 'bjorn', 'carl']

const askForWeight = (patient: string): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: `${patient}-weight`,
  status: 'active',
  intent: 'order',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' },
  subject: { reference: `Patient/${patient}` },
  basedOn: [{ reference: `CarePlan/${patient}-copd` }],
  occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] } },
  extension: [
    { url: OCCURRENCE_POLICY, extension: [{ url: 'grace', valueDuration: { value: 1, unit: 'h', code: 'h' } }] },
  ],
})

async function change<T extends Resource>(type: string, id: string, by: (before: T) => T): Promise<void> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = ${type} AND id = ${id}`,
  )
  await house.put(by(JSON.parse(rows[0]?.content ?? '{}') as T))
}

const openTasksOf = async (patient: string) =>
  (await house.tasksOf(patient)).filter(({ status }) => status === 'requested')

/** What a nurse does with the oldest Task that waits. */
async function work(patient: string, by: (task: Task) => Task): Promise<void> {
  const [task] = await openTasksOf(patient)
  if (task) await house.put(by(task))
}
const done = (task: Task): Task => ({
  ...task,
  status: 'completed',
  executionPeriod: { end: house.clock.now.toISOString() },
})

const remove = (id: string) =>
  house.store.write(engineAccess('test'), { interaction: 'delete', type: 'Observation', id })
const withdraw = (one: Resource): Resource => ({ ...one, status: 'entered-in-error' })
const correct = (one: Resource): Resource => ({
  ...one,
  status: 'corrected',
  valueQuantity: { value: 86, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})
const raiseLimits = (goal: Resource): Resource =>
  JSON.parse(JSON.stringify(goal).replace('"value":90', '"value":93').replace('"value":88', '"value":90'))

async function snoozeYellow(patient: string): Promise<void> {
  const task = (await openTasksOf(patient)).find(({ businessStatus }) => businessStatus?.coding?.[0]?.code === 'yellow')
  const until = new Date(house.clock.now.getTime() + 30 * 3_600_000)
  const by = { reference: 'Practitioner/nurse' }
  if (task) await house.put(snoozeTask(task, { reason: 'kjent', until, by, now: house.clock.now }))
}

/** Six days of three people: good and bad values, artefacts, corrections, other limits, a pause, an end, work that is done, and silence. */
async function liveThrough(): Promise<void> {
  house.clock.now = START
  for (const patient of PATIENTS) {
    await house.put({ resourceType: 'Patient', id: patient })
    await house.enrol(patient)
    await house.put(askForWeight(patient))
  }
  await reactToAll(house)
  const measured: Record<string, string[]> = { anne: [], bjorn: [], carl: [] }
  for (let step = 1; step < 6 * 4; step++) {
    await passTo(hour(step * 6))
    for (const [i, patient] of PATIENTS.entries()) {
      // Carl is silent for two days.
      if (patient === 'carl' && step > 7 && step < 16) continue
      const value = [95, 91, 89, 84, 96, 40, 93, 87][(step * 5 + i * 3) % 8] ?? 95
      measured[patient]?.push(await house.measure(patient, value))
    }
    await reactToAll(house)
    await passTo(hour(step * 6 + 1))
    if (step % 3 === 0) for (const patient of PATIENTS) await work(patient, done)
    if (step === 7) await work('anne', (task) => ({ ...task, status: 'cancelled', statusReason: { text: 'feil' } }))
    if (step === 9) await change('Goal', 'anne-spo2', raiseLimits)
    if (step === 11) await change('Observation', String(measured.bjorn?.at(-1)), withdraw)
    if (step === 12) await change('Observation', String(measured.anne?.at(-1)), correct)
    if (step === 13) await remove(String(measured.anne?.at(-2)))
    if (step === 15)
      await change<Resource & CarePlan>('CarePlan', 'bjorn-copd', (one) => ({ ...one, status: 'on-hold' }))
    if (step === 18)
      await change<Resource & CarePlan>('CarePlan', 'bjorn-copd', (one) => ({ ...one, status: 'active' }))
    if (step === 19) await snoozeYellow('anne')
    await reactToAll(house)
  }
  await passTo(END)
}

const asked: SimulationAsked = { plan: 'copd', start: START, end: END, clock: 'stored' }

type Shown = { made: Task; task: Task; at: Date }

/** All that matters of a Task, but for its ids. */
const shown = ({ made, task, at }: Shown) => ({
  at: at.toISOString(),
  finding: made.identifier?.[0]?.value?.replace(/^Task\/[^|]+/, 'Task/…'),
  colour: task.businessStatus?.coding?.[0]?.code,
  ...{ status: task.status, priority: task.priority, owner: task.owner?.reference, reason: task.reasonCode?.text },
  evidence: task.input?.map(({ valueReference }) => valueReference?.reference?.replace(/^Task\/.*/, 'Task/…')),
})

test('the version in force, played over what happened, makes the very Tasks that were made', async () => {
  const pairs: { simulated: Shown; real: Shown }[] = []
  const { tally, ...ran } = await simulate(rooms, asked, {
    onPatient: (_patient, _simulated, { matches }) => {
      pairs.push(...matches.flatMap(({ real, simulated }) => (simulated ? [{ real, simulated }] : [])))
    },
  })
  // The engine was there from the first day.
  expect(ran.recordedDays).toBeGreaterThan(0.9 * ran.patientDays)
  expect(ran).toMatchObject({ patientCount: 3, patientsDone: 3, failures: [] })
  expect(tally.total.actual).toBeGreaterThan(25)
  expect(tally.outcomes).toEqual({ same: tally.total.actual, covered: 0, missed: 0, fresh: 0, missedActedOn: 0 })
  expect(tally.total.simulated).toBe(tally.total.actual)
  expect(pairs.map(({ simulated }) => shown(simulated))).toEqual(pairs.map(({ real }) => shown(real)))
})

test('a cohort is whoever names the plan in any version or in none, and nobody of a plan whose url begins alike', async () => {
  const url = 'http://example.org/PlanDefinition/cohort'
  const named = { 'with-version': `${url}|2.0.0`, 'by-url': url, 'begins-alike': `${url}-2|1.0.0`, 'begins-later': url }
  await house.put(
    ...Object.entries(named).map(([id, canonical]) => ({
      ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', instantiatesCanonical: [canonical] },
      ...{
        subject: { reference: `Patient/${id}` },
        period: { start: hour(id === 'begins-later' ? 9_999 : 0).toISOString() },
      },
    })),
  )
  const cohort = await readCohort(house.pool, { url, start: START, end: END })
  expect(cohort.map(({ patient }) => patient)).toEqual(['by-url', 'with-version'])
})
