import { quantile } from '../core/decide/limits/quantile.ts'

/** Those of http://terminology.hl7.org/CodeSystem/observation-statistics that are one number; the regression is a line. */
export const STATISTICS = [
  ...['average', 'maximum', 'minimum', 'count', 'total-count', 'median', 'std-dev', 'sum', 'variance'],
  ...['20-percent', '80-percent', '4-lower', '4-upper', '4-dev', '5-1', '5-2', '5-3', '5-4', 'skew', 'kurtosis'],
] as const
export type Statistic = (typeof STATISTICS)[number]

/** Those that have no unit: what is counted, and the shape of a distribution. */
export const UNITLESS: ReadonlySet<Statistic> = new Set(['count', 'total-count', 'skew', 'kurtosis'])

/** The quantiles, each as the share of the values that lies below it. */
const SHARES = {
  ...{ median: 0.5, '20-percent': 0.2, '80-percent': 0.8, '4-lower': 0.25, '4-upper': 0.75 },
  ...{ '5-1': 0.2, '5-2': 0.4, '5-3': 0.6, '5-4': 0.8 },
}

/**
 * All statistics of some values, of which there is at least one. Variance, deviation, skew and kurtosis are those of the whole, not of
 * a sample; of values that are all the same, skew and kurtosis are not defined, and NaN.
 * @param ignoredCount measurements without a value, which `total-count` counts as well
 */
export function summarise(values: number[], ignoredCount = 0): Record<Statistic, number> {
  const sorted = [...values].sort((one, other) => one - other)
  const count = sorted.length
  const sum = sorted.reduce((all, one) => all + one, 0)
  const average = sum / count
  const moment = (power: number) => sorted.reduce((all, one) => all + (one - average) ** power, 0) / count
  const variance = moment(2)
  const quantiles = Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [name, quantile(sorted, share)]),
  ) as Record<keyof typeof SHARES, number>
  const found = {
    ...{ average, sum, variance, 'std-dev': Math.sqrt(variance), ...quantiles },
    '4-dev': (quantiles['4-upper'] - quantiles['4-lower']) / 2,
    ...{ skew: moment(3) / variance ** 1.5, kurtosis: moment(4) / variance ** 2 },
    ...{ minimum: sorted[0] ?? Number.NaN, maximum: sorted.at(-1) ?? Number.NaN },
  }
  const plain = Object.entries(found).map(([name, value]) => [name, rounded(value)])
  return { ...Object.fromEntries(plain), count, 'total-count': count + ignoredCount } as Record<Statistic, number>
}

/** More than any device measures, and fewer than binary fractions show. */
const SIGNIFICANT_DIGITS = 12
export const rounded = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS))
