import type { Duration, Timing } from '@medplum/fhirtypes'
import { Temporal } from 'temporal-polyfill'
import { refuse } from '../../fhir/outcome.ts'
import { type Day, parseDateTime, type Said } from './wall-clock.ts'

/** Within which moments a Timing repeats, and from where it counts. */
export type Bounds = {
  /** Nothing is before this moment. */
  from: number
  /** Nothing is at or after this moment. */
  until: number
  /** From here on it may be done, but need not (boundsRange: between low and high). */
  optionalFrom: number
  /** The day from which days, weeks and months are counted. */
  day: Day
  /** The time of the day, where the beginning says one for this Timing; minutes after midnight. */
  minutes?: number
}

/**
 * @param start where to count from when the Timing does not say it, a dateTime; its time of the day does not become the
 *   occurrences' own, for it is when somebody pressed a button
 * @throws Refusal `value`, `required` or `not-supported`, with the element
 */
export function boundsOf(timing: Timing, start: string | undefined, zone: string, path: string): Bounds {
  const { boundsPeriod, boundsDuration, boundsRange } = timing.repeat ?? {}
  // One event beside a repeat is where the repeating begins.
  const own = boundsPeriod?.start
    ? parseDateTime(boundsPeriod.start, zone, `${path}.repeat.bounds.start`)
    : timing.event?.[0]
      ? parseDateTime(timing.event[0], zone, `${path}.event[0]`)
      : undefined
  if (!own && start === undefined) {
    throw refuse('required', 'The Timing does not say from when it counts; expected repeat.boundsPeriod.start', path)
  }
  const begin = own ?? parseDateTime(String(start), zone, path)
  const after = (duration: Duration, element: string) => addDuration(begin, duration, zone, `${path}.repeat.${element}`)
  const end = boundsPeriod?.end ? parseDateTime(boundsPeriod.end, zone, `${path}.repeat.bounds.end`).until : undefined
  const { low, high } = boundsRange ?? {}
  const bound = boundsDuration ? after(boundsDuration, 'bounds') : high ? after(high, 'bounds.high') : undefined
  const lowEnd = low ? after(low, 'bounds.low') : undefined
  return {
    from: begin.from,
    until: end ?? bound ?? lowEnd ?? Number.POSITIVE_INFINITY,
    optionalFrom: high && lowEnd !== undefined ? lowEnd : Number.POSITIVE_INFINITY,
    day: begin.day,
    ...(own?.hasTime ? { minutes: minutesInto(own, zone) } : {}),
  }
}

function minutesInto({ from }: Said, zone: string): number {
  const time = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).toPlainTime()
  return new Temporal.PlainTime().until(time).total({ unit: 'minutes' })
}

const CALENDAR_UNITS: Record<string, 'days' | 'weeks' | 'months' | 'years'> = {
  d: 'days',
  wk: 'weeks',
  mo: 'months',
  a: 'years',
}
const ELAPSED_UNITS: Record<string, number> = { s: 1_000, min: 60_000, h: 3_600_000 }

/** Whole days, weeks, months and years by the calendar; hours and less, and parts of days and weeks, as time that passes. */
function addDuration(begin: Said, { value, code, unit }: Duration, zone: string, expression: string): number {
  const given = code ?? unit ?? ''
  if (value === undefined || value < 0)
    throw refuse('required', `A bound of ${value} ${given}; expected a value`, expression)
  const calendar = CALENDAR_UNITS[given]
  if (calendar && Number.isInteger(value)) {
    const at = Temporal.Instant.fromEpochMilliseconds(begin.from).toZonedDateTimeISO(zone)
    return at.add({ [calendar]: value }).epochMilliseconds
  }
  const elapsed = ELAPSED_UNITS[given] ?? { d: 86_400_000, wk: 604_800_000 }[given]
  if (elapsed !== undefined) return begin.from + Math.round(value * elapsed)
  throw refuse('not-supported', `${value} ${given} is no bound; expected s, min, h, d, wk, mo or a of UCUM`, expression)
}
