import { bandsOf, type LimitStep } from './limit-steps.ts'

type Props = {
  steps: readonly LimitStep[]
  /** The values that the figure shows, lowest and highest. */
  domain: readonly [number, number]
  /** Pixels. */
  x: (at: Date) => number
  y: (value: number) => number
  width: number
}

/** Behind what was measured: where yellow and red lay, as the limits held then. */
export const ZoneBands = ({ steps, domain, x, y, width }: Props) =>
  steps.flatMap(({ from, to, limits }) =>
    bandsOf(limits, domain).map(({ zone, from: low, to: high }) => {
      const [left, right] = [Math.max(0, x(from)), Math.min(width, x(to))]
      return right > left ? (
        <rect
          key={`${zone} ${low} ${from.getTime()}`}
          className="band"
          data-zone={zone}
          x={left}
          y={y(high)}
          width={right - left}
          height={y(low) - y(high)}
        />
      ) : null
    }),
  )
