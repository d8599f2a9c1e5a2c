import { jest } from '@jest/globals'
import { inTransaction, type Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { readFeed } from './feed.ts'
import { adoptRestoredEvents } from './restored.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await startTestDatabase()
  pool = database.pool
})
afterAll(() => database.stop())

/** @param xid left out: the transaction's own */
const append = (id: string, xid?: string) =>
  pool.query(sql`INSERT INTO event (xid, bucket, rk, version, type, id, interaction, recorded_at, actor)
    VALUES (coalesce(${xid ?? null}::xid8, pg_current_xact_id()), 1, 1, 1, 'Observation', ${id}, 'create', now(), 'Device/test')`)

test('events of another cluster come before everything new, in their old order, and readers are moved first', async () => {
  await append('restored-1', '900000001')
  await append('restored-2', '900000002')
  const moved: string[] = []
  const adopted = await adoptRestoredEvents(pool, async (tx) => {
    const { rows } = await tx.query<{ xid: string }>('SELECT DISTINCT xid FROM event ORDER BY xid')
    moved.push(...rows.map(({ xid }) => xid))
  })
  expect(adopted).toBe(2)
  expect(moved).toEqual(['900000001', '900000002'])
  await append('new')
  const events = await readFeed(pool, { xid: '0', seq: '0' }, { countMax: 10 })
  expect(events.map(({ id }) => id)).toEqual(['restored-1', 'restored-2', 'new'])
})

test('a database of this cluster is left alone', async () => {
  await inTransaction(pool, async () => append('own'))
  const moveReaders = jest.fn(async () => {})
  expect(await adoptRestoredEvents(pool, moveReaders)).toBe(0)
  expect(moveReaders).not.toHaveBeenCalled()
})
