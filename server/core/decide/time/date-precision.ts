import { addDays, fromOsloClock } from './oslo-time.ts'

/** From when until just before when, in milliseconds. */
export type Interval = { low: number; high: number }

/**
 * The time that a FHIR date or dateTime names: a day, month or year by Norwegian clocks, also where summer time begins in it; a second,
 * or a fraction of one, where it says so much. Of what is no date both ends are NaN, and nothing lies within.
 * @see https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function intervalOf(text: string): Interval {
  if (text.includes('T')) {
    const low = Date.parse(text)
    return { low, high: low + (text.includes('.') ? 1 : 1_000) }
  }
  const [, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text) ?? []
  const first = `${year}-${month ?? '01'}-${day ?? '01'}`
  // JavaScript reads a day out of almost anything.
  if (year === undefined || Number.isNaN(Date.parse(first))) return { low: Number.NaN, high: Number.NaN }
  return { low: midnight(first), high: midnight(day ? addDays(first, 1) : month ? nextMonth(first) : nextYear(first)) }
}

const midnight = (date: string) => fromOsloClock(date, 0).getTime()
const nextMonth = (first: string) => addDays(first, 31).replace(/\d\d$/, '01')
const nextYear = (first: string) => addDays(first, 366).replace(/-\d\d-\d\d$/, '-01-01')
