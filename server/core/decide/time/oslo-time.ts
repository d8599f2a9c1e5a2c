const OSLO = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Oslo', timeZoneName: 'longOffset' })

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What a clock on the wall in Norway shows. */
export type WallClock = {
  /** `2026-03-29` */
  date: string
  /** whole minutes since midnight, as the clock shows them */
  minuteOfDay: number
  /** 0 is Sunday */
  weekday: number
}

/** A moment as FHIR dateTime with Norway's own offset, summer time included: `2026-07-01T07:12:00+02:00`. */
export function toOsloDateTime(at: Date): string {
  const minutes = offsetMinutes(at)
  return `${shown(at, minutes).slice(0, 19)}${minutes < 0 ? '-' : '+'}${inHours(Math.abs(minutes))}`
}

export function toOsloClock(at: Date): WallClock {
  const wall = new Date(at.getTime() + offsetMinutes(at) * MINUTE)
  return {
    date: wall.toISOString().slice(0, 10),
    minuteOfDay: wall.getUTCHours() * 60 + wall.getUTCMinutes(),
    weekday: wall.getUTCDay(),
  }
}

/**
 * The moment at which Norwegian clocks show this.
 * @param date `2026-03-29`
 * @param minuteOfDay 0–1439; a time that the change to summer time skips becomes the one an hour earlier
 */
export function fromOsloClock(date: string, minuteOfDay: number): Date {
  const asUtc = new Date(date).getTime() + minuteOfDay * 60_000
  const winter = new Date(asUtc - 3_600_000)
  // Norway is one hour ahead of UTC, two in summer; the guess of one hour tells by itself which of the two it is.
  return toOsloDateTime(winter).endsWith('+02:00') ? new Date(asUtc - 7_200_000) : winter
}

/** The same clock time so many days later or earlier, also over a change of the clock. */
export function addDays(date: string, days: number): string {
  return new Date(new Date(date).getTime() + days * 86_400_000).toISOString().slice(0, 10)
}

/** What a clock shows that is so many minutes ahead of UTC, written as if it were UTC. */
const shown = (at: Date, minutes: number): string => new Date(at.getTime() + minutes * MINUTE).toISOString()

const inHours = (minutes: number): string => [Math.floor(minutes / 60), minutes % 60].map(twoDigits).join(':')
const twoDigits = (number: number): string => String(number).padStart(2, '0')

/**
 * How far ahead of UTC Norway is at a moment. The calendar of the runtime is asked once for each hour: it takes longer than all else
 * that is done with a time, and a deadline in a calendar of weekdays asks for dozens.
 */
function offsetMinutes(at: Date): number {
  // Clocks are changed on the hour.
  const hour = Math.floor(at.getTime() / HOUR)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  const offset = readOffset(at)
  if (offsets.size >= OFFSET_COUNT_MAX) offsets.clear()
  offsets.set(hour, offset)
  return offset
}
const offsets = new Map<number, number>()
const OFFSET_COUNT_MAX = 10_000

/** `GMT+02:00`, and `GMT` alone for none. */
function readOffset(at: Date): number {
  const name = OSLO.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === '-' ? -size : size
}
