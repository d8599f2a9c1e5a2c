/** Those of http://terminology.hl7.org/CodeSystem/observation-statistics that are worked out here. */
export const STATISTICS = [
  'average',
  'maximum',
  'minimum',
  'count',
  'median',
  'std-dev',
  'sum',
  'variance',
  '20-percent',
  '80-percent',
] as const
export type Statistic = (typeof STATISTICS)[number]

export const isStatistic = (text: string): text is Statistic => (STATISTICS as readonly string[]).includes(text)

/** All statistics of some values, of which there is at least one. Variance and deviation are those of the whole, not of a sample. */
export function summarise(values: number[]): Record<Statistic, number> {
  const sorted = [...values].sort((one, other) => one - other)
  const count = sorted.length
  const sum = sorted.reduce((all, one) => all + one, 0)
  const average = sum / count
  const variance = sorted.reduce((all, one) => all + (one - average) ** 2, 0) / count
  const rounded = {
    ...{ average, sum, variance, 'std-dev': Math.sqrt(variance), median: quantile(sorted, 0.5) },
    ...{ '20-percent': quantile(sorted, 0.2), '80-percent': quantile(sorted, 0.8) },
    ...{ minimum: sorted[0] ?? Number.NaN, maximum: sorted.at(-1) ?? Number.NaN },
  }
  const plain = Object.entries(rounded).map(([name, value]) => [name, Number(value.toPrecision(SIGNIFICANT_DIGITS))])
  return { ...Object.fromEntries(plain), count } as Record<Statistic, number>
}

/** More than any device measures, and fewer than binary fractions show. */
const SIGNIFICANT_DIGITS = 12

/** Between two values in proportion. */
function quantile(sorted: number[], share: number): number {
  const place = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN]
  return low + (high - low) * (place - Math.floor(place))
}
