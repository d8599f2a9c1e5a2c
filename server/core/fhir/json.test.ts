import fc from 'fast-check'
import { decodeUtf8, keepLiterals, literalOf, parseJson, stringifyJson } from './json.ts'
import { Refusal } from './outcome.ts'

const roundTrip = (text: string) => stringifyJson(parseJson(text))

function refusalOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  throw new Error('It was not refused.')
}

test.each([
  '1.00',
  '0.10',
  '1e3',
  '1E+3',
  '-0',
  '-0.0',
  '12345678901234567890',
  '0.1000000000000000055511151231257827',
  '1.5',
  '0',
])('the number %s keeps its literal', (literal) => {
  expect(roundTrip(literal === '-0' ? '[-0]' : `{"a":[{"value":${literal}}]}`)).toContain(literal)
  expect(roundTrip(`[${literal},${literal}]`)).toBe(`[${literal},${literal}]`)
})

test('the tree holds plain numbers, and another number put in its place is written as it is', () => {
  const tree = parseJson('{"valueQuantity":{"value":84.0}}') as { valueQuantity: { value: number } }
  expect(tree.valueQuantity.value).toBe(84)
  expect(literalOf(tree.valueQuantity, 'value')).toBe('84.0')
  tree.valueQuantity.value = 85
  expect(stringifyJson(tree)).toBe('{"valueQuantity":{"value":85}}')
})

test('a copy of an object can be given its literals', () => {
  const tree = parseJson('{"factorOverride":0.80}') as object
  expect(stringifyJson({ ...tree })).toBe('{"factorOverride":0.8}')
  expect(stringifyJson(keepLiterals(tree, { ...tree }))).toBe('{"factorOverride":0.80}')
})

test.each([
  ['{"a":1,}', 'line 1, column 8'],
  ['{\n "a" 1}', 'line 2, column 6'],
  ['{"a":\n  abc}', 'line 2, column 3'],
  ['{"a":"\u0001"}', 'line 1, column 7'],
  ['[1,2', 'line 1, column 5'],
  ['', 'line 1, column 1'],
  ['nul', 'line 1, column 1'],
  ['{"a":01}', 'line 1'],
  ['{"a":-}', 'line 1'],
  ['{"a":1}}', 'line 1, column 8'],
  ["{'a':1}", 'line 1, column 2'],
  ['{"a":"x', 'line 1, column 8'],
])('%j is refused as no JSON, at %s', (text, where) => {
  const issue = refusalOf(() => parseJson(text))
  expect(issue?.code).toBe('invalid')
  expect(issue?.diagnostics).toContain('not JSON')
  expect(issue?.diagnostics).toContain(where)
})

test('the words about malformed JSON do not repeat the text, which may hold data about a patient', () => {
  expect(refusalOf(() => parseJson('{"name":"Line Danser", "x": oops}'))?.diagnostics).not.toContain('Danser')
})

test.each([
  ['{"a":1,"a":2}', '"a" twice'],
  ['{"b":{"a":1,"\\u0061":2}}', '"a" twice'],
  ['{"x":[{"y":"{\\"y\\":1}","y":":"}]}', '"y" twice'],
])('%s is refused for %s', (text, words) => {
  const issue = refusalOf(() => parseJson(text))
  expect(issue?.code).toBe('invalid')
  expect(issue?.diagnostics).toContain(words)
})

test('names that an object could have from elsewhere are names like any other', () => {
  expect(Object.keys(parseJson('{"__proto__":1,"constructor":2,"toString":3}') as object)).toHaveLength(3)
})

test('nesting up to 100 levels is read, deeper nesting is refused and overflows nothing', () => {
  expect(parseJson('['.repeat(100) + ']'.repeat(100))).toEqual(expect.any(Array))
  for (const depth of [101, 200_000]) {
    expect(refusalOf(() => parseJson('['.repeat(depth) + ']'.repeat(depth)))?.diagnostics).toContain('deeper than 100')
    expect(refusalOf(() => parseJson('{"a":'.repeat(depth)))?.code).toBe('invalid')
  }
})

test('a number beyond all doubles is refused', () => {
  expect(refusalOf(() => parseJson('{"value":1e999}'))?.diagnostics).toContain('too large')
})

test('bytes that are not UTF-8 are refused; a byte order mark is stepped over', () => {
  expect(refusalOf(() => decodeUtf8(Uint8Array.of(0x22, 0xff, 0x22)))?.code).toBe('invalid')
  expect(refusalOf(() => decodeUtf8(Uint8Array.of(0xc0, 0x80)))?.code).toBe('invalid')
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe('1')
  expect(decodeUtf8(new TextEncoder().encode('blåbær 🫐'))).toBe('blåbær 🫐')
})

describe('for any JSON', () => {
  const json = () => fc.jsonValue({ maxDepth: 6 })

  test('what JSON.parse reads is read the same, and written the same', () => {
    fc.assert(
      fc.property(json(), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(parseJson(text)).toEqual(JSON.parse(text))
        expect(roundTrip(text)).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('any decimal literal comes back as it was', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][+-]?\d{1,2})?$/)
    const literal = fc.tuple(fc.constantFrom('', '-'), digits).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1 }), (all) => {
        const text = `{"a":[${all.join()}],"b":{"c":${all[0]}}}`
        expect(roundTrip(text)).toBe(text)
      }),
    )
  })

  test('a cut or damaged text is read as JSON.parse reads it, or refused, never a fault', () => {
    fc.assert(
      fc.property(json(), fc.nat(), fc.string({ maxLength: 3 }), (value, at, put) => {
        const whole = JSON.stringify(value)
        const text = whole.slice(0, at % (whole.length + 1)) + put + whole.slice((at % (whole.length + 1)) + 1)
        try {
          expect(parseJson(text)).toEqual(JSON.parse(text))
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })
})
