import type { Observation } from '@medplum/fhirtypes'
import { scaleLinear, scaleTime } from '@visx/scale'
import { LinePath } from '@visx/shape'
import { useMemo } from 'react'
import { axisOf } from '../../measures/known-measures.ts'
import { toMeasures } from '../../measures/measures.ts'
import { useLanguage } from '../../texts/use-texts.ts'
import { courseOf, thinOut } from '../patient/course.ts'
import { limitSteps, limitValues } from '../patient/limit-steps.ts'
import { useMeasureWords } from '../patient/use-measure-words.ts'
import { ZoneBands } from '../patient/zone-bands.tsx'
import { ROW_TREND_DAYS } from './row-trends.ts'

const WIDTH = 104
const HEIGHT = 32
const PAD = 4
const DAY_MILLIS = 86_400_000

type Props = { observations: readonly Observation[]; focus: string | undefined }

/** The same chart as the patient's, without its axes: limits as they held, a line that breaks where nothing came, and what lies outside. */
export default function Sparkline({ observations, focus }: Props) {
  const language = useLanguage()
  const words = useMeasureWords()
  const drawn = useMemo(() => {
    const measures = toMeasures(observations, language)
    const measure = measures.find(({ points }) => points.some(({ id }) => id === focus)) ?? measures[0]
    const points = measure?.points.filter(({ isInvalid }) => !isInvalid) ?? []
    if (!measure || points.length === 0) return undefined
    const to = new Date()
    const from = new Date(to.getTime() - ROW_TREND_DAYS * DAY_MILLIS)
    const steps = limitSteps(points, to)
    const domain = axisOf(measure.known, [...points.map(({ value }) => value), ...limitValues(steps)])
    const x = scaleTime({ domain: [from, to], range: [PAD, WIDTH - PAD] })
    const y = scaleLinear({ domain, range: [HEIGHT - PAD, PAD] })
    const thin = thinOut(points, ({ at }) => Math.round(x(at)))
    return { measure, x, y, domain, steps, course: courseOf(thin), points: thin, last: points.at(-1) }
  }, [observations, focus, language])
  if (!drawn) return null
  const { measure, x, y, domain, steps, course, points, last } = drawn
  return (
    <svg
      className="sparkline"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`${measure.title}: ${words.summary(measure)}`}
    >
      <title>{`${measure.title}: ${words.summary(measure)}`}</title>
      <ZoneBands steps={steps} domain={domain} x={x} y={y} width={WIDTH} />
      {course.pieces.map((piece) => (
        <LinePath
          key={piece[0]?.id}
          className="course"
          data={piece}
          x={({ at }) => x(at)}
          y={({ value }) => y(value)}
        />
      ))}
      {points
        .filter((one) => one === last || one.zone === 'red' || one.zone === 'yellow')
        .map((one) => (
          <circle
            key={one.id}
            className="dot"
            data-zone={one.zone}
            cx={x(one.at)}
            cy={y(one.value)}
            r={one === last ? 3 : 1.8}
          />
        ))}
    </svg>
  )
}
