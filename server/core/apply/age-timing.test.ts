import type { Age } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { placedByAge } from './age-timing.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const born = (birthDate?: string) => ({ resourceType: 'Patient', id: 'p', ...(birthDate ? { birthDate } : {}) })
const startOf = (birthDate: string, timingAge: Age) =>
  (placedByAge({ timingAge }, born(birthDate), NOW) as { timingPeriod?: { start?: string } }).timingPeriod?.start

test.each([
  // born      age                           from
  ['1969-11-13', { value: 60, code: 'a' }, '2029-11-13T00:00:00+01:00'],
  ['1969-07-13', { value: 60, unit: 'a' }, '2029-07-13T00:00:00+02:00'],
  ['2026-11-01', { value: 6, code: 'wk' }, '2026-12-13T00:00:00+01:00'],
  ['2026-11-01', { value: 30, code: 'd' }, '2026-12-01T00:00:00+01:00'],
  ['2026-10-31', { value: 4, code: 'mo' }, '2027-02-28T00:00:00+01:00'],
  ['2024-02-29', { value: 3, code: 'a' }, '2027-02-28T00:00:00+01:00'],
  ['2024-02-29', { value: 4, code: 'a' }, '2028-02-29T00:00:00+01:00'],
  ['2025-11-22', { value: 1.5, code: 'a' }, '2027-05-22T00:00:00+02:00'],
  // Reached already: due now.
  ['1950-01-01', { value: 60, code: 'a' }, '2026-11-22T13:00:00+01:00'],
] as const)('born %s, at %j: from %s', (birthDate, timingAge, start) => {
  expect(startOf(birthDate, timingAge)).toBe(start)
})

test.each([
  ['an unknown day of birth', undefined, { value: 60, code: 'a' }, 'birthDate of Patient/p'],
  ['a month of birth', '1969-11', { value: 60, code: 'a' }, 'not known to the day'],
  ['a unit of no age', '1969-11-13', { value: 60, code: 'kg' }, '60 kg'],
  ['a part of a month', '1969-11-13', { value: 0.3, code: 'mo' }, '0.3 mo'],
  ['an age before birth', '1969-11-13', { value: -1, code: 'a' }, '-1 a'],
  ['no number', '1969-11-13', { code: 'a' }, 'NaN a'],
] as const)('%s is told', (_case, birthDate, timingAge, said) => {
  expect(() => placedByAge({ timingAge }, born(birthDate), NOW)).toThrow(said)
})

test('an action without an age stays as it is', () => {
  const action = { timingRange: { low: { value: 7, code: 'd' } } }
  expect(placedByAge(action, born(), NOW)).toBe(action)
})

test('a later age is never reached before an earlier one, nor before now', () => {
  const days = fc.integer({ min: 0, max: 40_000 })
  const months = fc.integer({ min: 0, max: 1_200 })
  fc.assert(
    fc.property(days, months, months, (born, one, other) => {
      const birthDate = new Date(Date.UTC(1920, 0, 1 + born)).toISOString().slice(0, 10)
      const [early = 0, late = 0] = [one, other].sort((a, b) => a - b)
      const at = (value: number) => Date.parse(startOf(birthDate, { value, code: 'mo' }) ?? '')
      expect(at(early)).toBeLessThanOrEqual(at(late))
      expect(at(early)).toBeGreaterThanOrEqual(NOW.getTime())
    }),
  )
})
