import fc from 'fast-check'
import { loadDefinitions } from '../definitions/definitions.ts'
import { isRealDate } from './calendar.ts'
import { PRIMITIVES } from './primitives.ts'

const accepts = (type: string, value: string | number) => PRIMITIVES[type]?.problem(value as never) === undefined

const COLONS_OF_UUID = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'

test.each<[string, (string | number)[], (string | number)[]]>([
  [
    'date',
    ['2024', '2024-02', '2024-02-29', '0001-01-01'],
    ['2023-02-29', '2024-13', '2024-2-1', '0000', '24', '2024-02-30', '2024-04-31', '2024-01-01T10:00:00Z', ''],
  ],
  [
    'dateTime',
    ['2024', '2024-02-29T23:59:60Z', '2024-01-01T10:00:00.123456+14:00'],
    [
      '2024-01-01T10:00:00',
      '2024-01-01T10:00Z',
      '2024-01-01T24:00:00Z',
      '2024-02-30T10:00:00Z',
      '2024-01-01 10:00:00Z',
      '2024-01-01T10:00:00+14:01',
      '2024-01-01T10:00:00z',
    ],
  ],
  [
    'instant',
    ['2024-02-29T10:00:00Z', '2024-01-01T10:00:00.1-05:30'],
    ['2024', '2024-02-29', '2024-02-30T10:00:00Z', '2024-01-01T10:00:00'],
  ],
  ['time', ['00:00:00', '23:59:59.9'], ['24:00:00', '10:00', '10:00:00Z']],
  ['id', ['a', 'A-1.b', 'a'.repeat(64)], ['', 'a_b', 'a b', 'æ', 'a'.repeat(65), 'a\n']],
  ['code', ['a', 'a b', '<'], ['', ' a', 'a ', 'a  b', 'a\tb', 'a\n']],
  ['string', ['a', ' a ', 'a\nb\tc'], ['', '   ', '\u0000', 'a\u0007', '\udc00']],
  ['markdown', ['# a\n\nb'], ['', '\u000b']],
  ['uri', ['http://a', 'urn:oid:1.2', 'inner'], ['', 'a b', 'a\n', 'a\u0001']],
  ['url', ['https://a/b?c=d#e'], ['', 'a b']],
  ['canonical', ['http://a|1.0'], ['', ' ']],
  ['oid', ['urn:oid:1.2.840.0'], ['1.2.3', 'urn:oid:3.1', 'urn:oid:1', 'urn:oid:1.02']],
  ['uuid', [COLONS_OF_UUID], [COLONS_OF_UUID.toUpperCase(), 'urn:uuid:1', COLONS_OF_UUID.slice(9)]],
  [
    'base64Binary',
    ['AAAA', 'AA==', 'AAA=', 'AAAA\nAAAA'],
    ['', 'A', 'AA=A', '====', 'AA-_', 'A===', 'AA AA', 'AA== AAAA'],
  ],
  ['integer', [0, -1, 2 ** 31 - 1, -(2 ** 31)], [1.5, 2 ** 31, -(2 ** 31) - 1]],
  ['unsignedInt', [0, 2 ** 31 - 1], [-1, 2 ** 31]],
  ['positiveInt', [1], [0, -1, 1.5]],
])('a %s may be %j but not %j', (type, good, bad) => {
  for (const value of good) expect([value, accepts(type, value)]).toEqual([value, true])
  for (const value of bad) expect([value, accepts(type, value)]).toEqual([value, false])
})

test('every primitive type of R4 has a rule, and no other', () => {
  const definitions = loadDefinitions()
  const extensionTypes = definitions
    .structure('Extension')
    ?.snapshot?.element.find((e) => e.path === 'Extension.value[x]')?.type
  const primitive = (extensionTypes ?? []).flatMap(({ code }) =>
    code && definitions.structure(code)?.kind === 'primitive-type' ? [code] : [],
  )
  expect(Object.keys(PRIMITIVES).sort()).toEqual(primitive.sort())
})

// The patterns of the standard's own definitions. Ours are stricter where a day, a range or a character matters, and nowhere laxer.
const STANDARD: Record<string, RegExp> = {
  date: /^([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1]))?)?$/,
  instant:
    /^([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$/,
  code: /^[^\s]+(\s[^\s]+)*$/,
  oid: /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/,
  base64Binary: /^(\s*([0-9a-zA-Z+/=]){4}\s*)+$/,
}

test.each(Object.entries(STANDARD))('whatever passes as %s passes the pattern of the standard', (type, pattern) => {
  const near = fc.oneof(fc.stringMatching(pattern, { size: 'small' }), fc.string())
  fc.assert(fc.property(near, (text) => !accepts(type, text) || pattern.test(text)))
  fc.assert(
    fc.property(fc.stringMatching(pattern, { size: 'small' }), (text) => {
      // What the standard's pattern takes, we take, but for days that do not exist and, in the other cases, whitespace and padding.
      if (type === 'date' || type === 'instant') expect(accepts(type, text)).toBe(isRealDate(text))
      if (type === 'oid') expect(accepts(type, text)).toBe(true)
    }),
  )
})

test('a day is real exactly if the calendar of JavaScript has it', () => {
  const part = (min: number, max: number, width: number) =>
    fc.integer({ min, max }).map((number) => String(number).padStart(width, '0'))
  fc.assert(
    fc.property(part(1, 9999, 4), part(1, 12, 2), part(1, 31, 2), (year, month, day) => {
      const text = `${year}-${month}-${day}`
      const date = new Date(`${text}T00:00:00Z`)
      expect(isRealDate(text)).toBe(!Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text)
    }),
  )
})
