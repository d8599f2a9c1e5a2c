import fc from 'fast-check'
import { bucketOfPatient, createKeys, parseServerId, scatter, toServerId } from './resource-key.ts'

test('a server-given id says its bucket and its key', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.integer({ min: 0, max: 1023 }), (rk, bucket) => {
      const key = { rk: rk.toString(), bucket }
      expect(parseServerId(toServerId(key))).toEqual(key)
    }),
  )
})

test.each([
  'demo-line',
  '123',
  '02hk3v8x0r4e1',
  '02hk3v8x0r4e1-5',
  '02HK3V8X0R4E1-5Q',
  '82hk3v8x0r4e1-5q',
  'il0u3v8x0r4e1-5q',
])('an id that the server did not give, %s, says no bucket', (id) => expect(parseServerId(id)).toBeUndefined())

test('keys grow and never repeat, also when the clock stands still or goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1_800_000_000_000, max: 1_800_000_000_005 }), { minLength: 2 }), (clock) => {
      let tick = 0
      const nextKey = createKeys(7, () => clock[tick++ % clock.length] ?? 0)
      const keys = Array.from({ length: 9000 }, () => BigInt(nextKey()))
      keys.forEach((key, i) => {
        if (i > 0 && key <= (keys[i - 1] ?? 0n)) throw new Error(`key ${i} does not grow`)
      })
    }),
    { numRuns: 20 },
  )
})

test('two processes never give the same key in the same millisecond', () => {
  const at = () => 1_800_000_000_000
  const [one, two] = [createKeys(1, at), createKeys(2, at)]
  const keys = Array.from({ length: 2000 }, () => [one(), two()]).flat()
  expect(new Set(keys).size).toBe(keys.length)
})

test('what belongs to a patient has the bucket of the patient, whoever chose the id', () => {
  expect(bucketOfPatient(toServerId({ bucket: 77, rk: '1234567' }))).toBe(77)
  expect(bucketOfPatient('demo-line')).toBe(scatter('demo-line'))
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(scatter(id)).toBeGreaterThanOrEqual(0)
      expect(scatter(id)).toBeLessThan(1024)
    }),
  )
})
