import { jest } from '@jest/globals'
import fc from 'fast-check'
import { literalOf, parseJson, stringifyJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { countTurns } from '../test-turns.ts'
import { parseJsonInTurns } from './json-in-turns.ts'

/** What became of a text: the text that it is written as again, or what it was refused with. */
async function outcomeOf(parse: () => unknown): Promise<unknown> {
  try {
    return stringifyJson(await parse())
  } catch (error) {
    if (error instanceof Refusal) return error.issues
    throw error
  }
}

const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value))
/** The same with blanks, with literals that JavaScript would print otherwise, and broken in one place. */
const text = fc
  .tuple(
    json,
    fc.constantFrom(undefined, 1, '\t'),
    fc.nat(),
    fc.constantFrom('', ',', '{', ']', '"', '0', ' 1.50 ', '\\', '}'),
  )
  .chain(([value, indent, at, insertion]) => {
    const whole = JSON.stringify(JSON.parse(value), undefined, indent)
    const place = at % (whole.length + 1)
    const broken = whole.slice(0, place) + insertion + whole.slice(place)
    const shortened = whole.slice(0, place) + whole.slice(place + 1)
    return fc.constantFrom(whole, whole, broken, shortened, whole.replace(/(?<=[[:,])\d+(?=[\],}])/g, '$&.0'))
  })

test('a text that is taken apart gives what it gives in one go, or is refused with the same words', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 0, max: 30 }), async (given, pieceChars) => {
      expect(await outcomeOf(() => parseJsonInTurns(given, { pieceChars }))).toEqual(
        await outcomeOf(() => parseJson(given)),
      )
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['a comma at the end of an object', '{"aaaa":[1,2,3],}'],
  ['a comma at the end of an array', '[[1,2,3],[1,2,3],]'],
  ['two commas', '[[1,2,3],,[1,2,3]]'],
  ['no comma', '[[1,2,3] [1,2,3]]'],
  ['a word before a container', '[x[1,2,3]]'],
  ['a word behind a container', '{"a":[1,2,3]x}'],
  ['no name', '{[1,2,3]:1}'],
  ['two names', '{"a":"b":[1,2,3]}'],
  ['brackets that do not match', '{"a":[1,2,3}]'],
  ['two roots', '[1,2,3][1,2,3]'],
  ['more brackets than were opened', '[1,2,3]]'],
  ['fewer', '[[1,2,3]'],
  ['a name twice, in two pieces', '{"aaaaaa":1,"bbbbbb":[1,2,3],"aaaaaa":2}'],
  ['a name twice, once escaped', '{"aaaaaa":1,"bbbbbb":[1,2,3],"\\u0061aaaaa":2}'],
  ['a name twice with long values', '{"a":[1,2,3],"a":[1,2,3]}'],
  ['a number that is too large', '[[1,2,3],[1e999]]'],
  ['nesting deeper than 100', `[[1,2,3],${'['.repeat(100)}${']'.repeat(100)}]`],
])('%s is refused as in one go', async (_what, given) => {
  const refused = await outcomeOf(() => parseJsonInTurns(given, { pieceChars: 5 }))
  expect(refused).toMatchObject([{ code: 'invalid' }])
  expect(refused).toEqual(await outcomeOf(() => parseJson(given)))
})

test('what is wrong with a long text is said elsewhere; what is right never goes there', async () => {
  const seen: string[] = []
  const refuseAside = async (broken: string) => {
    seen.push(broken)
    throw new Error('said elsewhere')
  }
  const parse = (given: string) => parseJsonInTurns(given, { pieceChars: 5, refuseAside })
  await expect(parse('[[1,2,3],,[1,2,3]]')).rejects.toThrow('said elsewhere')
  await expect(parse('{"aaaa":[1,2,3')).rejects.toThrow('said elsewhere')
  expect(await parse('[[1,2,3],[1,2,3]]')).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
  // A short one is not worth the way.
  await expect(parse('[,]')).rejects.toBeInstanceOf(Refusal)
  expect(seen).toEqual(['[[1,2,3],,[1,2,3]]', '{"aaaa":[1,2,3'])
})

test('nesting of exactly 100 is taken, also when it is taken apart', async () => {
  const given = `${'['.repeat(100)}1${']'.repeat(100)}`
  expect(await outcomeOf(() => parseJsonInTurns(given, { pieceChars: 5 }))).toBe(given)
})

test('what is our own may be nested deeper', async () => {
  const given = `${'['.repeat(110)}1${']'.repeat(110)}`
  expect(stringifyJson(await parseJsonInTurns(given, { depthMax: 110, pieceChars: 5 }))).toBe(given)
  await expect(parseJsonInTurns(given, { depthMax: 109, pieceChars: 5 })).rejects.toThrow('deeper than 109')
})

test('literals stay with the member that they are of', async () => {
  const given = '{"first":1.50,"second":{"list":[1.0,2.00,3.000]},"third":0.10}'
  const tree = (await parseJsonInTurns(given, { pieceChars: 8 })) as { second: { list: number[] } }
  expect(literalOf(tree, 'first')).toBe('1.50')
  expect(literalOf(tree.second.list, 2)).toBe('3.000')
  expect(stringifyJson(tree)).toBe(given)
})

test('a member named __proto__ is a member', async () => {
  const tree = (await parseJsonInTurns('{"aaaaaaaa":1,"__proto__":{"a":[1,2,3]}}', { pieceChars: 5 })) as object
  expect(Object.keys(tree)).toEqual(['aaaaaaaa', '__proto__'])
})

test('a large text lets others have their turn', async () => {
  // On a machine for which each look at the clock comes six milliseconds after the last; a fast one may be done within a turn.
  let now = 0
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 6))
  const entry = { resourceType: 'Observation', note: 'x'.repeat(800), value: { a: 1.5, b: [1, 2, 3] } }
  const given = JSON.stringify({ resourceType: 'Bundle', entry: Array.from({ length: 5_000 }, () => entry) })
  const { done, turns } = await countTurns(() => parseJsonInTurns(given))
  clock.mockRestore()
  expect((done as { entry: unknown[] }).entry).toHaveLength(5_000)
  expect(turns).toBeGreaterThan(1)
})
