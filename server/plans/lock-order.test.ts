import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { settleHere } from '../expressions/expressions.ts'
import { openLog } from '../log.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import type { KeeperRooms } from './keeper.ts'
import { createMoveKeeping } from './move-batch.ts'
import { startMove } from './moves.ts'
import type { RoundFacts } from './round-facts.ts'
import { RoundOutcome } from './round-outcome.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { noTimerChanges, noteTimer, writeTimers } from './timers.ts'

let house: TestHouse
const URL = 'http://example.org/ordered'
const plan = (version: string): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', id: `ordered-${version}`, url: URL, version, status: 'active' },
  action: [{ id: 'call', title: 'Ring' }],
})
const subject = (patient: string) => ({ reference: `Patient/${patient}` })
const carePlan = (patient: string, status: CarePlan['status']): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: patient, status, intent: 'plan', subject: subject(patient) },
  instantiatesCanonical: [`${URL}|1`],
})

beforeAll(async () => {
  house = await startTestHouse()
  await house.put(plan('1'), plan('2'))
})
afterAll(() => house.stop())

const rooms = (): KeeperRooms => ({
  ...{ pool: house.pool, store: house.store, now: () => house.clock.now, onCommit: () => {} },
  ...{ readBook: house.readBook, settle: settleHere, rateOf: async () => undefined, log: openLog('silent') },
  propose: () => Promise.reject(new Error('Nothing is proposed today')),
  validate: (resource) => resource,
})

/** Until somebody in this database waits for a lock. */
async function somebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await house.pool.query(
      sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (rows.length > 0) return
  }
}

/** Fails at once where somebody else has it. */
const lock = (tx: Tx, type: string, id: string) =>
  tx.query(sql`SELECT 1 FROM resource WHERE type = ${type} AND id = ${id} FOR UPDATE NOWAIT`)

/**
 * What a worker does while a round of the engine has something, and then writes something else.
 * @param holds what the round has
 * @param work  what must wait for it
 * @param writes what the round goes on to write, for which it must not wait
 */
async function beside(
  holds: (tx: Tx) => Promise<unknown>,
  work: () => Promise<unknown>,
  writes: (tx: Tx) => Promise<unknown>,
): Promise<void> {
  let working: Promise<unknown> | undefined
  await inTransaction(house.pool, async (tx) => {
    await holds(tx)
    working = work()
    await Promise.race([somebodyWaits(), working.then(() => Promise.reject(new Error('It did not wait')))])
    await writes(tx)
  })
  await working
}

test('a move waits for a clock before it has anything that whoever has the clock may write', async () => {
  await house.put(carePlan('moves', 'active'))
  const changes = noTimerChanges()
  const timer = { kind: 'rule' as const, about: 'CarePlan/moves', name: 'call', plan: URL, dueAt: house.clock.now }
  noteTimer(changes, { act: 'set', timer }, { patient: 'moves', partition: 0 })
  await inTransaction(house.pool, (tx) => writeTimers(tx, changes))
  const asked = { from: [`${URL}|1`], to: `${URL}|2`, plan: 'ordered-2', share: 100 }
  await inTransaction(house.pool, (tx) =>
    startMove(tx, house.store, { ...asked, reason: undefined, actor: 'Practitioner/leder' }, house.clock.now),
  )
  const keep = createMoveKeeping()
  await beside(
    (tx) => tx.query(sql`SELECT 1 FROM timer WHERE about = 'CarePlan/moves' FOR UPDATE`),
    () => keep(rooms()),
    (tx) => lock(tx, 'CarePlan', 'moves'),
  )
  const { rows } = await house.pool.query(sql`SELECT name FROM timer WHERE about = 'CarePlan/moves' AND kind = 'rule'`)
  const { rows: items } = await house.pool.query(sql`SELECT state FROM plan_migration_item WHERE care_plan = 'moves'`)
  expect([rows, items]).toEqual([[], [{ state: 'moved' }]])
})

test('the keeper of enrolments waits for the rounds of those that end before it has anything of others', async () => {
  const walk = {
    ...{ resourceType: 'ServiceRequest', id: 'walks', status: 'active', intent: 'order', code: { text: 'Gå' } },
    ...{ subject: subject('rests'), basedOn: [{ reference: 'CarePlan/rests' }] },
  }
  await house.put(carePlan('rests', 'active'), carePlan('ends', 'active'), walk)
  await house.put(carePlan('rests', 'on-hold'))
  await house.put(carePlan('ends', 'completed'))
  const keep = createEnrolmentKeeping()
  await beside(
    (tx) => tx.query('SELECT 1 FROM engine_cursor FOR UPDATE'),
    () => keep(rooms()),
    (tx) => lock(tx, 'ServiceRequest', 'walks'),
  )
  const { rows } = await house.pool.query(
    sql`SELECT content::jsonb->>'status' AS status FROM resource WHERE type = 'ServiceRequest' AND id = 'walks'`,
  )
  expect(rows).toEqual([{ status: 'on-hold' }])
})

test('a round writes its clocks before its resources', async () => {
  const outcome = new RoundOutcome({} as RoundFacts, house.clock.now)
  const task = { resourceType: 'Task', id: 't', status: 'requested', intent: 'order' } as unknown as Resource
  outcome.noteResource('create', task, 1)
  const timer = { kind: 'task-mark' as const, about: 'Task/t', name: 'due', dueAt: house.clock.now }
  const from = { kind: 'timer' as const, timer: { ...timer, partition: 0 } }
  outcome.noteTimer({ act: 'set', timer }, from)
  const order: string[] = []
  const tx = {
    connection: { stream: { cork() {}, uncork() {} } },
    query: async () => {
      order.push('clocks')
      return { rows: [] }
    },
  } as unknown as Tx
  const writeIn: TestHouse['store']['writeIn'] = async (_tx, _access, changes) => {
    order.push('resources')
    return changes.map(() => ({ versionId: 1 }) as never)
  }
  await outcome.write({ writeIn }, tx)
  expect(order).toEqual(['clocks', 'resources'])
})
