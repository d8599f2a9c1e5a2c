export type Point = { days: number; value: number }

/** `value = intercept + slope × days` */
export type TrendLine = { slope: number; intercept: number }

/** The line of least squares; of points that all lie at one moment both are NaN. https://en.wikipedia.org/wiki/Simple_linear_regression */
export function trendLine(points: Point[]): TrendLine {
  const mean = (pick: (point: Point) => number) => points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const [days, value] = [mean((point) => point.days), mean((point) => point.value)]
  const covariance = points.reduce((sum, point) => sum + (point.days - days) * (point.value - value), 0)
  const variance = points.reduce((sum, point) => sum + (point.days - days) ** 2, 0)
  const slope = variance === 0 ? Number.NaN : covariance / variance
  return { slope, intercept: value - slope * days }
}
