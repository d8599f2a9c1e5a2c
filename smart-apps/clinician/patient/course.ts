import type { Point } from '../../measures/measures.ts'

const HOUR_MILLIS = 3600_000
const GAP_HOURS_MIN = 36
const GAP_TIMES_USUAL = 2.5

/** The course in pieces that belong together, and the times between in which nothing came. */
export type Course = { pieces: Point[][]; gaps: { from: Point; to: Point }[] }

/**
 * A line over days without a measurement would say that somebody knows what was. It is broken where the time between two is much longer
 * than usual for this person, and a day and a half at least.
 * @param points oldest first; what is not believed joins nothing
 */
export function courseOf(points: readonly Point[]): Course {
  const believed = points.filter(({ isInvalid }) => !isInvalid)
  const between = believed.slice(1).map(({ at }, i) => at.getTime() - (believed[i]?.at.getTime() ?? 0))
  const usual = median(between)
  const longest = Math.max(GAP_HOURS_MIN * HOUR_MILLIS, usual * GAP_TIMES_USUAL)
  const course: Course = { pieces: [], gaps: [] }
  let piece: Point[] = []
  for (const [i, point] of believed.entries()) {
    const before = believed[i - 1]
    if (before && (between[i - 1] ?? 0) > longest) {
      course.pieces.push(piece)
      course.gaps.push({ from: before, to: point })
      piece = []
    }
    piece.push(point)
  }
  if (piece.length > 0) course.pieces.push(piece)
  return course
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/**
 * Of very many points those that can be told apart: in each column the first, the lowest, the highest and the last; and every one that lies
 * outside of the limits or is not believed.
 * @param columnOf of a point, such as its pixel
 */
export function thinOut(points: readonly Point[], columnOf: (point: Point) => number): Point[] {
  const kept = new Set<Point>()
  let column: Point[] = []
  const close = () => {
    const [first, last] = [column[0], column.at(-1)]
    if (!first || !last) return
    let [lowest, highest] = [first, first]
    for (const point of column) {
      if ((point.lower ?? point.value) < (lowest.lower ?? lowest.value)) lowest = point
      if (point.value > highest.value) highest = point
    }
    for (const point of [first, lowest, highest, last]) kept.add(point)
    column = []
  }
  for (const point of points) {
    if (column[0] && columnOf(column[0]) !== columnOf(point)) close()
    column.push(point)
    if (point.isInvalid || point.zone === 'red' || point.zone === 'yellow') kept.add(point)
  }
  close()
  return points.filter((point) => kept.has(point))
}
