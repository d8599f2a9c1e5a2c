import type { HealthcareService } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { ALWAYS_OPEN, addOpenMinutes, isOpenAt, openIntervals, openingHoursOf } from './opening-hours.ts'
import { toOsloDateTime } from './oslo-time.ts'

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
const office: Pick<HealthcareService, 'availableTime' | 'notAvailable'> = {
  availableTime: [{ daysOfWeek: [...WEEKDAYS], availableStartTime: '08:00:00', availableEndTime: '15:30:00' }],
}
const evenings: typeof office = {
  availableTime: [
    ...(office.availableTime ?? []),
    { daysOfWeek: ['sat', 'sun'], availableStartTime: '10:00:00', availableEndTime: '14:00:00' },
  ],
}
const nights: typeof office = { availableTime: [{ availableStartTime: '22:00:00', availableEndTime: '07:00:00' }] }

const after = (given: typeof office, from: string, minutes: number) => {
  const at = addOpenMinutes(openingHoursOf(given), new Date(from), minutes)
  return at && toOsloDateTime(at)
}

test.each<[string, typeof office, string, number, string]>([
  ['within a day', office, '2026-11-10T09:00:00+01:00', 120, '2026-11-10T11:00:00+01:00'],
  ['until closing time exactly', office, '2026-11-10T13:30:00+01:00', 120, '2026-11-10T15:30:00+01:00'],
  ['over the night', office, '2026-11-10T15:00:00+01:00', 60, '2026-11-11T08:30:00+01:00'],
  ['over a weekend', office, '2026-11-13T15:00:00+01:00', 60, '2026-11-16T08:30:00+01:00'],
  ['before opening', office, '2026-11-10T05:00:00+01:00', 30, '2026-11-10T08:30:00+01:00'],
  ['over Easter, Thursday to Monday', office, '2026-04-01T15:00:00+02:00', 60, '2026-04-07T08:30:00+02:00'],
  ['no minutes: the next opening', office, '2026-04-30T15:30:00+02:00', 0, '2026-05-04T08:00:00+02:00'],
  ['no minutes while it is open', office, '2026-04-30T15:00:00+02:00', 0, '2026-04-30T15:00:00+02:00'],
  ['from the moment of closing on', office, '2026-04-30T15:30:00+02:00', 1, '2026-05-04T08:01:00+02:00'],
  ['a holiday has the hours of a Sunday', evenings, '2026-05-14T09:00:00+02:00', 30, '2026-05-14T10:30:00+02:00'],
  ['over the change to summer time', office, '2026-03-27T15:00:00+01:00', 60, '2026-03-30T08:30:00+02:00'],
  ['over the change to winter time', office, '2026-10-23T15:00:00+02:00', 60, '2026-10-26T08:30:00+01:00'],
  ['a night shift', nights, '2026-11-10T23:00:00+01:00', 480, '2026-11-11T07:00:00+01:00'],
  ['into the next night', nights, '2026-11-10T03:00:00+01:00', 300, '2026-11-10T23:00:00+01:00'],
  ['the night in which a clock hour is missing', nights, '2026-03-28T22:00:00+01:00', 480, '2026-03-29T07:00:00+02:00'],
])('%s', (_name, given, from, minutes, expected) => {
  expect(after(given, from, minutes)).toBe(expected)
})

test.each<[string, { start?: string; end?: string }, string]>([
  ['days, the last one included', { start: '2026-11-11', end: '2026-11-12' }, '2026-11-13T08:30:00+01:00'],
  ['a month', { start: '2026-11-11', end: '2026-11' }, '2026-12-01T08:30:00+01:00'],
  ['the rest of the year', { start: '2026-11-11', end: '2026' }, '2027-01-04T08:30:00+01:00'],
  ['hours', { start: '2026-11-11T08:00:00+01:00', end: '2026-11-11T12:00:00+01:00' }, '2026-11-11T12:30:00+01:00'],
])('not available: %s', (_name, during, expected) => {
  const given = { ...office, notAvailable: [{ description: 'Stengt', during }] }
  expect(after(given, '2026-11-10T15:30:00+01:00', 30)).toBe(expected)
})

test('who closes for good does not open again', () => {
  const given = { ...office, notAvailable: [{ description: 'Nedlagt', during: { start: '2026-11-01' } }] }
  expect(after(given, '2026-11-10T09:00:00+01:00', 1)).toBeUndefined()
})

test('without any hours it is open day and night, holidays too', () => {
  expect(openingHoursOf({})).toEqual(ALWAYS_OPEN)
  expect(after({}, '2026-12-25T02:00:00+01:00', 90)).toBe('2026-12-25T03:30:00+01:00')
})

const instants = fc.date({ min: new Date('2025-01-01'), max: new Date('2028-12-31'), noInvalidDate: true })
const times = fc.integer({ min: 0, max: 95 }).map((quarter) => {
  const [hours, minutes] = [Math.floor(quarter / 4), (quarter % 4) * 15]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}:00`
})
const hours = fc
  .array(
    fc.record({
      daysOfWeek: fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), { minLength: 1 }),
      availableStartTime: times,
      availableEndTime: times,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((availableTime) => openingHoursOf({ availableTime } as typeof office))

test('so many open minutes later, so many open minutes have passed; and it is open just before', () => {
  fc.assert(
    fc.property(hours, instants, fc.integer({ min: 1, max: 3000 }), (given, from, minutes) => {
      const to = addOpenMinutes(given, from, minutes)
      if (!to) throw new Error('it is open some day each week')
      const open = [...openIntervals(given, from, to)].map((one) => Math.min(one.to, to.getTime()) - one.from)
      expect(open.reduce((all, one) => all + one, 0) / 60_000).toBeCloseTo(minutes, 6)
      expect(isOpenAt(given, new Date(to.getTime() - 1))).toBe(true)
    }),
  )
})

test('waiting in two steps is waiting in one', () => {
  const minutes = fc.integer({ min: 1, max: 2000 })
  fc.assert(
    fc.property(hours, instants, minutes, minutes, (given, from, first, second) => {
      const between = addOpenMinutes(given, from, first) as Date
      expect(addOpenMinutes(given, between, second)).toEqual(addOpenMinutes(given, from, first + second))
    }),
  )
})
