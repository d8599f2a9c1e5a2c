import fc from 'fast-check'
import { arrayLiteral, type Elementary } from './array-literal.ts'
import { sql } from './sql.ts'
import { startTestDatabase, type TestDatabase } from './test-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

/** PostgreSQL's texts hold no NUL, and no half of a pair. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('NULL', 'null', '', ' ', '{}', '"', '\\', ',', 'Patient/1|2', '\n'),
  )
  .map((one) => one.replaceAll('\0', ''))

async function readBack(elements: Elementary[], type: 'text' | 'float8' | 'boolean'): Promise<unknown> {
  const literal = arrayLiteral(elements)
  const asked = {
    text: sql`SELECT to_json(${literal}::text[]) AS read`,
    float8: sql`SELECT to_json(${literal}::float8[]) AS read`,
    boolean: sql`SELECT to_json(${literal}::boolean[]) AS read`,
  }
  const { rows } = await database.pool.query<{ read: unknown }>(asked[type])
  return rows[0]?.read
}

test('PostgreSQL reads every text as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (texts) => {
      expect(await readBack(texts, 'text')).toEqual(texts)
    }),
  )
})

test('numbers and truths too', async () => {
  expect(await readBack([1, -2.5, null, 1e21], 'float8')).toEqual([1, -2.5, null, 1e21])
  expect(await readBack([true, null, false], 'boolean')).toEqual([true, null, false])
})
