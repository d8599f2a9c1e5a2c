import type { Extension } from '@medplum/fhirtypes'
import { toOsloClock } from '../time/oslo-time.ts'
import type { Limit } from './limits.ts'

/** When a limit counts; one without a window always does. */
export type LimitWindow = {
  /** Of the day by Norwegian clocks, minutes since midnight: from, itself included, to just before `to`; over midnight where to ≤ from. */
  timeOfDay?: { from: number; to: number }
  /** Instants in milliseconds: from, itself included, to just before `until`. Such as an exacerbation. */
  valid?: { from?: number; until?: number }
}

/** The parts `from`, `to` (valueTime) and `period` (valuePeriod) of the limit extension. */
export function windowOf(extension: Extension | undefined): LimitWindow {
  const part = (url: string) => extension?.extension?.find((inner) => inner.url === url)
  const [from, to] = [minutesOf(part('from')?.valueTime), minutesOf(part('to')?.valueTime)]
  const { start, end } = part('period')?.valuePeriod ?? {}
  const [begins, ends] = [instantOf(start), instantOf(end)]
  return {
    ...(from !== undefined && to !== undefined ? { timeOfDay: { from, to } } : {}),
    ...(begins !== undefined || ends !== undefined
      ? {
          valid: {
            ...(begins === undefined ? {} : { from: begins }),
            // A day as the end is that whole day, as in every FHIR Period.
            ...(ends === undefined || end === undefined ? {} : { until: /T/.test(end) ? ends : ends + 86_400_000 }),
          },
        }
      : {}),
  }
}

/** Whether a limit counts for what was measured at that moment. */
export function isInForce({ timeOfDay, valid }: LimitWindow, at: Date): boolean {
  const instant = at.getTime()
  if (valid?.from !== undefined && instant < valid.from) return false
  if (valid?.until !== undefined && instant >= valid.until) return false
  if (!timeOfDay) return true
  const { minuteOfDay } = toOsloClock(at)
  const { from, to } = timeOfDay
  return from < to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to
}

/**
 * The limits that count at a moment. For one measure, zone, side and way of comparing, the one with the narrowest window is
 * taken: a limit for the night during an exacerbation before one for the exacerbation, and that before one for always.
 */
export function inForce(limits: Limit[], at: Date): Limit[] {
  // Nearly all limits are for always, and then there is nothing to do.
  if (!limits.some(isWindowed)) return limits
  const counting = limits.filter((limit) => isInForce(limit, at))
  return counting.filter(
    (limit) => !counting.some((other) => narrowness(other) > narrowness(limit) && isAlike(other, limit)),
  )
}

const isWindowed = ({ timeOfDay, valid }: LimitWindow) => timeOfDay !== undefined || valid !== undefined

const narrowness = ({ timeOfDay, valid }: LimitWindow): number => (timeOfDay ? 1 : 0) + (valid ? 1 : 0)

/** One of them says what the other says, perhaps with another number. */
export const isAlike = (one: Limit, other: Limit): boolean =>
  one.zone === other.zone &&
  one.side === other.side &&
  one.relative === other.relative &&
  one.inPercent === other.inPercent &&
  one.trend?.method === other.trend?.method &&
  one.codes.some((code) => other.codes.includes(code))

function minutesOf(time: string | undefined): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time ?? '') ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

function instantOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at
}
