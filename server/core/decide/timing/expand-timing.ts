import type { Timing, TimingRepeat } from '@medplum/fhirtypes'
import { refuse } from '../../fhir/outcome.ts'
import { after, before } from '../time/duration.ts'
import { type Bounds, boundsOf } from './bounds.ts'
import { type DayTimes, minutesOf, minutesOfWhen, NORWEGIAN_DAY } from './day-times.ts'
import { dueDays, toDayRepeat } from './repeat-days.ts'
import { repeatOf } from './timing-code.ts'
import { dayAt, momentOf, parseDateTime, startOfDay, weekdayOf } from './wall-clock.ts'

/** One time that a Timing plans. */
export type PlannedTime = {
  /** When it is due. */
  at: Date
  /** From when on it counts as done for this time already, where the Timing allows a range (`periodMax`). */
  earliest?: Date
  /** When it ends, where the Timing says how long it lasts. */
  endsAt?: Date
  /** The Timing says a day, not a time of it: `at` is then the day's first usual time. */
  isWholeDay: boolean
  /** It may be done but need not: beyond `count` up to `countMax`, and beyond the low end of `boundsRange`. */
  isOptional: boolean
}

/** A Timing made ready for asking. */
export type ExpandedTiming = {
  /** The planned times strictly after this moment (all of them without one), in order, each moment once; may be endless. */
  after(moment?: Date): Generator<PlannedTime>
}

export type TimingOptions = {
  /** dateTime from which to count when the Timing itself does not say it. */
  start?: string
  dayTimes?: DayTimes
  /** FHIRPath of the Timing, for refusals. */
  path?: string
}

/** A schedule that is counted must be walked from its beginning. */
const COUNT_MAX = 100_000

/**
 * The times that a FHIR Timing plans, by the wall clock of the person's zone. Pure, and resumable: `after(t)` gives exactly the
 * part of `after()` that lies after t, without walking through what is past.
 *
 * What R4 leaves open is decided so: days, weeks, months and years go by the calendar, hours and less by time that passes (every
 * 8 hours is 8 hours also in the night of summer time); n times a day without times are spread over the day, n times a week
 * over the week; with `dayOfWeek` and weeks, each of those days; of ranges (`frequencyMax`, `periodMax`) what must come at
 * least; several events are the schedule themselves, one beside a repeat is where it begins.
 * @throws Refusal `required`, `value`, `invalid` or `not-supported`, with the element
 * @see http://hl7.org/fhir/R4/datatypes.html#Timing
 */
export function expandTiming(timing: Timing, options: TimingOptions = {}): ExpandedTiming {
  const { start, dayTimes = NORWEGIAN_DAY, path = 'Timing' } = options
  const isList = (timing.event?.length ?? 0) > 1
  const repeat = isList ? undefined : repeatOf(timing, path)
  if (!repeat) {
    const events = listedEvents(timing, dayTimes, path)
    return { after: (moment) => afterMoment(events.values(), moment) }
  }
  const bounds = boundsOf(timing, start, dayTimes.zone, path)
  const moments = momentsOf(repeat, bounds, dayTimes, `${path}.repeat`)
  const { count, countMax } = repeat
  const last = countMax ?? count
  if (last !== undefined && last > COUNT_MAX) {
    throw refuse('too-costly', `count ${last}; expected at most ${COUNT_MAX}`, `${path}.repeat.count`)
  }
  return {
    *after(moment) {
      const isCounted = last !== undefined
      let number = 0
      for (const one of moments(isCounted || !moment ? bounds.from : Math.max(bounds.from, moment.getTime() + 1))) {
        if (one.at >= bounds.until || ++number > (last ?? Number.POSITIVE_INFINITY)) return
        if (moment && one.at <= moment.getTime()) continue
        const isOptional = one.at >= bounds.optionalFrom || (count !== undefined && number > count)
        yield toPlanned(one, repeat, isOptional)
      }
    },
  }
}

type PlannedMoment = { at: number; isWholeDay: boolean }

function toPlanned({ at, isWholeDay }: PlannedMoment, repeat: TimingRepeat, isOptional: boolean): PlannedTime {
  const slack = repeat.periodMax ? repeat.periodMax - (repeat.period ?? repeat.periodMax) : 0
  const duration = repeat.durationMax ?? repeat.duration
  return {
    at: new Date(at),
    ...(slack > 0 ? { earliest: new Date(before(at, { value: slack, code: repeat.periodUnit ?? 'd' })) } : {}),
    ...(duration ? { endsAt: new Date(after(at, { value: duration, code: repeat.durationUnit ?? 'd' })) } : {}),
    isWholeDay,
    isOptional,
  }
}

function listedEvents(timing: Timing, { zone, first }: DayTimes, path: string): PlannedTime[] {
  const moments = (timing.event ?? []).map((event, i) => {
    const { from, day, hasTime } = parseDateTime(event, zone, `${path}.event[${i}]`)
    return { at: hasTime ? from : momentOf(day, minutesOf(first), zone), isWholeDay: !hasTime }
  })
  const sorted = moments.sort((one, other) => one.at - other.at).filter(({ at }, i, all) => at !== all[i - 1]?.at)
  return sorted.map((one) => toPlanned(one, timing.repeat ?? {}, false))
}

function* afterMoment(times: Iterable<PlannedTime>, moment: Date | undefined): Generator<PlannedTime> {
  for (const time of times) if (!moment || time.at > moment) yield time
}

/** Gives all moments from one on (not before the bounds' beginning), in order, each once, without an end. */
type Moments = (from: number) => Generator<PlannedMoment>

function momentsOf(repeat: TimingRepeat, bounds: Bounds, dayTimes: DayTimes, path: string): Moments {
  const period = repeat.periodMax ?? repeat.period ?? 1
  if (!(period > 0)) throw refuse('invalid', `A period of ${period}; expected more than 0`, `${path}.period`)
  const { periodUnit = 'd', frequency = 1, offset = 0 } = repeat
  refuseExtremes({ days: (period * lengthOf(periodUnit)) / LENGTH_OF_DAY, frequency, offset }, path)
  const saysTimes = Boolean(repeat.timeOfDay?.length || repeat.when?.length)
  const isElapsed = ELAPSED.has(periodUnit) || (!Number.isInteger(period) && !saysTimes)
  if (!isElapsed && !Number.isInteger(period)) {
    throw refuse(
      'not-supported',
      `Times of the day every ${period} ${periodUnit}; expected whole numbers`,
      `${path}.period`,
    )
  }
  if (isElapsed && !saysTimes) {
    const step = (period * lengthOf(periodUnit)) / Math.max(1, frequency)
    // Less than a second is not asked of people; and nobody shall walk through milliseconds.
    if (step < 1_000) throw refuse('not-supported', 'More often than each second', `${path}.frequency`)
    return elapsedMoments(step, repeat, bounds, dayTimes)
  }
  // "Every 4 hours, at 8 and 20" is at 8 and 20.
  const days = ELAPSED.has(periodUnit) ? ({ ...repeat, periodUnit: 'd', period: 1, frequency: 1 } as const) : repeat
  return dayMoments(days, ELAPSED.has(periodUnit) ? 1 : period, bounds, dayTimes)
}

/** What no plan for a person means, and would cost the machine much. */
function refuseExtremes(given: { days: number; frequency: number; offset: number }, path: string): void {
  if (given.days > 3_660) throw refuse('not-supported', 'A period of more than ten years', `${path}.period`)
  if (given.frequency > 1_440 * Math.max(1, given.days)) {
    throw refuse('not-supported', 'More often than each minute; expected a period in seconds', `${path}.frequency`)
  }
  if (given.offset > 1_440) {
    throw refuse(
      'not-supported',
      `An offset of ${given.offset} minutes; expected at most a day, 1440`,
      `${path}.offset`,
    )
  }
}

const ELAPSED = new Set(['s', 'min', 'h'])
const LENGTHS: Record<string, number> = {
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  wk: 604_800_000,
  mo: 2_629_800_000,
  a: 31_557_600_000,
}
const LENGTH_OF_DAY = 86_400_000
const lengthOf = (unit: string | undefined): number => LENGTHS[unit ?? 'd'] ?? 0

function elapsedMoments(step: number, repeat: TimingRepeat, bounds: Bounds, { zone, first }: DayTimes): Moments {
  const saysTime = bounds.minutes !== undefined
  const origin = saysTime ? bounds.from : Math.max(bounds.from, momentOf(bounds.day, minutesOf(first), zone))
  const weekdays = toDayRepeat(repeat, 1, bounds.day, 0).weekdays
  return function* (from) {
    let index = Math.max(0, Math.ceil((from - origin) / step))
    let skipped = 0
    while (skipped < SKIPPED_DAYS_MAX) {
      const at = Math.round(origin + index * step)
      const day = weekdays.length > 0 ? dayAt(at, zone) : undefined
      if (day !== undefined && !weekdays.includes(weekdayOf(day))) {
        // A whole day is passed at once, also when there is one each second.
        index = Math.max(index + 1, Math.ceil((startOfDay(day + 1, zone) - origin) / step))
        skipped += 1
        continue
      }
      skipped = 0
      if (at >= from) yield { at, isWholeDay: false }
      index += 1
    }
  }
}

/** Steps that never meet their weekday in so many days never will. */
const SKIPPED_DAYS_MAX = 400

function dayMoments(repeat: TimingRepeat, period: number, bounds: Bounds, dayTimes: DayTimes): Moments {
  const said = saidMinutes(repeat, dayTimes)
  const days = toDayRepeat(repeat, period, bounds.day, said.length)
  const { zone } = dayTimes
  return function* (from) {
    // An offset leads at most into the day after the next.
    const first = dayAt(from, zone) - 2
    let last = Number.NEGATIVE_INFINITY
    let waiting: PlannedMoment[] = []
    for (const { day, count } of dueDays(days, first)) {
      const minutes = said.length > 0 ? said : spreadMinutes(count, bounds.minutes, dayTimes)
      const isWholeDay = said.length === 0 && (count > 1 || bounds.minutes === undefined)
      const own = minutes.map((each) => ({ at: momentOf(day, each, zone), isWholeDay }))
      // What an offset puts before this day began may come before what the day before still has.
      const all = [...waiting, ...own].sort((one, other) => one.at - other.at)
      const settled = startOfDay(day, zone)
      waiting = all.filter(({ at }) => at >= settled)
      for (const one of all.filter(({ at }) => at < settled)) {
        if (one.at > last && one.at >= from) yield one
        last = Math.max(last, one.at)
      }
    }
    for (const one of waiting) {
      if (one.at > last && one.at >= from) yield one
      last = Math.max(last, one.at)
    }
  }
}

/** The times of a day that the Timing says, in minutes after midnight. */
function saidMinutes(repeat: TimingRepeat, dayTimes: DayTimes): number[] {
  const byClock = (repeat.timeOfDay ?? []).map(minutesOf)
  const byEvent = (repeat.when ?? []).flatMap((when) => minutesOfWhen(when, repeat.offset, dayTimes))
  return [...new Set([...byClock, ...byEvent])].sort((one, other) => one - other)
}

/** Where only a number is said: evenly from the day's first usual time to its last, to the minute. */
function spreadMinutes(count: number, own: number | undefined, { first, last }: DayTimes): number[] {
  if (count === 1) return [own ?? minutesOf(first)]
  const [begin, end] = [minutesOf(first), minutesOf(last)]
  return Array.from({ length: count }, (_, i) => Math.round(begin + ((end - begin) * i) / (count - 1)))
}
