import type { Limits, Point } from '../../measures/measures.ts'

/** Limits, and from when until when they held. */
export type LimitStep = { from: Date; to: Date; limits: Limits }

/**
 * The limits as they were, a step for each time that they changed: those of a measurement hold from it until the next. What was measured
 * before there were limits has none.
 * @param points oldest first
 */
export function limitSteps(points: readonly Point[], until: Date): LimitStep[] {
  const steps: LimitStep[] = []
  for (const { at, limits, isInvalid } of points) {
    if (isInvalid) continue
    const last = steps.at(-1)
    if (last && sameLimits(last.limits, limits)) continue
    if (last) last.to = at
    steps.push({ from: at, to: until, limits })
  }
  return steps.filter(({ limits }) => limits.red || limits.yellow)
}

const sameLimits = (one: Limits, other: Limits): boolean =>
  (['red', 'yellow'] as const).every(
    (zone) => one[zone]?.low === other[zone]?.low && one[zone]?.high === other[zone]?.high,
  )

/** A coloured part of a chart: from a bound to the edge of the axis, or of yellow to where red begins. */
/** Where the limits lay: a figure shows them too. */
export const limitValues = (steps: readonly LimitStep[]): number[] =>
  steps.flatMap(({ limits: { red, yellow } }) =>
    [red?.low, red?.high, yellow?.low, yellow?.high].filter((value) => value !== undefined),
  )

export type Band = { zone: 'red' | 'yellow'; from: number; to: number }

/** @param axis the lowest and the highest value that is drawn */
export function bandsOf({ red, yellow }: Limits, [bottom, top]: readonly [number, number]): Band[] {
  const bands: Band[] = []
  const add = (zone: Band['zone'], from: number, to: number) => {
    const [low, high] = [Math.max(from, bottom), Math.min(to, top)]
    if (high > low) bands.push({ zone, from: low, to: high })
  }
  if (red?.low !== undefined) add('red', bottom, red.low)
  if (yellow?.low !== undefined) add('yellow', Math.min(red?.low ?? bottom, yellow.low), yellow.low)
  if (yellow?.high !== undefined) add('yellow', yellow.high, Math.max(red?.high ?? top, yellow.high))
  if (red?.high !== undefined) add('red', red.high, top)
  return bands
}
