import fc from 'fast-check'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { fold } from './fold.ts'
import { foldInSql } from './fold-in-sql.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

const inSql = async (texts: string[]): Promise<string[]> => {
  const { rows } = await database.pool.query<{ folded: string }>(
    sql`SELECT ${foldInSql(sql`t.value`)} AS folded FROM unnest(${texts}::text[]) WITH ORDINALITY AS t(value, i) ORDER BY i`,
  )
  return rows.map(({ folded }) => folded)
}

test('what PostgreSQL folds of a content is what the index folds of a value', async () => {
  const texts = [
    'Hjerteåre',
    'HJERTEÅRE',
    'Érgometri',
    'ØVREBØ  Ærlig',
    'Straße',
    'Łódź',
    'A\u030a',
    ' x\t\ny ',
    'Þór',
    '',
  ]
  expect(await inSql(texts)).toEqual(texts.map(fold))
})

test('of any letters of Europe', async () => {
  const letter = fc.constantFrom(...'abzABZ æøåÆØÅäöÄÖéÉèñçÇšžŠŽðÐđĐłŁþÞßœŒŋŊŧŦıáÁčČ1-(\u0301\u0308')
  const texts = fc.sample(
    fc.array(letter, { maxLength: 12 }).map((letters) => letters.join('')),
    { numRuns: 300, seed: 7 },
  )
  expect(await inSql(texts)).toEqual(texts.map(fold))
})
