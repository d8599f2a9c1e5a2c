import { median, quantile } from '../limits/quantile.ts'

/** One value of a measure. */
export type Sample = { at: number; value: number }

/** How a person's values lie on days that are usual for them. */
export type Distribution = {
  count: number
  days: number
  median: number
  /** What is usual on both sides of the median: 1.4826 times the median absolute deviation, as a standard deviation without the outliers. */
  spread: number
  low: number
  high: number
  /** Days that were left out, because their median lies far from the others': an exacerbation, a bad device. */
  unusualDays: number
  /** The last of them, in milliseconds. */
  lastUnusual?: number
}

const DAY = 86_400_000
/** Of a normal distribution: the factor that makes the median absolute deviation a standard deviation. */
const TO_DEVIATION = 1.4826
/** A day further from the median than so many spreads is no usual day (Hampel's rule). */
const UNUSUAL_SPREADS = 3

/** @param least the spread is never less than this: what one reads off a device in whole numbers varies by one */
export const spreadOf = (values: number[], least: number): number => {
  const middle = median(values)
  return Math.max(TO_DEVIATION * median(values.map((value) => Math.abs(value - middle))), least)
}

/**
 * The distribution of a person's usual days. What lies on unusual days is left out, as long as they are fewer than half.
 * @param samples at least one
 */
export function distributionOf(samples: Sample[], least: number): Distribution {
  const byDay = Map.groupBy(samples, ({ at }) => Math.floor(at / DAY))
  const medians = [...byDay].map(([day, own]) => ({ day, value: median(own.map(({ value }) => value)) }))
  const middle = median(medians.map(({ value }) => value))
  const usual = spreadOf(
    medians.map(({ value }) => value),
    least,
  )
  const unusual = new Set(
    medians.filter(({ value }) => Math.abs(value - middle) > UNUSUAL_SPREADS * usual).map(({ day }) => day),
  )
  const kept = samples.filter(({ at }) => !unusual.has(Math.floor(at / DAY))).map(({ value }) => value)
  const last = Math.max(...unusual)
  return {
    count: kept.length,
    days: byDay.size - unusual.size,
    median: median(kept),
    spread: spreadOf(kept, least),
    low: quantile(kept, 0.05),
    high: quantile(kept, 0.95),
    unusualDays: unusual.size,
    ...(unusual.size > 0 ? { lastUnusual: (last + 1) * DAY } : {}),
  }
}
