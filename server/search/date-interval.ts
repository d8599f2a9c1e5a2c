/** The time that a date covers, [low, high): ISO 8601 in UTC, microseconds at most, or ±infinity. As PostgreSQL reads it. */
export type DateInterval = { low: string; high: string }

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/
const MICROSECONDS_IN_MILLISECOND = 1000

/**
 * Parses an R4 date, dateTime or instant of any precision; a search may also leave out seconds and minutes. Without a zone it counts as UTC.
 * @returns undefined for anything else, also for a day that no calendar has
 * @see https://hl7.org/fhir/R4/search.html#date
 */
export function parseDateInterval(text: string): DateInterval | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const [, year = '', month, day, hour, minute, second, fraction, zone] = match
  const start = utc(
    Number(year),
    Number(month ?? 1),
    Number(day ?? 1),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  )
  if (start === undefined) return undefined
  const low = start - offsetMilliseconds(zone)
  if (fraction !== undefined) return fractionInterval(low, fraction)
  return { low: toText(low), high: toText(nextAfter(low, { month, day, hour, minute, second })) }
}

/** From the start of one date to the end of another; open where there is none. */
export function periodInterval(start: DateInterval | undefined, end: DateInterval | undefined): DateInterval {
  return { low: start?.low ?? '-infinity', high: end?.high ?? 'infinity' }
}

/** Widens by a tenth of the distance from now, R4's advice for `ap`. */
export function approximately({ low, high }: DateInterval, now: number): DateInterval {
  return { low: moved(low, now, -1), high: moved(high, now, 1) }
}

function moved(text: string, now: number, sign: 1 | -1): string {
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? text : toText(Math.round(instant + (sign * Math.abs(now - instant)) / 10))
}

/** Instants of one interval end compared, infinities included. */
export function compareInstants(a: string, b: string): number {
  return instantOf(a) - instantOf(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function instantOf(text: string): number {
  if (text === 'infinity') return Number.MAX_SAFE_INTEGER
  if (text === '-infinity') return Number.MIN_SAFE_INTEGER
  return Date.parse(text)
}

function utc(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  // Second 60 is R4's leap second; 24:00 is no time of day.
  if (year === 0 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1) return undefined
  return date.setUTCHours(hour, minute, second)
}

function offsetMilliseconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

type Precision = Partial<Record<'month' | 'day' | 'hour' | 'minute' | 'second', string | undefined>>

function nextAfter(low: number, { month, day, hour, minute, second }: Precision): number {
  if (second !== undefined) return low + 1000
  if (minute !== undefined) return low + 60_000
  if (hour !== undefined) return low + 3_600_000
  if (day !== undefined) return low + 86_400_000
  const date = new Date(low)
  return month === undefined ? date.setUTCFullYear(date.getUTCFullYear() + 1) : date.setUTCMonth(date.getUTCMonth() + 1)
}

/**
 * Digits after the second narrow the interval, down to the microsecond that PostgreSQL keeps. What lies between two
 * microseconds becomes an empty interval at the second of them: before it is the first, from it on the second.
 */
function fractionInterval(second: number, fraction: string): DateInterval {
  const digits = fraction.slice(0, 6)
  const low = Number(digits.padEnd(6, '0'))
  if (/[1-9]/.test(fraction.slice(6))) return { low: toText(second, low + 1), high: toText(second, low + 1) }
  return { low: toText(second, low), high: toText(second, low + 10 ** (6 - digits.length)) }
}

function toText(milliseconds: number, microseconds = 0): string {
  const whole = new Date(milliseconds + Math.floor(microseconds / MICROSECONDS_IN_MILLISECOND))
  const year = whole.getUTCFullYear()
  // Years of other than four digits are beyond FHIR; only a zone or the end of 9999 leads there.
  if (year > 9999) return 'infinity'
  if (year < 1) return '-infinity'
  const rest = microseconds % MICROSECONDS_IN_MILLISECOND
  const text = whole.toISOString()
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}
