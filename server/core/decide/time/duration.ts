import type { Duration } from '@medplum/fhirtypes'
import { Temporal } from 'temporal-polyfill'

/** As FHIR writes it: a UCUM code, else what stands in `unit`. */
export type Length = Pick<Duration, 'value' | 'code' | 'unit'>

const ZONE = 'Europe/Oslo'
const MILLISECONDS: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  wk: 604_800_000,
}
/** A month and a year have no length of their own: only a calendar knows when they are over. */
const MONTHS: Readonly<Record<string, number>> = { mo: 1, a: 12 }
/** UCUM's mean Julian month and year. */
const MEAN_MONTH_MILLISECONDS = 2_629_800_000
const LONGEST_MONTH_MILLISECONDS = 31 * 86_400_000

/**
 * The moment that lies so long after another: months and years by the Norwegian calendar and clock (a month after 31 January at eight is
 * 28 February at eight), everything else as time that passes (a day is 24 hours). Of half a month, half of the days of that month.
 * @param moment milliseconds since 1970
 * @throws Error for what is no length of time
 * @see https://hl7.org/fhir/R4/datatypes.html#Duration
 */
export function after(moment: number, length: Length): number {
  const months = monthsOf(length)
  return months === undefined ? moment + milliseconds(length) : addMonths(moment, months)
}

/** The moment that lies so long before another: see `after`. @throws Error for what is no length of time */
export const before = (moment: number, { value, code, unit }: Length): number =>
  after(moment, {
    ...(value === undefined ? {} : { value: -value }),
    ...(code === undefined ? {} : { code }),
    ...(unit === undefined ? {} : { unit }),
  })

/**
 * About how long it is, in milliseconds: for comparing two lengths, for whether one is more than nothing, and for sums of short ones. A
 * month is the mean one; when something is over is asked of `after`.
 * @throws Error for what is no length of time
 */
export function milliseconds(length: Length): number {
  return inMilliseconds(length, MEAN_MONTH_MILLISECONDS)
}

/** How long it is at most, in milliseconds: for what must be read before the moment is known from which it counts. */
export const longestMilliseconds = (length: Length): number => inMilliseconds(length, LONGEST_MONTH_MILLISECONDS)

function inMilliseconds(length: Length, month: number): number {
  const { value, code, unit } = length
  const months = monthsOf(length)
  if (months !== undefined) return months * month
  const one = MILLISECONDS[code ?? unit ?? '']
  if (one === undefined || value === undefined) throw new Error(`not a duration: ${value} ${code ?? unit}`)
  return value * one
}

function monthsOf({ value, code, unit }: Length): number | undefined {
  const months = MONTHS[code ?? unit ?? '']
  return months === undefined || value === undefined ? undefined : value * months
}

function addMonths(moment: number, months: number): number {
  const whole = Math.floor(months)
  const from = addWholeMonths(moment, whole)
  if (whole === months) return from
  return from + Math.round((addWholeMonths(moment, whole + 1) - from) * (months - whole))
}

/** Asked of each resource of a history for the same moment and window; a time zone is slow to ask. */
let known: { moment: number; months: number; at: number } | undefined

function addWholeMonths(moment: number, months: number): number {
  if (known?.moment === moment && known.months === months) return known.at
  const from = Temporal.Instant.fromEpochMilliseconds(Math.floor(moment)).toZonedDateTimeISO(ZONE)
  const at = from.add({ months }).epochMilliseconds
  known = { moment, months, at }
  return at
}
