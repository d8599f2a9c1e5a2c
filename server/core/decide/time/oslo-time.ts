const OSLO = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Oslo',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'longOffset',
})

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
  const { year, month, day, hour, minute, second, timeZoneName } = partsOf(at)
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${(timeZoneName ?? '').slice(3) || '+00:00'}`
}

export function toOsloClock(at: Date): WallClock {
  const { year, month, day, hour, minute } = partsOf(at)
  const date = `${year}-${month}-${day}`
  return { date, minuteOfDay: Number(hour) * 60 + Number(minute), weekday: new Date(date).getUTCDay() }
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

function partsOf(at: Date): Record<string, string | undefined> {
  return Object.fromEntries(OSLO.formatToParts(at).map(({ type, value }) => [type, value]))
}
