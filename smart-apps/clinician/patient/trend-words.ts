import type { Measure, Point } from '../../measures/measures.ts'

const DAY_MILLIS = 86_400_000
/** Fewer say nothing of a direction. */
const POINT_COUNT_MIN = 4
/** Of the usual spread: a smaller movement of the last week is none. */
const MOVEMENT_SPREADS = 1

export type Trend = {
  lowest: number
  highest: number
  /** How many were believed; the red and the yellow are some of these. */
  count: number
  redCount: number
  yellowCount: number
  /** Whether any of it was held against limits. */
  hasLimits: boolean
  /** The last seven days against what was before. */
  direction: 'rising' | 'falling' | 'steady' | 'unknown'
  newest: Point
}

/** What a figure says, for its one sentence. @returns undefined when nothing believed was measured */
export function trendOf({ points }: Measure, now: Date): Trend | undefined {
  const believed = points.filter(({ isInvalid }) => !isInvalid)
  const newest = believed.at(-1)
  if (!newest) return undefined
  const values = believed.flatMap(({ value, lower }) => (lower === undefined ? [value] : [value, lower]))
  const isRecent = ({ at }: Point) => now.getTime() - at.getTime() < 7 * DAY_MILLIS
  return {
    newest,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    count: believed.length,
    redCount: believed.filter(({ zone }) => zone === 'red').length,
    yellowCount: believed.filter(({ zone }) => zone === 'yellow').length,
    hasLimits: believed.some(({ zone }) => zone !== 'none'),
    direction: directionOf(
      believed.filter((point) => !isRecent(point)).map(({ value }) => value),
      believed.filter(isRecent).map(({ value }) => value),
    ),
  }
}

function directionOf(before: readonly number[], lately: readonly number[]): Trend['direction'] {
  if (before.length < POINT_COUNT_MIN || lately.length < POINT_COUNT_MIN) return 'unknown'
  const usual = mean(before)
  const spread = Math.sqrt(mean(before.map((value) => (value - usual) ** 2)))
  const moved = mean(lately) - usual
  if (Math.abs(moved) <= Math.max(spread * MOVEMENT_SPREADS, Number.EPSILON)) return 'steady'
  return moved > 0 ? 'rising' : 'falling'
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
