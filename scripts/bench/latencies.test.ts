import fc from 'fast-check'
import { Latencies } from './latencies.ts'

const of = (values: number[]) => {
  const latencies = new Latencies()
  for (const value of values) latencies.add(value)
  return latencies
}

test('of one to a hundred, the 99th percentile is 99', () => {
  const latencies = of(Array.from({ length: 100 }, (_, i) => 100 - i))
  expect(latencies.summary()).toEqual({ p50_ms: 50, p95_ms: 95, p99_ms: 99, max_ms: 100 })
})

test('at least the share asked for lies at or below a percentile, and less than that below it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, share) => {
        const value = of(values).percentile(share)
        const atOrBelow = values.filter((other) => other <= value).length / values.length
        const below = values.filter((other) => other < value).length / values.length
        expect(atOrBelow).toBeGreaterThanOrEqual(share - 1e-9)
        expect(below).toBeLessThan(share + 1e-9)
      },
    ),
  )
})

test('of nothing there is no percentile', () => {
  expect(of([]).percentile(0.5)).toBeNaN()
})
