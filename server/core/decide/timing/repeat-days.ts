import type { TimingRepeat } from '@medplum/fhirtypes'
import { type Day, dateOf, dayOf, weekdayOf } from './wall-clock.ts'

/** A day of the schedule, and how many times are due on it where no times of the day are said. */
export type DueDay = { day: Day; count: number }

/** One period of a schedule by the calendar: its days that are due; none when the days of the week leave none. */
type PeriodDays = (index: number) => DueDay[]

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

export type DayRepeat = {
  unit: 'd' | 'wk' | 'mo' | 'a'
  /** A whole number of units. */
  period: number
  /** How many times in a period; of days, where each day has times of its own. */
  frequency: number
  /** 1 is Monday. */
  weekdays: number[]
  /** From which day periods are counted. */
  day: Day
}

/** @param timesADay how many times of the day are said: `frequency` 6 of 3 times a day is 2 days */
export function toDayRepeat(repeat: TimingRepeat, period: number, day: Day, timesADay: number): DayRepeat {
  const unit = repeat.periodUnit
  const frequency = Math.max(1, repeat.frequency ?? 1)
  return {
    unit: unit === 'wk' || unit === 'mo' || unit === 'a' ? unit : 'd',
    period,
    frequency: timesADay > 0 ? Math.ceil(frequency / timesADay) : frequency,
    weekdays: (repeat.dayOfWeek ?? []).map((name) => WEEKDAYS.indexOf(name) + 1).filter((weekday) => weekday > 0),
    day,
  }
}

/** The days of a schedule from `from` on, in order, each once; endless unless no day of the week can ever match. */
export function* dueDays(repeat: DayRepeat, from: Day): Generator<DueDay> {
  const days = periodDays(repeat)
  let empty = 0
  for (let index = firstIndex(repeat, from); empty < EMPTY_PERIODS_MAX; index++) {
    const due = days(index)
    empty = due.length === 0 ? empty + 1 : 0
    yield* due.filter(({ day }) => day >= repeat.day && day >= from)
  }
}

/** Weekdays against periods of days come round within seven periods; a year's or month's days always have each weekday. */
const EMPTY_PERIODS_MAX = 8

/** A period that surely begins before `from`, so that a long past is not walked through. */
function firstIndex({ unit, period, day }: DayRepeat, from: Day): number {
  const length = { d: 1, wk: 7, mo: 31, a: 366 }[unit] * period
  return Math.max(0, Math.floor((from - day) / length) - 1)
}

function periodDays({ unit, period, frequency, weekdays, day }: DayRepeat): PeriodDays {
  const isAllowed = (one: Day) => weekdays.length === 0 || weekdays.includes(weekdayOf(one))
  if (unit === 'd') {
    return (index) => spread(day + index * period, period, frequency).filter((due) => isAllowed(due.day))
  }
  if (unit === 'wk' && weekdays.length > 0) {
    // Weeks of the calendar: "every other Tuesday" does not depend on the weekday on which somebody began.
    const monday = day - weekdayOf(day) + 1
    const count = Math.max(1, Math.round(frequency / weekdays.length))
    const offsets = weekdays.map((weekday) => weekday - 1).sort((one, other) => one - other)
    return (index) => offsets.map((offset) => ({ day: monday + 7 * period * index + offset, count }))
  }
  if (unit === 'wk') return (index) => spread(day + 7 * period * index, 7 * period, frequency)
  // Counted from the first day each time: the 31st becomes the 28th in February, and the 31st again in March.
  const months = unit === 'a' ? 12 * period : period
  const first = dateOf(day)
  const beginOf = (index: number) => dayOf(first.add({ months: index * months }))
  return (index) => {
    const begin = beginOf(index)
    const length = beginOf(index + 1) - begin
    if (weekdays.length === 0) return spread(begin, length, frequency)
    const allowed = Array.from({ length }, (_, i) => begin + i).filter(isAllowed)
    return spread(0, allowed.length, frequency).map((due) => ({ ...due, day: allowed[due.day] ?? begin }))
  }
}

/** `frequency` times over `length` days, as evenly as whole days allow, from the first on. */
function spread(begin: Day, length: number, frequency: number): DueDay[] {
  const due: DueDay[] = []
  for (let i = 0; i < frequency; i++) {
    const day = begin + Math.floor((i * length) / frequency)
    const last = due.at(-1)
    if (last?.day === day) last.count += 1
    else due.push({ day, count: 1 })
  }
  return due
}
