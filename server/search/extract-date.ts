import { compareInstants, type DateInterval, parseDateInterval, periodInterval } from './date-interval.ts'

/** The time that a value covers; a Timing covers everything from its first event to its last. */
export function dateOf(type: string, value: unknown): DateInterval | undefined {
  if (typeof value === 'string') return parseDateInterval(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (type === 'Period') return periodOf(value)
  if (type !== 'Timing') return undefined
  const { event, repeat } = value as { event?: unknown; repeat?: { boundsPeriod?: unknown } }
  const events = Array.isArray(event) ? event.map((one) => parse(one)) : []
  const bounds =
    typeof repeat?.boundsPeriod === 'object' && repeat.boundsPeriod ? periodOf(repeat.boundsPeriod) : undefined
  return span([...events, bounds].filter((interval) => interval !== undefined))
}

const parse = (value: unknown) => (typeof value === 'string' ? parseDateInterval(value) : undefined)

function periodOf(period: object): DateInterval | undefined {
  const { start, end } = period as { start?: unknown; end?: unknown }
  const [from, to] = [parse(start), parse(end)]
  return from || to ? periodInterval(from, to) : undefined
}

function span(intervals: DateInterval[]): DateInterval | undefined {
  if (intervals.length === 0) return undefined
  return intervals.reduce((all, next) => ({
    low: compareInstants(next.low, all.low) < 0 ? next.low : all.low,
    high: compareInstants(next.high, all.high) > 0 ? next.high : all.high,
  }))
}
