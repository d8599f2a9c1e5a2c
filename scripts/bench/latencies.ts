/** Every latency of one workload. A few hundred thousand numbers at most, so they are kept whole and percentiles are exact. */
export class Latencies {
  private readonly values: number[] = []

  add(millis: number): void {
    this.values.push(millis)
  }

  addAll({ values }: Latencies): void {
    for (const value of values) this.values.push(value)
  }

  get count(): number {
    return this.values.length
  }

  /** The smallest latency that at least this share of all has not exceeded (nearest rank). NaN when there is none. */
  percentile(share: number): number {
    const sorted = Float64Array.from(this.values).sort()
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  }

  /** As it stands in a result line. */
  summary(): { p50_ms: number; p95_ms: number; p99_ms: number; max_ms: number } {
    const [p50_ms = 0, p95_ms = 0, p99_ms = 0, max_ms = 0] = [0.5, 0.95, 0.99, 1].map((share) =>
      Number(this.percentile(share).toFixed(2)),
    )
    return { p50_ms, p95_ms, p99_ms, max_ms }
  }
}
