import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { sortIn, startSortingIn } from './sort-in.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

const put = (rk: number) =>
  database.pool.query(sql`
    INSERT INTO resource (bucket, rk, type, id, version, last_updated, tokens, content)
    VALUES (1, ${rk}, 'Basic', ${String(rk)}, 1, now(), ${[rk, 7]}::bigint[], '{}')`)

const found = () =>
  inTransaction(database.pool, async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off')
    const { rows } = await tx.query<{ rk: string }>("SELECT rk FROM resource WHERE tokens @> '{7}' ORDER BY rk")
    return rows.map(({ rk }) => Number(rk))
  })

test('what waits is sorted in once, and is found before and afterwards', async () => {
  await sortIn(database.pool)
  await put(1)
  await put(2)
  expect(await found()).toEqual([1, 2])
  expect(await sortIn(database.pool)).toBeGreaterThan(0)
  expect(await sortIn(database.pool)).toBe(0)
  expect(await found()).toEqual([1, 2])
})

test('an index that comes later is sorted in too; one of another session is none of ours', async () => {
  await database.pool.query('CREATE TABLE later (words text[]); CREATE INDEX ON later USING gin (words)')
  await inTransaction(database.pool, async (other) => {
    await other.query('CREATE TEMPORARY TABLE own (words text[]); CREATE INDEX ON own USING gin (words)')
    await database.pool.query("INSERT INTO later VALUES ('{a,b}')")
    expect(await sortIn(database.pool)).toBe(1)
  })
  await database.pool.query('DROP TABLE later')
})

test('an index that belongs to somebody else stops nothing: ours are sorted in beside it', async () => {
  const sorted = await inTransaction(database.pool, async (tx) => {
    await tx.query('CREATE ROLE sorting_in; GRANT USAGE, CREATE ON SCHEMA public TO sorting_in')
    await tx.query(
      'SET LOCAL ROLE sorting_in; CREATE TABLE ours (words text[]); CREATE INDEX ON ours USING gin (words)',
    )
    await tx.query("INSERT INTO ours VALUES ('{a,b}')")
    // All the others belong to who made the database.
    const pages = await sortIn(tx)
    await tx.query('RESET ROLE; DROP OWNED BY sorting_in; DROP ROLE sorting_in')
    return pages
  })
  expect(sorted).toBe(1)
})

test('it has no transaction id, so that it holds back nobody’s events', async () => {
  await put(3)
  const { pages, id } = await inTransaction(database.pool, async (tx) => {
    const sorted = await sortIn(tx)
    const { rows } = await tx.query<{ id: string | null }>('SELECT pg_current_xact_id_if_assigned() AS id')
    return { pages: sorted, id: rows[0]?.id }
  })
  expect([pages > 0, id]).toEqual([true, null])
})

test('the loop does so while others write', async () => {
  await put(4)
  const loop = startSortingIn({ pool: database.pool, log: { warn: () => {} } })
  // Its first turn ends before it stops.
  await loop.stop()
  expect(await sortIn(database.pool)).toBe(0)
  expect(await found()).toEqual([1, 2, 3, 4])
})

test('where it cannot be done that is told, and writing goes on', async () => {
  const told: unknown[] = []
  const refusing = { query: async () => Promise.reject(new Error('must be owner of index')) }
  const loop = startSortingIn({
    pool: refusing as never,
    log: { warn: (about: unknown) => void told.push(about) } as never,
  })
  await loop.stop()
  expect(told).toMatchObject([{ err: { message: 'must be owner of index' } }])
})
