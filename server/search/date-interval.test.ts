import fc from 'fast-check'
import { approximately, compareInstants, parseDateInterval, periodInterval } from './date-interval.ts'

test.each([
  ['2026', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['2026-02', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['2026-03-01T08', '2026-03-01T08:00:00.000Z', '2026-03-01T09:00:00.000Z'],
  ['2026-03-01T08:30', '2026-03-01T08:30:00.000Z', '2026-03-01T08:31:00.000Z'],
  ['2026-03-01T08:30:15+01:00', '2026-03-01T07:30:15.000Z', '2026-03-01T07:30:16.000Z'],
  ['2026-03-01T08:30:15.25Z', '2026-03-01T08:30:15.250Z', '2026-03-01T08:30:15.260Z'],
  ['2026-03-01T08:30:15.123456Z', '2026-03-01T08:30:15.123456Z', '2026-03-01T08:30:15.123457Z'],
  ['2026-12-31T23:59:60Z', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:01.000Z'],
  ['9999', '9999-01-01T00:00:00.000Z', 'infinity'],
  ['0001-01-01T00:00:00+14:00', '-infinity', '-infinity'],
])('%s covers [%s, %s)', (text, low, high) => expect(parseDateInterval(text)).toEqual({ low, high }))

test.each([
  '',
  '0000',
  '2026-13',
  '2024-02-30',
  '2026-3-1',
  '2026-03-01T25:00',
  '2026-03-01 08:00',
  'today',
  '20260301',
])('%p is no date', (text) => expect(parseDateInterval(text)).toBeUndefined())

const dates = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-01-01'), noInvalidDate: true })
const texts = fc
  .tuple(dates, fc.constantFrom(4, 7, 10, 13, 16, 19))
  .map(([date, length]) => date.toISOString().slice(0, length))

test('an interval is never empty, and holds every finer one of the same moment', () => {
  fc.assert(
    fc.property(dates, (date) => {
      const iso = date.toISOString()
      const intervals = [4, 7, 10, 13, 16, 19, 23].map((length) => parseDateInterval(iso.slice(0, length)))
      intervals.forEach((interval, i) => {
        const finer = intervals[i + 1] ?? interval
        expect(compareInstants(interval?.low ?? '', interval?.high ?? '')).toBeLessThan(0)
        expect(compareInstants(interval?.low ?? '', finer?.low ?? '')).toBeLessThanOrEqual(0)
        expect(compareInstants(finer?.high ?? '', interval?.high ?? '')).toBeLessThanOrEqual(0)
      })
    }),
  )
})

test('whatever the text, parsing gives an interval or nothing, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), texts, fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,12}[Z+-]?/)),
      (text) => {
        const interval = parseDateInterval(text)
        if (interval) expect(compareInstants(interval.low, interval.high)).toBeLessThanOrEqual(0)
      },
    ),
  )
})

test('a period without an end is open', () => {
  expect(periodInterval(parseDateInterval('2026-03-01'), undefined)).toEqual({
    low: '2026-03-01T00:00:00.000Z',
    high: 'infinity',
  })
})

test('ap leaves what is open open', () => {
  const interval = parseDateInterval('9999') ?? { low: '', high: '' }
  expect(approximately(interval, Date.parse('2026-01-01T00:00:00Z')).high).toBe('infinity')
})

test('ap widens by a tenth of the distance from now', () => {
  const interval = { low: '2026-01-01T00:00:00.000Z', high: '2026-01-02T00:00:00.000Z' }
  expect(approximately(interval, Date.parse('2026-01-11T00:00:00Z'))).toEqual({
    low: '2025-12-31T00:00:00.000Z',
    high: '2026-01-02T21:36:00.000Z',
  })
})
