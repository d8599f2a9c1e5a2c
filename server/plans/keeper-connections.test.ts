import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { inTransaction, openPool, type Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { settleHere } from '../expressions/expressions.ts'
import { openLog } from '../log.ts'
import { skipEvents } from './cursor.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import type { KeeperRooms } from './keeper.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { createMoveKeeping } from './move-batch.ts'
import { startMove } from './moves.ts'
import { createPlanMoves } from './plan-moves.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse
/** Of one connection: whoever holds it and asks for another waits for themselves. */
let only: Pool

const URL = 'http://example.org/keeps'
const VALUE_SET = 'http://example.org/ValueSet/keeps'
const plan = (version: string, ...more: string[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', id: `keeps-${version}`, url: URL, version, status: 'active' },
  action: [
    {
      id: 'listens',
      trigger: [
        { type: 'data-added', data: [{ type: 'Condition', codeFilter: [{ path: 'code', valueSet: VALUE_SET }] }] },
      ],
    },
    ...more.map((title) => ({ id: title, title })),
  ],
})
const carePlan = (id: string, status: CarePlan['status'], version: string): CarePlan => ({
  ...{ resourceType: 'CarePlan', id, status, intent: 'plan', subject: { reference: `Patient/${id}` } },
  instantiatesCanonical: [`${URL}|${version}`],
})

beforeAll(async () => {
  house = await startTestHouse()
  only = openPool(house.databaseUrl, 1, 'test')
  await house.put(plan('1'), plan('2'), plan('3', 'more'))
  await skipEvents(house.pool)
})
afterAll(async () => {
  await only.end()
  await house.stop()
})

/** Value sets are read over the same pool, and so is what a plan proposes. */
function roomsOfOne(): KeeperRooms {
  const listCodes = async () => {
    await only.query('SELECT 1')
    return new Set<string>()
  }
  return {
    ...{ pool: only, store: house.store, now: () => house.clock.now, onCommit: () => {}, log: openLog('silent') },
    ...{ settle: settleHere, rateOf: async () => undefined, readBook: keepPlanBook({ listCodes }) },
    async propose() {
      await only.query('SELECT 1')
      throw new Error('Nothing is proposed today')
    },
    validate: (resource) => resource,
  }
}
const all = async (duty: (rooms: KeeperRooms) => Promise<boolean>) => {
  const rooms = roomsOfOne()
  for (let more = true; more; ) more = await duty(rooms).catch(() => true)
}
const asked = (from: string, to: string) => ({
  ...{ from: [`${URL}|${from}`], to: `${URL}|${to}`, plan: `keeps-${to}`, share: 100 },
  ...{ reason: undefined, actor: 'Practitioner/leder' },
})
const canonicalsOf = async (id: string) => {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'CarePlan' AND id = ${id}`,
  )
  return (JSON.parse(rows[0]?.content ?? '{}') as CarePlan).instantiatesCanonical
}

test('what ends is closed by a keeper that has one connection', async () => {
  await house.put(carePlan('ends', 'active', '1'))
  await house.put(carePlan('ends', 'completed', '1'))
  await all(createEnrolmentKeeping())
  const { rows } = await house.pool.query(sql`SELECT 1 FROM resource WHERE type = 'Composition' AND patient = 'ends'`)
  expect(rows).toHaveLength(1)
})

test('patients are moved by a keeper that has one connection, after a move that one has asked for', async () => {
  await house.put(carePlan('moves', 'active', '1'))
  const moves = createPlanMoves(roomsOfOne())
  const access = { actor: 'Practitioner/leder', clientId: 'studio', scopes: [] }
  await moves.start(access, 'keeps-2', { from: [`${URL}|1`], share: 100, reason: 'Ny' } as never)
  await all(createMoveKeeping())
  expect(await canonicalsOf('moves')).toEqual([`${URL}|2`])
})

test('what a plan proposes is asked for before the transaction, and what is wrong with it is the reason why nobody is moved', async () => {
  await house.put(carePlan('stays', 'active', '2'))
  const task = await inTransaction(house.pool, (tx) => startMove(tx, house.store, asked('2', '3'), house.clock.now))
  await all(createMoveKeeping())
  const { rows } = await house.pool.query<{ state: string; why: string }>(
    sql`SELECT state, why FROM plan_migration_item WHERE migration = ${task.id} AND care_plan = 'stays'`,
  )
  expect(rows).toEqual([{ state: 'skipped', why: 'Nothing is proposed today' }])
  expect(await canonicalsOf('stays')).toEqual([`${URL}|2`])
})

test('one that is another whenever it is looked at stays where it is after some attempts, and holds up nobody', async () => {
  await house.put(plan('5'), plan('6', 'more'), carePlan('blurred', 'active', '5'), carePlan('plain', 'active', '5'))
  const task = await inTransaction(house.pool, (tx) => startMove(tx, house.store, asked('5', '6'), house.clock.now))
  let looks = 0
  // Outside of transactions one of them is never there.
  const pool = new Proxy(house.pool, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name, target)
      return async (...given: Parameters<Pool['query']>) => {
        const { values = [] } = given[0] as { values?: unknown[] }
        if (!values.includes('blurred')) return target.query(...given)
        looks++
        return { rows: [] }
      }
    },
  })
  const rooms = {
    ...{ ...roomsOfOne(), pool, readBook: house.readBook },
    propose: async (_plan: string, patient: string) => ({
      carePlan: carePlan(patient, 'active', '6'),
      contained: new Map(),
      group: {
        resourceType: 'RequestGroup' as const,
        status: 'active' as const,
        intent: 'plan' as const,
        subject: { reference: `Patient/${patient}` },
      },
    }),
  }
  const duty = createMoveKeeping()
  for (let more = true; more; ) more = await duty(rooms).catch(() => true)
  const { rows } = await house.pool.query(
    sql`SELECT care_plan, state, why FROM plan_migration_item WHERE migration = ${task.id} ORDER BY care_plan`,
  )
  expect(rows).toMatchObject([
    { care_plan: 'blurred', state: 'skipped', why: 'It was another each time that it was looked at.' },
    { care_plan: 'plain', state: 'moved' },
  ])
  expect(looks).toBeLessThan(20)
})

test('a keeper follows by the plans as they are when it works, though it has read them before', async () => {
  const rooms = roomsOfOne()
  const duty = createEnrolmentKeeping()
  await house.put(carePlan('first', 'active', '1'))
  while (await duty(rooms));
  const ending = { language: 'text/fhirpath', expression: 'true' }
  await house.put({
    ...{ ...plan('4'), id: 'keeps-4' },
    extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/ends-when', valueExpression: ending }],
  })
  await house.put(carePlan('second', 'active', '4'))
  while (await duty(rooms));
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'CarePlan' AND id = 'second'`,
  )
  expect(JSON.parse(rows[0]?.content ?? '{}')).toMatchObject({ status: 'completed' })
})
