import { fromOsloClock } from '../../../server/core/decide/time/oslo-time.ts'

/** Now, or a day and a time of it by Norwegian clocks. */
export type When = { isNow: true } | { isNow: false; date: string; time: string }
/** So many days can be told, today among them. */
export const DAY_COUNT = 8

/** @returns undefined for no time of day, or one that has not come yet */
export function momentOf(when: When, now: Date): Date | undefined {
  if (when.isNow) return now
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(when.time) ?? []
  if (hours === undefined) return undefined
  const at = fromOsloClock(when.date, Number(hours) * 60 + Number(minutes))
  return at.getTime() > now.getTime() ? undefined : at
}
