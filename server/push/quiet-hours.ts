import { addDays, fromOsloClock, toOsloClock } from '../core/decide/time/oslo-time.ts'

/** When somebody is not to be disturbed, in minutes of the Norwegian day: 22:00 to 07:00 is 1320 to 420. */
export type QuietHours = { from: number; until: number }

/** @returns when the quiet hours that hold at this moment are over; undefined when none hold */
export function quietUntil(now: Date, { from, until }: QuietHours): Date | undefined {
  const { date, minuteOfDay } = toOsloClock(now)
  if (from < until) return minuteOfDay >= from && minuteOfDay < until ? fromOsloClock(date, until) : undefined
  if (minuteOfDay >= from) return fromOsloClock(addDays(date, 1), until)
  return minuteOfDay < until ? fromOsloClock(date, until) : undefined
}

/** @returns when quiet hours begin next, at a moment when none hold */
export function nextQuiet(now: Date, { from }: QuietHours): Date {
  const { date, minuteOfDay } = toOsloClock(now)
  return fromOsloClock(minuteOfDay < from ? date : addDays(date, 1), from)
}

/** `22:00` as minutes; undefined for what is no time of day. */
export function minuteOf(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)(?::00)?$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}
