import fc from 'fast-check'
import { each, join, raw, type SqlFragment, sql, words } from './sql.ts'

test('values become numbered parameters, fragments are put in as they stand', () => {
  const condition = sql`b = ${2} AND c = ${[3]}`
  const statement = sql`SELECT ${raw('a')} FROM t WHERE a = ${'1'} AND (${condition}) LIMIT ${4}`
  expect(statement.text).toBe('SELECT a FROM t WHERE a = $1 AND (b = $2 AND c = $3) LIMIT $4')
  expect(statement.values).toEqual(['1', 2, [3], 4])
})

test('words of our own stand in the statement as literals; what is no plain word, or none at all, is refused', () => {
  expect(sql`type IN (${words(['CarePlan', 'step-down'])})`).toMatchObject({
    ...{ text: "type IN ('CarePlan', 'step-down')", values: [] },
  })
  for (const odd of [["Goal'; DROP TABLE t"], ['two words'], [''], []]) expect(() => words(odd)).toThrow('are no words')
})

test('each of some values travels once, in one parameter', () => {
  const { text, values } = sql`SELECT * FROM ${each(['a', '"', 'a'])} AS v(value)`
  expect(text).toBe('SELECT * FROM json_array_elements_text($1::json) AS v(value)')
  expect(values).toEqual(['["a","\\""]'])
})

test('a value is never SQL, also when it looks like a fragment', () => {
  const statement = sql`SELECT ${{ parts: ['; DROP TABLE t'], given: [], text: 'x', values: [] }}`
  expect(statement.text).toBe('SELECT $1')
})

test('an empty row of fragments is empty, and one stands alone', () => {
  expect(join([], ' AND ').text).toBe('')
  expect(join([sql`a = ${1}`], ' AND ')).toMatchObject({ text: 'a = $1', values: [1] })
})

/** What a statement is put together of, said plainly: text, a value (`undefined` in its place), or parts in a row. */
type Written = { text: string } | { value: number } | { row: Written[]; separator: string } | { around: Written }

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ text: fc.constantFrom('a', 'b = c', 'x', '') }),
    fc.record({ value: fc.nat(9) }),
    fc.record({ row: fc.array(tie('written'), { maxLength: 4 }), separator: fc.constantFrom(' AND ', ', ') }),
    fc.record({ around: tie('written') }),
  ),
}))

const toSql = (given: Written): SqlFragment => {
  if ('text' in given) return raw(given.text)
  if ('value' in given) return sql`v = ${given.value}`
  if ('row' in given) return join(given.row.map(toSql), given.separator)
  return sql`(${toSql(given.around)})`
}

/** The same, slowly: `?` for each value, numbered at the end. */
const toText = (given: Written): string => {
  if ('text' in given) return given.text
  if ('value' in given) return 'v = ?'
  if ('row' in given) return given.row.map(toText).join(given.separator)
  return `(${toText(given.around)})`
}

const valuesOf = (given: Written): number[] => {
  if ('text' in given) return []
  if ('value' in given) return [given.value]
  return 'row' in given ? given.row.flatMap(valuesOf) : valuesOf(given.around)
}

test('whatever was put together before, each statement has its own text and its own values', () => {
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 5 }), (statements) => {
      for (const given of statements) {
        let count = 0
        const { text, values } = toSql(given)
        expect(text).toBe(toText(given).replaceAll('?', () => `$${++count}`))
        expect(values).toEqual(valuesOf(given))
      }
    }),
    { numRuns: 500 },
  )
})
