import { type ReactNode, useMemo, useState } from 'react'
import type { Measure, Point } from '../../measures/measures.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { PointDetails } from '../patient/point-details.tsx'
import { TrendChart } from '../patient/trend-chart.tsx'
import { useMeasureWords } from '../patient/use-measure-words.ts'
import type { StoredTask } from '../worklist/row.ts'
import { type Explanation, limitsThatCount } from './explanation.ts'
import { TASK_TEXTS } from './texts.ts'

const DAY_MILLIS = 86_400_000

type Props = {
  task: StoredTask
  measures: readonly Measure[]
  explanation: Explanation | undefined
  days: number
  pictures: (point: Point) => ReactNode
}

/** The course of what the Task is about: what its rule looked at, else what it points to, else the first that there is. */
export function Trend({ task, measures, explanation, days, pictures }: Props) {
  const text = useTexts(TASK_TEXTS)
  const words = useMeasureWords()
  const [chosen, setChosen] = useState<Point>()
  const measure = useMemo(() => measureOf(task, measures, explanation), [task, measures, explanation])
  const period = useMemo(() => {
    const to = new Date()
    return { from: new Date(to.getTime() - days * DAY_MILLIS), to }
  }, [days])
  if (!measure) return <p className="quiet">{text('noTrend')}</p>
  const about = measure.points.find(({ id }) => id === observationOf(task))
  return (
    <figure className="trend">
      <figcaption>
        <strong>
          {measure.title} <span className="quiet">{measure.unit}</span>
        </strong>{' '}
        <span className="quiet">{words.summary(measure)}</span>
      </figcaption>
      <TrendChart
        {...{ measure, period }}
        events={[]}
        summary={words.summary(measure)}
        {...(chosen ? { chosen } : {})}
        onChoose={setChosen}
      />
      <PointDetails {...{ measure, pictures }} point={chosen} />
      {about && about !== chosen && pictures(about)}
    </figure>
  )
}

function measureOf(
  task: StoredTask,
  measures: readonly Measure[],
  explanation: Explanation | undefined,
): Measure | undefined {
  const codes = new Set(explanation ? limitsThatCount(explanation).flatMap(({ codes }) => codes) : [])
  const about = observationOf(task)
  return (
    measures.find(({ points }) => points.some(({ id }) => id === about)) ??
    measures.find(
      ({ key, known }) => known?.codes.some((code) => codes.has(code)) || codes.has(key.split('|')[1] ?? ''),
    ) ??
    measures[0]
  )
}

const observationOf = ({ focus }: StoredTask): string | undefined => focus?.reference?.replace(/^Observation\//, '')
