import fc from 'fast-check'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from './oslo-time.ts'

test.each([
  ['2026-01-15T06:12:00Z', '2026-01-15T07:12:00+01:00'],
  ['2026-07-15T05:12:00Z', '2026-07-15T07:12:00+02:00'],
  ['2026-03-29T00:59:59Z', '2026-03-29T01:59:59+01:00'],
  ['2026-03-29T01:00:00Z', '2026-03-29T03:00:00+02:00'],
  ['2026-10-25T00:59:59Z', '2026-10-25T02:59:59+02:00'],
  ['2026-10-25T01:00:00Z', '2026-10-25T02:00:00+01:00'],
  ['2026-12-31T23:30:00Z', '2027-01-01T00:30:00+01:00'],
])('%s is %s in Norway', (utc, oslo) => {
  expect(toOsloDateTime(new Date(utc))).toBe(oslo)
})

test('a date and a clock time make the moment whose clock shows them, on every day of the year', () => {
  const anyDay = fc.integer({ min: 0, max: 365 * 6 }).map((day) => addDays('2025-01-01', day))
  // From 03:00 on, no clock time is skipped or comes twice.
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 180, max: 1439 }), (date, minuteOfDay) => {
      expect(toOsloClock(fromOsloClock(date, minuteOfDay))).toMatchObject({ date, minuteOfDay })
    }),
  )
})

test('the weekday is that of the Norwegian date', () => {
  expect(toOsloClock(new Date('2026-11-22T23:30:00Z'))).toEqual({ date: '2026-11-23', minuteOfDay: 30, weekday: 1 })
})

/** What the calendar of the runtime shows, asked for each moment. */
const CALENDAR = new Intl.DateTimeFormat('en-CA', {
  ...{ timeZone: 'Europe/Oslo', hourCycle: 'h23', timeZoneName: 'longOffset' },
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
})

test('any moment since 1900 is told as the calendar of the runtime tells it, also in the hours in which clocks are changed', () => {
  const anyMoment = fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  const nearAChange = fc
    .tuple(fc.constantFrom('1916-05-01', '1945-05-24', '1980-04-06', '2026-03-29', '2026-10-25'), fc.integer())
    .map(([day, at]) => new Date(Date.parse(day) + (at % (36 * 3_600_000))))
  fc.assert(
    fc.property(fc.oneof(anyMoment, nearAChange), (at) => {
      const shown = Object.fromEntries(CALENDAR.formatToParts(at).map(({ type, value }) => [type, value]))
      const { year, month, day, hour, minute, second, timeZoneName = '' } = shown
      const offset = timeZoneName.slice(3) || '+00:00'
      expect(toOsloDateTime(at)).toBe(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`)
      expect(toOsloClock(at)).toMatchObject({
        date: `${year}-${month}-${day}`,
        minuteOfDay: Number(hour) * 60 + Number(minute),
      })
    }),
    { numRuns: 500 },
  )
})
