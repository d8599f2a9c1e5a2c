import type { Goal } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { engineAccess } from '../access/engine-access.ts'
import type { Decided, DecisionRow } from '../core/decide/decision-record.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { skipEvents } from './cursor.ts'
import { createDecisionPruning, readPrunedUntil } from './decision-retention.ts'
import { readDecisions, writeDecisions } from './decision-table.ts'
import type { KeeperRooms } from './keeper.ts'
import { type ReactRooms, react } from './react.ts'
import { type ReadVersion, replay } from './replay.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

const TESTER = engineAccess('test')
let house: TestHouse
let rooms: ReactRooms

beforeAll(async () => {
  house = await startTestHouse()
  rooms = { pool: house.pool, store: house.store, readBook: house.readBook, now: () => house.clock.now }
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

async function reactToAll(countMax = 200): Promise<void> {
  for (;;) {
    const done = await react(rooms, { countMax })
    if (!done.more && !done.waiting) return
  }
}

const read: ReadVersion = async (reference) => {
  const [type = '', id = '', , version = ''] = reference.split('/')
  return JSON.parse((await house.store.readVersion(TESTER, type, id, version)).text ?? '') as Resource
}
const readNow = async (type: string, id: string) =>
  JSON.parse((await house.store.read(TESTER, type, id)).text ?? '') as Resource

const decisionsOf = (patient: string) => readDecisions(house.pool, { patient, countMax: 1_000 })

async function digestNow({ inputs }: Decided, readAs = read): Promise<string> {
  if (!inputs) throw new Error('without inputs')
  const again = await replay(inputs, readAs)
  return again.outcome === 'decided' ? again.digest : again.problem
}

/** What can happen to one patient: each step is told what was measured so far. */
type Step = (patient: string, measured: string[]) => Promise<unknown>
const minutes = (count: number) => {
  house.clock.now = new Date(house.clock.now.getTime() + count * 60_000)
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 80, max: 98 }).map((value): Step => {
      return async (patient, measured) => measured.push(await house.measure(patient, value))
    }),
  },
  fc.constantFrom('mmHg', '%').map(
    (unit): Step =>
      async (patient, measured) => {
        const quantity = { valueQuantity: { value: 90, unit, system: 'http://unitsofmeasure.org', code: unit } }
        measured.push(await house.measure(patient, 90, quantity))
      },
  ),
  fc.tuple(fc.nat(), fc.constantFrom('corrected', 'entered-in-error'), fc.integer({ min: 80, max: 98 })).map(
    ([which, status, value]): Step =>
      async (_, measured) => {
        const id = measured[which % measured.length]
        const now = id && (await readNow('Observation', id))
        if (now) await house.put({ ...now, status, valueQuantity: { ...(now.valueQuantity as object), value } })
      },
  ),
  fc.nat().map(
    (which): Step =>
      async (_, measured) => {
        const [id] = measured.length > 0 ? measured.splice(which % measured.length, 1) : []
        if (id) await house.store.write(TESTER, { interaction: 'delete', type: 'Observation', id })
      },
  ),
  fc.tuple(fc.integer({ min: 82, max: 87 }), fc.integer({ min: 88, max: 93 })).map(([red, yellow]): Step => {
    return async (patient) => {
      const goal = (await readNow('Goal', `${patient}-spo2`)) as unknown as Goal
      const values = [yellow, red]
      await house.put({
        ...goal,
        target: goal.target?.map((target, i) => ({
          ...target,
          detailQuantity: { ...target.detailQuantity, value: values[i] },
        })),
      })
    }
  }),
  fc.constantFrom('in-progress', 'completed').map(
    (status): Step =>
      async (patient) => {
        const [task] = (await house.tasksOf(patient)).filter((one) => one.status === 'requested')
        if (task) await house.put({ ...task, status })
      },
  ),
  fc.constantFrom('active', 'on-hold').map(
    (status): Step =>
      async (patient) => {
        await house.put({ ...(await readNow('CarePlan', `${patient}-copd`)), status })
      },
  ),
  fc.integer({ min: 1, max: 4 * 24 * 60 }).map(
    (count): Step =>
      async () =>
        minutes(count),
  ),
)

let patients = 0

test('every decision of random histories is made again byte by byte from the versions that it names', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step, reacts: fc.boolean() }), { minLength: 4, maxLength: 14 }),
      fc.integer({ min: 1, max: 20 }),
      async (history, countMax) => {
        const patient = `random-${patients++}`
        await house.enrol(patient)
        const measured: string[] = []
        for (const { step, reacts } of history) {
          minutes(1)
          await step(patient, measured)
          if (reacts) await reactToAll(countMax)
        }
        await reactToAll(countMax)
        const decisions = await decisionsOf(patient)
        count += decisions.length
        for (const decision of decisions) expect(await digestNow(decision)).toBe(decision.digest)
      },
    ),
    { numRuns: 20 },
  )
  expect(count).toBeGreaterThan(40)
})

test('a decision that made no Task is kept too, by versions alone; one that no rule was woken for is not', async () => {
  await house.enrol('quiet')
  const id = await house.measure('quiet', 96)
  await house.measure('quiet', 170, { code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] } })
  await reactToAll()
  const decisions = await decisionsOf('quiet')
  expect(decisions).toMatchObject([
    {
      happening: `Observation/${id}/_history/1`,
      tasks: [],
      inputs: {
        plan: 'PlanDefinition/copd/_history/1',
        carePlan: 'CarePlan/quiet-copd/_history/1',
        goals: ['Goal/quiet-spo2/_history/1'],
        happening: { kind: 'data', interaction: 'create', current: `Observation/${id}/_history/1` },
        openTasks: [],
        ids: [expect.any(String)],
      },
    },
  ])
  expect(decisions[0]).not.toHaveProperty('trace')
})

test('by which definitions decisions were made is said once for all of them, and again for another version of the plan', async () => {
  const ofPatient = async (patient: string) => {
    const { rows } = await house.pool.query<{ plan: string; definitions: string; used: object; inputs: object }>(sql`
      SELECT d.plan, d.definitions, s.definitions AS used, d.inputs
        FROM decision d JOIN decision_definitions s ON s.hash = d.definitions WHERE patient = ${patient} ORDER BY id`)
    return rows
  }
  for (const patient of ['said-once', 'said-too']) {
    await house.enrol(patient)
    await house.measure(patient, 96)
  }
  await reactToAll(1)
  const [[one], [other]] = [await ofPatient('said-once'), await ofPatient('said-too')]
  expect(one?.used).toMatchObject({ plan: 'PlanDefinition/copd/_history/1', activities: expect.any(Array) })
  expect(one?.inputs).not.toHaveProperty('plan')
  expect(other?.definitions).toBe(one?.definitions)

  const plan = await readNow('PlanDefinition', 'copd')
  await house.put({ ...plan, description: 'Said otherwise.' })
  await house.measure('said-once', 95)
  await reactToAll()
  const [, second] = await ofPatient('said-once')
  expect(second?.used).toMatchObject({ plan: 'PlanDefinition/copd/_history/2' })
  expect(second?.definitions).not.toBe(one?.definitions)
  for (const decision of await decisionsOf('said-once')) expect(await digestNow(decision)).toBe(decision.digest)
})

test('what a round says that is undone is said by the next that uses it', async () => {
  await house.enrol('undone')
  await house.measure('undone', 96)
  await reactToAll()
  const [kept] = await decisionsOf('undone')
  if (!kept) throw new Error('nothing was decided')
  // Of a plan that nobody has used before.
  const { id: _number, inputs, ...row } = kept
  const anew = { ...row, inputs: { ...inputs, activities: ['ActivityDefinition/undone/_history/1'] } } as DecisionRow
  const undone = inTransaction(house.pool, async (tx) => {
    await writeDecisions(tx, [anew])
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  await inTransaction(house.pool, (tx) => writeDecisions(tx, [anew, anew]))
  const [, ...stored] = await decisionsOf('undone')
  expect(stored.map((one) => one.inputs)).toEqual([anew.inputs, anew.inputs])
})

test('a record from before the definitions were said once names them itself', async () => {
  await house.enrol('before')
  await house.measure('before', 84)
  await reactToAll()
  const [kept] = await decisionsOf('before')
  await house.pool.query(sql`
    UPDATE decision SET definitions = NULL, inputs = ${JSON.stringify(kept?.inputs)}::json WHERE patient = 'before'`)
  const [old] = await decisionsOf('before')
  expect(old).toEqual(kept)
  expect(old && (await digestNow(old))).toBe(kept?.digest)
})

test('what was changed within the round is kept whole, so that the next decision of the round can be made again', async () => {
  await house.enrol('joins')
  await house.measure('joins', 84)
  await house.measure('joins', 83)
  await reactToAll()
  const [first, second] = await decisionsOf('joins')
  expect(second?.inputs?.openTasks).toMatchObject([{ resourceType: 'Task', id: first?.tasks[0] }])
  expect(await house.tasksOf('joins')).toMatchObject([{ meta: { versionId: '1' }, input: [{}, {}] }])
})

test('a change in what was looked at shows: another value, other limits, another rule, another clock', async () => {
  await house.enrol('changed')
  await house.measure('changed', 84)
  await reactToAll()
  const [decision] = await decisionsOf('changed')
  if (!decision?.inputs) throw new Error('nothing was decided')
  const changing =
    (type: string, change: (resource: Resource) => object): ReadVersion =>
    async (reference) => {
      const resource = await read(reference)
      return (resource.resourceType === type ? change(resource) : resource) as Resource
    }
  const other = [
    changing('Observation', (one) => ({ ...one, valueQuantity: { ...(one.valueQuantity as object), value: 83 } })),
    changing('Goal', (one) => ({ ...one, target: [] })),
    changing('PlanDefinition', (one) => ({ ...one, action: [] })),
    changing('CarePlan', (one) => ({ ...one, careTeam: [{ reference: 'CareTeam/other' }] })),
  ]
  for (const readAs of other) expect(await digestNow(decision, readAs)).not.toBe(decision.digest)
  const later = { ...decision, inputs: { ...decision.inputs, now: '2026-11-10T08:00:01.000Z' } }
  expect(await digestNow(later)).not.toBe(decision.digest)
  expect(await digestNow(decision)).toBe(decision.digest)
})

test('records are deleted when their time is over, but for those of a Task that is open; their count stays', async () => {
  await house.enrol('kept')
  await house.measure('kept', 95)
  await house.measure('kept', 84)
  await reactToAll()
  const [, made] = await decisionsOf('kept')
  const days = (count: number) => createDecisionPruning(count)
  const later = { ...rooms, now: () => new Date(house.clock.now.getTime() + 31 * 86_400_000) } as unknown as KeeperRooms
  const prune = async (duty: ReturnType<typeof days>) => {
    while (await duty(later));
  }
  await prune(days(32))
  expect(await decisionsOf('kept')).toHaveLength(2)
  expect(await readPrunedUntil(house.pool, 'kept')).toBeUndefined()
  await prune(days(30))
  expect(await decisionsOf('kept')).toMatchObject([{ id: made?.id }])
  expect(await readPrunedUntil(house.pool, 'kept')).toBe(house.clock.now.toISOString())

  const [task] = await house.tasksOf('kept')
  await house.put({ ...task, status: 'completed' })
  await prune(days(30))
  expect(await decisionsOf('kept')).toEqual([])
  const { rows } = await house.pool.query(sql`SELECT decision_count FROM decision_pruned WHERE care_plan = 'kept-copd'`)
  expect(rows).toEqual([{ decision_count: '2' }])
})
