import { addDays, fromOsloClock, toOsloClock } from '../../core/decide/time/oslo-time.ts'

/** A week by Norwegian clocks, from Monday's midnight to the next. */
export type Week = { start: Date; end: Date }

/** The week in which a moment is. */
export function weekOf(at: Date): Week {
  const { date, weekday } = toOsloClock(at)
  const monday = addDays(date, -((weekday + 6) % 7))
  return { start: fromOsloClock(monday, 0), end: fromOsloClock(addDays(monday, 7), 0) }
}

/** When the week so many weeks before it began, by Norwegian clocks too. */
export const weeksBefore = ({ start }: Week, count: number): Date =>
  fromOsloClock(addDays(toOsloClock(start).date, -7 * count), 0)

/** When the next week has begun: a little after its midnight, when what belongs to the one before is stored. */
export const nextWeekly = (now: Date): Date => new Date(weekOf(now).end.getTime() + 10 * 60_000)
