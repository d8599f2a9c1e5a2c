import fc from 'fast-check'
import { after, before, longestMilliseconds, milliseconds } from './duration.ts'

const iso = (moment: number) => new Date(moment).toISOString()
const at = (text: string) => Date.parse(text)

// Worked by hand from a Norwegian calendar; winter is one hour ahead of UTC, summer two.
test.each([
  ['2026-01-31T08:00:00+01:00', { value: 1, code: 'mo' }, '2026-02-28T08:00:00+01:00'],
  ['2024-01-31T08:00:00+01:00', { value: 1, code: 'mo' }, '2024-02-29T08:00:00+01:00'],
  ['2026-03-15T08:00:00+01:00', { value: 1, code: 'mo' }, '2026-04-15T08:00:00+02:00'],
  ['2026-10-01T08:00:00+02:00', { value: 3, code: 'mo' }, '2027-01-01T08:00:00+01:00'],
  ['2024-02-29T12:00:00+01:00', { value: 1, code: 'a' }, '2025-02-28T12:00:00+01:00'],
  ['2026-06-01T00:00:00+02:00', { value: 0.5, code: 'a' }, '2026-12-01T00:00:00+01:00'],
  ['2026-06-01T00:00:00+02:00', { value: 0.5, code: 'mo' }, '2026-06-16T00:00:00+02:00'],
  ['2026-03-28T08:00:00+01:00', { value: 1, unit: 'd' }, '2026-03-29T09:00:00+02:00'],
  ['2026-06-01T00:00:00+02:00', { value: 90, code: 'min', unit: 'minutter' }, '2026-06-01T01:30:00+02:00'],
])('%s and %j later it is %s', (from, length, expected) => {
  expect(iso(after(at(from), length))).toBe(iso(at(expected)))
})

test.each([
  ['2026-03-31T08:00:00+02:00', { value: 1, code: 'mo' }, '2026-02-28T08:00:00+01:00'],
  ['2026-11-23T08:00:00+01:00', { value: 2, code: 'a' }, '2024-11-23T08:00:00+01:00'],
  ['2026-07-01T00:00:00+02:00', { value: 0.5, code: 'mo' }, '2026-06-16T00:00:00+02:00'],
  ['2026-06-01T12:00:00+02:00', { value: 2, code: 'h' }, '2026-06-01T10:00:00+02:00'],
])('%s and %j earlier it was %s', (from, length, expected) => {
  expect(iso(before(at(from), length))).toBe(iso(at(expected)))
})

test.each([
  [{ value: 2, code: 'fortnight' }, 'fortnight'],
  [{ code: 'mo' }, 'undefined mo'],
  [{}, 'undefined'],
  [{ value: 1, code: 'kg' }, 'kg'],
])('%j is no length of time', (length, said) => {
  for (const ask of [milliseconds, longestMilliseconds, () => after(0, length), () => before(0, length)]) {
    expect(() => ask(length)).toThrow(said)
  }
})

test('longer is later, and never later than the longest that it can be', () => {
  const lengths = fc.record({
    value: fc.integer({ min: 0, max: 48 }),
    code: fc.constantFrom('s', 'min', 'h', 'd', 'wk', 'mo', 'a'),
  })
  const moments = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2050-01-01T00:00:00Z') })
  // Summer time that ends makes a month of 31 days an hour longer.
  const changeOfClocks = 3_600_000
  fc.assert(
    fc.property(moments, lengths, (moment, length) => {
      const later = after(moment, length)
      expect(later).toBeGreaterThanOrEqual(moment)
      expect(after(moment, { ...length, value: length.value + 1 })).toBeGreaterThan(later)
      expect(later - moment).toBeLessThanOrEqual(longestMilliseconds(length) + changeOfClocks)
      expect(before(later, length)).toBeLessThanOrEqual(moment + changeOfClocks)
    }),
  )
})
