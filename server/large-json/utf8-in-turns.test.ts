import fc from 'fast-check'
import { decodeUtf8 } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { decodeUtf8InTurns } from './utf8-in-turns.ts'

async function outcomeOf(decode: () => string | Promise<string>): Promise<unknown> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof Refusal) return error.issues
    throw error
  }
}

test('text is the same wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 9 }), async (given, stretch) => {
      const text = given.toWellFormed()
      expect(await decodeUtf8InTurns(Buffer.from(text), stretch)).toBe(decodeUtf8(Buffer.from(text)))
    }),
  )
})

test('bytes that are no UTF-8 are refused wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 4, max: 9 }), async (bytes, stretch) => {
      expect(await outcomeOf(() => decodeUtf8InTurns(bytes, stretch))).toEqual(await outcomeOf(() => decodeUtf8(bytes)))
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['a character without its end', [0x61, 0x61, 0x61, 0xf0, 0x9f]],
  ['a character without its beginning', [0x61, 0x61, 0x61, 0xa5, 0x61]],
  ['nothing but what follows', [0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5]],
])('%s is refused', async (_what, bytes) => {
  expect(await outcomeOf(() => decodeUtf8InTurns(Uint8Array.from(bytes), 4))).toMatchObject([{ code: 'invalid' }])
})

test('a byte order mark is stepped over at the start, and is a character elsewhere', async () => {
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0xef, 0xbb, 0xbf, 0x62])
  expect(await decodeUtf8InTurns(bytes, 4)).toBe('a\uFEFFb')
})
