import { Temporal } from 'temporal-polyfill'
import { refuse } from '../../fhir/outcome.ts'

const DAY_MILLISECONDS = 86_400_000
/** Days whose beginning is remembered: asking the time zone costs 80 µs, and a schedule asks for the same days again and again. */
const REMEMBERED_COUNT_MAX = 5_000
const remembered = new Map<string, Map<Day, number>>()

/** A day of the calendar as days since 1970-01-01: schedules count days, and numbers are quick to count with. */
export type Day = number

export const dayOf = (date: Temporal.PlainDate): Day => Date.UTC(date.year, date.month - 1, date.day) / DAY_MILLISECONDS
export const dateOf = (day: Day): Temporal.PlainDate =>
  Temporal.PlainDate.from(new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10))
/** 1 is Monday. */
export const weekdayOf = (day: Day): number => ((((day + 3) % 7) + 7) % 7) + 1

/** The first moment of a day in a zone, in milliseconds since 1970. */
export function startOfDay(day: Day, zone: string): number {
  const known = remembered.get(zone)?.get(day)
  if (known !== undefined) return known
  const start = dateOf(day).toZonedDateTime(zone).epochMilliseconds
  const days = remembered.get(zone) ?? new Map<Day, number>()
  remembered.set(zone, days)
  if (days.size >= REMEMBERED_COUNT_MAX) days.clear()
  days.set(day, start)
  return start
}

/**
 * The moment at which the wall clock of a zone shows so many minutes after midnight, in milliseconds since 1970. A time that
 * the change to summer time skips comes as much later (02:30 is 03:30); of one that comes twice it is the first.
 * @param minutes may lie outside of the day: -30 is half past eleven the evening before
 */
export function momentOf(day: Day, minutes: number, zone: string): number {
  const daysOn = Math.floor(minutes / 1440)
  const own = day + daysOn
  const ofDay = Math.round((minutes - daysOn * 1440) * 60_000)
  const start = startOfDay(own, zone)
  if (startOfDay(own + 1, zone) - start === DAY_MILLISECONDS) return start + ofDay
  const plainTime = new Temporal.PlainTime().add({ milliseconds: ofDay })
  return dateOf(own).toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds
}

/** The day that a zone's calendar shows at a moment. */
export function dayAt(moment: number, zone: string): Day {
  // The guess by UTC is right or one day off, and the beginnings of days are remembered.
  let day = Math.floor(moment / DAY_MILLISECONDS)
  while (startOfDay(day, zone) > moment) day -= 1
  while (startOfDay(day + 1, zone) <= moment) day += 1
  return day
}

/** A FHIR dateTime: from its first moment until, exclusive, the first after it. One without a time is a day, a month or a year. */
export type Said = { from: number; until: number; day: Day; hasTime: boolean }

/**
 * @throws Refusal `value` for what is no FHIR dateTime; the expression names the element
 * @see http://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function parseDateTime(text: string, zone: string, expression: string): Said {
  const [, year, month = '01', ofMonth = '01', time] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?$/.exec(text) ?? ([] as (string | undefined)[])
  try {
    if (year === undefined) throw new RangeError('no year')
    const date = Temporal.PlainDate.from(`${year}-${month}-${ofMonth}`, { overflow: 'reject' })
    if (time !== undefined) {
      const from = Temporal.Instant.from(text).epochMilliseconds
      const precision = text.includes('.') ? 1 : 1_000
      return { from, until: from + precision, day: dayAt(from, zone), hasTime: true }
    }
    const length = text.length === 4 ? { years: 1 } : text.length === 7 ? { months: 1 } : { days: 1 }
    const until = startOfDay(dayOf(date.add(length)), zone)
    return { from: startOfDay(dayOf(date), zone), until, day: dayOf(date), hasTime: false }
  } catch {
    throw refuse(
      'value',
      `${text} is no dateTime; expected such as 2026-03-29 or 2026-03-29T08:00:00+02:00`,
      expression,
    )
  }
}
