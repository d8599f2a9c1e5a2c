import type { CarePlan, PlanDefinition, Task, Timing } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { nextMark } from '../core/decide/task/task-marks.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import type { Store } from '../store/store.ts'
import { skipEvents } from './cursor.ts'
import { type ReactRooms, react } from './react.ts'
import { COPD_PLAN, startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse
let rooms: ReactRooms

beforeAll(async () => {
  house = await startTestHouse()
  rooms = { pool: house.pool, store: house.store, readBook: house.readBook, now: () => house.clock.now }
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

/** Rounds until there is nothing left to do. */
async function reactToAll(with_: ReactRooms = rooms, countMax = 200): Promise<number> {
  for (let tasks = 0; ; ) {
    const done = await react(with_, { countMax })
    tasks += done.taskCount
    if (!done.more && !done.waiting) return tasks
  }
}

const colours = (tasks: Task[]) => tasks.map((task) => task.businessStatus?.coding?.[0]?.code)

test('84 % makes exactly one red Task, 89 % a yellow one, 95 % none', async () => {
  await Promise.all(['a84', 'a89', 'a95'].map((patient) => house.enrol(patient)))
  const id = await house.measure('a84', 84)
  await house.measure('a89', 89)
  await house.measure('a95', 95)
  await reactToAll()
  const [red, ...others] = await house.tasksOf('a84')
  expect(others).toEqual([])
  expect(red).toMatchObject({
    status: 'requested',
    intent: 'order',
    priority: 'stat',
    businessStatus: { coding: [{ code: 'red', display: 'Rød' }] },
    for: { reference: 'Patient/a84' },
    focus: { reference: `Observation/${id}` },
    reasonReference: { reference: `Observation/${id}` },
    reasonCode: { text: 'SpO2 84 %, rød grense 88 %' },
    basedOn: [{ reference: 'CarePlan/a84-copd' }],
    owner: { reference: 'CareTeam/response' },
    performerType: [{ coding: [{ code: 'response-nurse' }] }],
    restriction: { period: { end: '2026-11-10T08:30:00.000Z' } },
    instantiatesCanonical: COPD_PLAN,
    input: [{ valueReference: { reference: `Observation/${id}/_history/1`, display: 'SpO2 84 %' } }],
  })
  expect(colours(await house.tasksOf('a89'))).toEqual(['yellow'])
  expect(await house.tasksOf('a95')).toEqual([])
})

test('the decision behind a Task is kept, with what each condition saw', async () => {
  await house.enrol('why')
  const id = await house.measure('why', 84)
  await reactToAll()
  const [task] = await house.tasksOf('why')
  const { rows } = await house.pool.query(sql`SELECT happening, plan, trace FROM decision WHERE tasks @> ${[task?.id]}`)
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    happening: `Observation/${id}/_history/1`,
    plan: COPD_PLAN,
  })
  const red = rows[0].trace.find(({ actionId }: { actionId: string }) => actionId === 'spo2-red')
  expect(red).toMatchObject({ outcome: 'applicable', conditions: [{ outcome: 'true' }] })
  expect(red.conditions[0].seen.limits).toContainEqual(
    expect.objectContaining({ zone: 'red', value: 88, observed: 84, source: 'patient', hit: true }),
  )
})

test('who is not enrolled, or whose plan is on hold, gets no Task', async () => {
  await house.enrol('held', 'on-hold')
  await house.measure('held', 84)
  await house.measure('stranger', 84)
  await reactToAll()
  expect(await house.tasksOf('held')).toEqual([])
  expect(await house.tasksOf('stranger')).toEqual([])
})

/** When the clocks of a patient's Tasks ring: without one, no deadline of theirs would ever pass. */
async function marksDueFor(patient: string): Promise<Date[]> {
  const { rows } = await house.pool.query<{ due_at: Date }>(
    sql`SELECT due_at FROM timer WHERE patient = ${patient} AND kind = 'task-mark' ORDER BY due_at`,
  )
  return rows.map(({ due_at }) => due_at)
}

test('who is enrolled in a plan that nobody knows gets a Task, not silence', async () => {
  await house.enrol('lost')
  const carePlan = JSON.parse((await house.store.read(engineAccess('test'), 'CarePlan', 'lost-copd')).text ?? '')
  await house.put({ ...carePlan, instantiatesCanonical: ['http://example.org/none|1'] })
  await reactToAll()
  await house.put({ ...carePlan, instantiatesCanonical: ['http://example.org/none|1'] })
  await reactToAll()
  const tasks = await house.tasksOf('lost')
  expect(tasks.map((task) => task.code?.coding?.[0]?.code)).toEqual(['rule-unevaluable'])
  expect(await marksDueFor('lost')).toEqual([nextMark(tasks[0] as Task)])
})

test.each([
  ['before it writes', false],
  ['after it has written', true],
])('a round that dies %s leaves nothing behind, and the next one does all of it once', async (name, afterwards) => {
  const patient = `dies-${afterwards}`
  await house.enrol(patient)
  await reactToAll()
  await house.measure(patient, 84)
  const dying: ReactRooms = {
    ...rooms,
    store: {
      newId: house.store.newId,
      newIdFor: house.store.newIdFor,
      async writeIn(tx, ...rest) {
        if (afterwards) await house.store.writeIn(tx, ...rest)
        throw new Error(`killed ${name}`)
      },
    },
  }
  await expect(reactToAll(dying)).rejects.toThrow('killed')
  expect(await house.tasksOf(patient)).toEqual([])
  await reactToAll()
  await reactToAll()
  expect(colours(await house.tasksOf(patient))).toEqual(['red'])
  const { rows } = await house.pool.query(sql`SELECT 1 FROM decision WHERE patient = ${patient}`)
  expect(rows).toHaveLength(1)
})

test('a connection that the server cuts in the middle of a round leaves nothing behind either', async () => {
  await house.enrol('cut')
  await reactToAll()
  await house.measure('cut', 84)
  const cutting: ReactRooms = {
    ...rooms,
    store: {
      newId: house.store.newId,
      newIdFor: house.store.newIdFor,
      async writeIn(tx, ...rest) {
        const written = await house.store.writeIn(tx, ...rest)
        const { rows } = await tx.query('SELECT pg_backend_pid() AS pid')
        await house.pool.query(sql`SELECT pg_terminate_backend(${rows[0].pid})`)
        return written
      },
    },
  }
  await expect(reactToAll(cutting)).rejects.toThrow()
  await reactToAll()
  expect(colours(await house.tasksOf('cut'))).toEqual(['red'])
})

test('four workers at once over many patients make each Task once, and evidence once each in order', async () => {
  const patients = Array.from({ length: 24 }, (_, i) => `many-${i}`)
  await Promise.all(patients.map((patient) => house.enrol(patient)))
  const measured = new Map<string, string[]>(patients.map((patient) => [patient, []]))
  const measuring = (async () => {
    for (let i = 0; i < 5; i++) {
      await Promise.all(patients.map(async (patient) => measured.get(patient)?.push(await house.measure(patient, 84))))
    }
  })()
  const work = async () => {
    for (let idle = 0; idle < 20; ) {
      const done = await react(rooms, { countMax: 7 })
      idle = done.more || done.waiting ? 0 : idle + 1
    }
  }
  await Promise.all([measuring, work(), work(), work(), work()])
  await reactToAll()
  for (const patient of patients) {
    const tasks = await house.tasksOf(patient)
    expect(colours(tasks)).toEqual(['red'])
    expect(tasks[0]?.input?.map((input) => input.valueReference?.reference?.split('/')[1])).toEqual(
      measured.get(patient),
    )
  }
})

test('a Task that a person has taken keeps its owner and status when new evidence joins it', async () => {
  await house.enrol('taken')
  await house.measure('taken', 84)
  await reactToAll()
  const [task] = await house.tasksOf('taken')
  await house.put({ ...task, status: 'in-progress', owner: { reference: 'Practitioner/kari' } })
  const second = await house.measure('taken', 83)
  await reactToAll()
  const tasks = await house.tasksOf('taken')
  expect(tasks).toHaveLength(1)
  expect(tasks[0]).toMatchObject({
    status: 'in-progress',
    owner: { reference: 'Practitioner/kari' },
    focus: { reference: `Observation/${second}` },
    reasonCode: { text: 'SpO2 83 %, rød grense 88 %' },
  })
  expect(tasks[0]?.input).toHaveLength(2)
})

test('a person who changes the Task in the middle of a round wins, and the round is done again with what they wrote', async () => {
  await house.enrol('race')
  await house.measure('race', 84)
  await reactToAll()
  const [task] = await house.tasksOf('race')
  await house.measure('race', 83)
  let raced = false
  const racing: ReactRooms = {
    ...rooms,
    store: {
      newId: house.store.newId,
      newIdFor: house.store.newIdFor,
      async writeIn(...args: Parameters<Store['writeIn']>) {
        if (!raced) {
          raced = true
          await house.put({ ...task, status: 'in-progress' } as Resource)
        }
        return house.store.writeIn(...args)
      },
    },
  }
  await expect(reactToAll(racing)).rejects.toThrow()
  await reactToAll(racing)
  expect(await house.tasksOf('race')).toMatchObject([{ status: 'in-progress', input: [{}, {}] }])
})

test('a correction takes the Task back while nobody has begun with it', async () => {
  await house.enrol('corrected')
  const id = await house.measure('corrected', 84)
  await reactToAll()
  const observation = JSON.parse((await house.store.read(engineAccess('test'), 'Observation', id)).text ?? '')
  await house.put({ ...observation, status: 'corrected', valueQuantity: { ...observation.valueQuantity, value: 94 } })
  await reactToAll()
  expect(await house.tasksOf('corrected')).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Målingen er rettet; regelen slår ikke lenger til.' } },
  ])
})

test('a measurement that is deleted takes its Task back', async () => {
  await house.enrol('deleted')
  const id = await house.measure('deleted', 84)
  await reactToAll()
  await house.store.write(engineAccess('test'), { interaction: 'delete', type: 'Observation', id })
  await reactToAll()
  expect(await house.tasksOf('deleted')).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Målingen er trukket tilbake.' } },
  ])
})

test('what the core itself cannot take is set aside with a Task, and the round goes on for the others', async () => {
  await Promise.all([house.enrol('odd'), house.enrol('even')])
  await reactToAll()
  const odd = await house.measure('odd', 84)
  await house.measure('even', 84)
  const failing: ReactRooms = {
    ...rooms,
    store: {
      writeIn: house.store.writeIn,
      newId: house.store.newId,
      newIdFor(patient) {
        // The first time it is asked for this patient, as a fault in the middle of deciding would.
        if (patient === 'odd' && failures++ === 0) throw new RangeError('odd facts')
        return house.store.newIdFor(patient)
      },
    },
  }
  let failures = 0
  await reactToAll(failing)
  expect(await house.tasksOf('odd')).toMatchObject([
    { code: { coding: [{ code: 'rule-unevaluable' }] }, reasonCode: { text: expect.stringContaining('odd facts') } },
  ])
  expect(colours(await house.tasksOf('even'))).toEqual(['red'])
  const { rows } = await house.pool.query(sql`SELECT happening FROM engine_set_aside WHERE patient = 'odd'`)
  expect(rows).toEqual([{ happening: `Observation/${odd}/_history/1` }])
  expect(await marksDueFor('odd')).toEqual((await house.tasksOf('odd')).map(nextMark))
})

test('who is enrolled in a version stays with it, also when a newer one is stored or all is deleted', async () => {
  await house.enrol('stays')
  const access = engineAccess('test')
  const stored = JSON.parse((await house.store.read(access, 'PlanDefinition', 'copd')).text ?? '')
  await house.put({ ...stored, version: '2.0.0', action: undefined })
  await house.measure('stays', 84)
  await reactToAll()
  expect(colours(await house.tasksOf('stays'))).toEqual(['red'])
  await house.store.write(access, { interaction: 'delete', type: 'PlanDefinition', id: 'copd' })
  await house.measure('stays', 89)
  await reactToAll()
  expect(colours(await house.tasksOf('stays'))).toEqual(['red', 'yellow'])
  await house.put(stored)
})

test('a clock rings once when nothing is measured, and a paused plan has none', async () => {
  house.clock.now = new Date('2026-11-10T08:00:00Z')
  await house.enrol('silent')
  await house.enrol('pausing')
  await reactToAll()
  await house.enrol('pausing', 'on-hold')
  await reactToAll()
  house.clock.now = new Date('2026-11-12T07:59:59Z')
  await reactToAll()
  expect(await house.tasksOf('silent')).toEqual([])
  house.clock.now = new Date('2026-11-12T08:00:01Z')
  await Promise.all([reactToAll(), reactToAll(), reactToAll()])
  expect(await house.tasksOf('silent')).toMatchObject([
    { code: { coding: [{ code: 'missing-measurement' }] }, reasonCode: { text: 'Ingen måling av SpO2 på to dager' } },
  ])
  expect(await house.tasksOf('pausing')).toEqual([])
  const { rows } = await house.pool.query(sql`SELECT due_at FROM timer WHERE patient = 'silent' AND kind = 'rule'`)
  expect(rows).toEqual([{ due_at: new Date('2026-11-14T08:00:00.000Z') }])
  house.clock.now = new Date('2026-11-10T08:00:00Z')
})

test('a clock rings at the moments of its Timing, and one whose Timing has none tells the team', async () => {
  const url = 'http://example.org/PlanDefinition/mondays'
  const trigger = (timingTiming: Timing) => [{ type: 'periodic' as const, timingTiming }]
  const plan: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', id: 'mondays', url, version: '1', status: 'active' },
    action: [
      { id: 'monday', title: 'Ring', trigger: trigger({ repeat: { dayOfWeek: ['mon'], timeOfDay: ['09:30:00'] } }) },
      { id: 'never', title: 'Aldri', trigger: trigger({ repeat: { count: 3 } }) },
    ],
  }
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: 'mondays-plan', status: 'active', intent: 'plan' },
    ...{ subject: { reference: 'Patient/mondays' }, period: { start: house.clock.now.toISOString() } },
    instantiatesCanonical: [`${url}|1`],
  }
  await house.put(plan, { resourceType: 'Patient', id: 'mondays' }, carePlan)
  const codesOf = async () => (await house.tasksOf('mondays')).map(({ code }) => code?.coding?.[0]?.code)
  await reactToAll()
  await reactToAll()
  expect(await codesOf()).toEqual(['rule-unevaluable'])
  house.clock.now = new Date('2026-11-16T08:29:59Z')
  await reactToAll()
  expect(await codesOf()).toEqual(['rule-unevaluable'])
  house.clock.now = new Date('2026-11-16T08:30:00Z')
  await reactToAll()
  expect(await house.tasksOf('mondays')).toMatchObject([
    { status: 'requested', reasonCode: { text: expect.stringContaining('says no time') } },
    { reasonCode: { text: 'Ring' } },
  ])
  const { rows } = await house.pool.query(sql`
    SELECT name, due_at FROM timer WHERE patient = 'mondays' AND kind = 'rule' ORDER BY name`)
  expect(rows).toEqual([
    { name: 'monday', due_at: new Date('2026-11-23T08:30:00.000Z') },
    { name: 'never', due_at: new Date('2026-11-17T08:29:59.000Z') },
  ])
  house.clock.now = new Date('2026-11-10T08:00:00Z')
})
