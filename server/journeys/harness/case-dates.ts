import { addDays, fromOsloClock, toOsloDateTime } from '../../core/decide/time/oslo-time.ts'

const DAY_MILLISECONDS = 86_400_000
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g

/**
 * A case is written for days that are past; a server lives now. Every moment in it is put whole weeks on, at the same time by
 * Norwegian clocks, so that days of the week stay what they are.
 * @param firstAt the case's first moment
 * @returns the case (or whatever else tells of moments) from its first such day after `begin`
 */
export function datedFrom<T>(begin: Date, firstAt: string, told: T): T {
  const weeks = Math.ceil((begin.getTime() - Date.parse(firstAt)) / (7 * DAY_MILLISECONDS))
  return JSON.parse(JSON.stringify(told).replace(MOMENT, (moment) => laterBy(7 * weeks, moment))) as T
}

function laterBy(days: number, moment: string): string {
  const [date = '', time = ''] = toOsloDateTime(new Date(moment)).split('T')
  const [hour = 0, minute = 0, second = 0] = time.slice(0, 8).split(':').map(Number)
  const later = fromOsloClock(addDays(date, days), hour * 60 + minute).getTime() + second * 1_000
  return toOsloDateTime(new Date(later))
}

/**
 * Midnight by Norwegian clocks from which on the clocks are not changed for so many days: a case that counts in hours means the hours
 * of its own days.
 */
export function quietMidnight(from: Date, days: number): Date {
  const dateOf = (at: Date) => toOsloDateTime(at).slice(0, 10)
  let date = addDays(dateOf(from), 1)
  for (;;) {
    const begin = fromOsloClock(date, 0)
    if (fromOsloClock(addDays(date, days), 0).getTime() - begin.getTime() === days * DAY_MILLISECONDS) return begin
    date = addDays(date, 1)
  }
}
