import type { Resource } from '../../fhir/resource.ts'
import type { Limit } from '../limits/limits.ts'
import { median } from '../limits/quantile.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import { type Sample, spreadOf } from './distribution.ts'
import { samplesOf, stepOf } from './propose-limits.ts'
import type { Drift } from './review-words.ts'

const DAY = 86_400_000
/** What is of late, and what it is held against where no baseline is set. */
export const DRIFT_DAYS = 14
const EARLIER_DAYS = 60
const DAYS_MIN = 7
/** So large a share of the days must lie on the same side: one bad week is no new normal. */
const SAME_SIDE_SHARE = 0.8

/**
 * The measures whose usual value has moved: over the last 14 days the median of the days lies more than one usual spread from the
 * person's baseline, or from the 60 days before where none is set, and four of five days lie on that side.
 * @param limits that count for the person now
 */
export function driftsOf(plan: CompiledPlan, limits: Limit[], history: Resource[], now: Date): Drift[] {
  const measures = new Map(plan.limits.filter(({ trend }) => !trend).map((limit) => [limit.measure, limit]))
  return [...measures.values()].flatMap((limit) => driftOf(limit, limits, history, now) ?? [])
}

function driftOf(limit: Limit, limits: Limit[], history: Resource[], now: Date): Drift | undefined {
  const samples = samplesOf(history, limit)
  const late = daily(samples, now.getTime() - DRIFT_DAYS * DAY, now.getTime())
  const earlier = daily(samples, now.getTime() - (DRIFT_DAYS + EARLIER_DAYS) * DAY, now.getTime() - DRIFT_DAYS * DAY)
  if (late.length < DAYS_MIN) return undefined
  const set = limits.find(({ zone, codes }) => zone === 'baseline' && codes.some((code) => limit.codes.includes(code)))
  const before = set?.value ?? (earlier.length < DAYS_MIN ? undefined : median(earlier))
  if (before === undefined) return undefined
  const spread = spreadOf(earlier.length < DAYS_MIN ? late : earlier, stepOf(samples))
  const middle = median(late)
  const sign = Math.sign(middle - before)
  const sameSide = late.filter((value) => Math.sign(value - before) === sign).length / late.length
  if (Math.abs(middle - before) <= spread || sameSide < SAME_SIDE_SHARE) return undefined
  return { measure: limit.measure, unit: limit.unit, now: middle, before, spread }
}

/** The median of each day, within a time. */
function daily(samples: Sample[], from: number, until: number): number[] {
  const within = samples.filter(({ at }) => at >= from && at < until)
  const byDay = Map.groupBy(within, ({ at }) => Math.floor(at / DAY))
  return [...byDay.values()].map((own) => median(own.map(({ value }) => value)))
}
