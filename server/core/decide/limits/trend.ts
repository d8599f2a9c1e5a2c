import type { DataRequirement, Extension } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isAssessable } from '../happening.ts'
import { happenedAt } from '../plan/data-requirement.ts'
import { milliseconds } from '../time/duration.ts'
import type { Limit } from './limits.ts'
import { measured, unitOf } from './measured.ts'
import { trendLine } from './trend-line.ts'

/**
 * How a course over time is made one number.
 * - `slope`: the line of least squares through all measurements of the window, in units a day. One odd value bends it little.
 * - `change`: the last minus the first of the window, as "two kilos in three days" is said.
 */
export type Trend = {
  method: 'slope' | 'change'
  /** Of hours, days or weeks, which have a length: see check-limits.ts. */
  windowMilliseconds: number
  /** With fewer measurements in the window there is no trend yet. */
  countMin: number
}

const COUNT_MIN = { slope: 3, change: 2 } as const

/** The parts `trend`, `window` (valueDuration) and `countMin` of the limit extension. */
export function trendOf(extension: Extension | undefined): Trend | undefined {
  const part = (url: string) => extension?.extension?.find((inner) => inner.url === url)
  const method = part('trend')?.valueCode
  const window = part('window')?.valueDuration
  if ((method !== 'slope' && method !== 'change') || !window) return undefined
  const countMin = part('countMin')?.valueInteger ?? COUNT_MIN[method]
  return { method, windowMilliseconds: milliseconds(window), countMin }
}

/** What must be read for a trend: the measurements of its window, which ends with the one at hand. */
export function trendRequirements(limits: Limit[], current: Resource, now: Date): DataRequirement[] {
  const trending = limits.filter(({ trend }) => trend)
  if (trending.length === 0) return []
  const codes = new Set(measured(current).flatMap((one) => one.codes))
  const at = happenedAt(current, 'effective', now)
  return trending
    .filter((limit) => limit.codes.some((code) => codes.has(code)))
    .map(({ trend }) => ({
      type: 'Observation',
      dateFilter: [
        {
          path: 'effective',
          valuePeriod: {
            start: new Date(at - (trend?.windowMilliseconds ?? 0)).toISOString(),
            end: new Date(at).toISOString(),
          },
        },
      ],
    }))
}

export type Course = { value: number; count: number }

/**
 * The trend of a measure, up to and with the measurement at hand; undefined with too few of them, or all at one moment.
 * Measurements that are withdrawn, in another unit or later than this one do not count.
 */
export function courseOf(limit: Limit, current: Resource, history: Resource[], now: Date): Course | undefined {
  const { trend } = limit
  if (!trend) return undefined
  const end = happenedAt(current, 'effective', now)
  const start = end - trend.windowMilliseconds
  const earlier = history.filter(
    (one) => one.resourceType === 'Observation' && one.id !== current.id && isAssessable(one),
  )
  const unit = unitOf(quantityOf(current, limit))
  const points = [...earlier, current]
    .map((one) => ({ at: happenedAt(one, 'effective', now), quantity: quantityOf(one, limit) }))
    .filter(
      ({ at, quantity }) => at >= start && at <= end && quantity?.value !== undefined && unitOf(quantity) === unit,
    )
    .map(({ at, quantity }) => ({ days: (at - end) / 86_400_000, value: quantity?.value ?? 0 }))
    .sort((one, other) => one.days - other.days)
  const [first] = points
  const last = points.at(-1)
  if (!first || !last || points.length < trend.countMin || first.days === last.days) return undefined
  const value = trend.method === 'change' ? last.value - first.value : trendLine(points).slope
  // Binary fractions must not decide: 82.3 - 80.3 is 1.9999999999999998.
  return { value: Number(value.toFixed(6)), count: points.length }
}

const quantityOf = (resource: Resource, { codes }: Limit) =>
  measured(resource).find((one) => one.codes.some((code) => codes.includes(code)))?.quantity
