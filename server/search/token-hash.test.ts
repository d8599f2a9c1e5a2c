import fc from 'fast-check'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { tokenHash } from './token-hash.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

test('JavaScript and SQL hash alike', async () => {
  const text = fc.string({ unit: 'binary' }).filter((token) => !token.includes('\u0000') && token.isWellFormed())
  const tokens = ['', 'Observation.code@http://loinc.org|59408-5', 'Åsen', ...fc.sample(text, 300)]
  const { rows } = await database.pool.query<{ hashes: string[] }>(
    sql`SELECT array_agg(token_hash(t)::text ORDER BY n) AS hashes FROM unnest(${tokens}::text[]) WITH ORDINALITY AS u(t, n)`,
  )
  expect(rows[0]?.hashes).toEqual(tokens.map(tokenHash))
})

test('a token that was dropped from the cache hashes as before', () => {
  const before = tokenHash('a')
  for (let i = 0; i < 50_000; i++) tokenHash(`filler-${i}`)
  expect(tokenHash('a')).toBe(before)
})
