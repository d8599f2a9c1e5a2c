import { AxisBottom, AxisLeft, type TickRendererProps } from '@visx/axis'
import { scaleLinear, scaleTime } from '@visx/scale'
import { LinePath } from '@visx/shape'
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { axisOf } from '../../measures/known-measures.ts'
import type { Measure, Point } from '../../measures/measures.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { dayAndMonth, number } from '../../ui/format.ts'
import { courseOf, thinOut } from './course.ts'
import { limitSteps, limitValues } from './limit-steps.ts'
import { PATIENT_TEXTS } from './texts.ts'
import { ZoneBands } from './zone-bands.tsx'

/** Something that happened to the patient or the plan, on the same axis of time as what was measured. */
export type ChartEvent = { at: Date; text: string }
export type Period = { from: Date; to: Date }

type Props = {
  measure: Measure
  period: Period
  events: readonly ChartEvent[]
  /** What the figure says, in a sentence. */
  summary: string
  /** The moment that is pointed at, in this figure or in one beside it. */
  pointed?: Date
  chosen?: Point
  onChoose: (point: Point | undefined) => void
}

const HEIGHT = 190
const MARGIN = { top: 14, right: 10, bottom: 24, left: 40 }
const WIDTH_FIRST = 720
/** A pointer is near a point within so many pixels. */
const REACH = 40
const POINT_RADIUS = 3.2

/** One measure over time: limits as they held, a line that breaks where nothing came, and every value that lies outside. */
export function TrendChart({ measure, period, events, summary, pointed, chosen, onChoose }: Props) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const hint = useId()
  const [width, holder] = useWidth()
  const inner = { width: Math.max(60, width - MARGIN.left - MARGIN.right), height: HEIGHT - MARGIN.top - MARGIN.bottom }
  const drawn = useMemo(() => {
    const x = scaleTime({ domain: [period.from, period.to], range: [0, inner.width] })
    const steps = limitSteps(measure.points, period.to)
    const values = measure.points.flatMap(({ value, lower }) => (lower === undefined ? [value] : [value, lower]))
    const domain = axisOf(measure.known, [...values, ...limitValues(steps)])
    const y = scaleLinear({ domain, range: [inner.height, 0] })
    const points = thinOut(measure.points, ({ at }) => Math.round(x(at)))
    return { x, y, steps, domain, points, course: courseOf(points) }
  }, [measure, period, inner.width, inner.height])
  const { x, y, steps, domain, points, course } = drawn

  const choose = (point: Point | undefined) => {
    if (point?.id !== chosen?.id) onChoose(point)
  }
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const at = event.clientX - box.left - MARGIN.left
    const nearest = nearestOf(points, (one) => Math.abs(x(one.at) - at))
    choose(nearest && Math.abs(x(nearest.at) - at) <= REACH ? nearest : undefined)
  }
  const press = (event: KeyboardEvent) => {
    const next = stepped(points, chosen, event.key)
    if (event.key === 'Escape') choose(undefined)
    else if (next) choose(next)
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a figure is a group; the arrow keys move inside it
    <div
      className="chart"
      ref={holder}
      role="group"
      aria-label={`${measure.title}: ${summary}`}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move from value to value
      tabIndex={0}
      onKeyDown={press}
      onBlur={() => choose(undefined)}
    >
      <span id={hint} className="visually-hidden">
        {text('chartKeys')}
      </span>
      <svg
        width={width}
        height={HEIGHT}
        onPointerMove={point}
        onPointerLeave={() => choose(undefined)}
        aria-hidden="true"
      >
        <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
          <rect className="chart-back" width={inner.width} height={inner.height} />
          <ZoneBands steps={steps} domain={domain} x={x} y={y} width={inner.width} />
          {steps.length > 0 && <LimitNames steps={steps} y={y} measure={measure} />}
          {events.map(({ at, text: said }) => (
            <g key={`${at.getTime()} ${said}`} className="event" transform={`translate(${x(at)},0)`}>
              <title>{said}</title>
              <line y1={-4} y2={inner.height} />
              <path d="M-4 -10h8l-4 7z" />
            </g>
          ))}
          {course.gaps.map(({ from, to }) => (
            <line key={from.id} className="gap" x1={x(from.at)} y1={y(from.value)} x2={x(to.at)} y2={y(to.value)} />
          ))}
          {course.pieces.map((piece) => (
            <LinePath
              key={piece[0]?.id}
              className="course"
              data={piece}
              x={({ at }) => x(at)}
              y={({ value }) => y(value)}
            />
          ))}
          {pointed && <line className="pointed" x1={x(pointed)} x2={x(pointed)} y1={0} y2={inner.height} />}
          {points.map((one) => (
            <Mark key={one.id} point={one} x={x(one.at)} y={y} isChosen={one.id === chosen?.id} />
          ))}
          <AxisLeft
            scale={y}
            numTicks={4}
            tickFormat={(value) => number(Number(value), language)}
            hideAxisLine
            tickLength={4}
            tickClassName="tick"
            tickComponent={tickText}
          />
          <AxisBottom
            scale={x}
            top={inner.height}
            numTicks={Math.max(2, Math.floor(inner.width / 110))}
            tickLength={4}
            tickClassName="tick"
            tickComponent={tickText}
            tickFormat={(value) => dayAndMonth(value as Date, language)}
          />
        </g>
      </svg>
    </div>
  )
}

/** As it is: what visx takes for texts in its own place measures each word, and works out a formula, a third of the time of a patient's page. */
const tickText = ({ x, y, dx, dy, textAnchor, formattedValue }: TickRendererProps) => (
  <text x={x} y={y} dx={dx} dy={dy} textAnchor={textAnchor}>
    {formattedValue}
  </text>
)

type Height = (value: number) => number

/** A point is a circle; outside of the limits it is filled and has the shape of its colour; what is not believed is struck through. */
function Mark({
  point: { value, lower, zone, isInvalid },
  x,
  y,
  isChosen,
}: {
  point: Point
  x: number
  y: Height
  isChosen: boolean
}) {
  const at = y(value)
  return (
    <g className="mark" data-zone={zone} data-chosen={isChosen || undefined} data-invalid={isInvalid || undefined}>
      {lower !== undefined && <line className="span" x1={x} x2={x} y1={at} y2={y(lower)} />}
      {isInvalid ? (
        <path d={`M${x - 4} ${at - 4}l8 8m0 -8l-8 8`} />
      ) : zone === 'red' ? (
        <path d={`M${x - 2.3} ${at - 5.5}h4.6l3.2 3.2v4.6l-3.2 3.2h-4.6l-3.2 -3.2v-4.6z`} />
      ) : zone === 'yellow' ? (
        <path d={`M${x} ${at - 5.6}l5.6 9.8h-11.2z`} />
      ) : (
        <circle cx={x} cy={at} r={POINT_RADIUS} />
      )}
      {isChosen && <circle className="halo" cx={x} cy={at} r={9} />}
    </g>
  )
}

/** The newest limits, written at their lines. */
function LimitNames({ steps, y, measure }: { steps: ReturnType<typeof limitSteps>; y: Height; measure: Measure }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const { red, yellow } = steps.at(-1)?.limits ?? {}
  const named = [
    { zone: 'red', value: red?.low, sign: '<', isLow: true },
    { zone: 'yellow', value: yellow?.low, sign: '<', isLow: true },
    { zone: 'yellow', value: yellow?.high, sign: '>', isLow: false },
    { zone: 'red', value: red?.high, sign: '>', isLow: false },
  ] as const
  return named.map(({ zone, value, sign, isLow }) =>
    value === undefined ? null : (
      <text key={`${zone} ${sign}`} className="limit-name" data-zone={zone} x={4} y={y(value) + (isLow ? 12 : -4)}>
        {`${text(zone)} ${sign} ${number(value, language, measure.known?.decimalCount ?? 1)}`}
      </text>
    ),
  )
}

function nearestOf<T>(all: readonly T[], distance: (one: T) => number): T | undefined {
  let nearest: T | undefined
  let least = Number.POSITIVE_INFINITY
  for (const one of all) {
    const found = distance(one)
    if (found < least) [nearest, least] = [one, found]
  }
  return nearest
}

/** Where a key leads to from the chosen point: without one, to the newest. */
function stepped(points: readonly Point[], chosen: Point | undefined, key: string): Point | undefined {
  const at = chosen ? points.findIndex(({ id }) => id === chosen.id) : -1
  const to = {
    ArrowLeft: at < 0 ? points.length - 1 : at - 1,
    ArrowRight: at < 0 ? points.length - 1 : at + 1,
    Home: 0,
    End: points.length - 1,
  }[key]
  if (to === undefined) return undefined
  return points[Math.max(0, Math.min(points.length - 1, to))]
}

/** How wide the place is that the chart has, followed as it changes. */
function useWidth(): [number, (element: HTMLElement | null) => void] {
  const [width, setWidth] = useState(WIDTH_FIRST)
  const [element, setElement] = useState<HTMLElement | null>(null)
  const last = useRef(0)
  useEffect(() => {
    if (!element) return
    const measure = () => {
      const found = Math.floor(element.clientWidth)
      if (found > 0 && found !== last.current) {
        last.current = found
        setWidth(found)
      }
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [width, setElement]
}
