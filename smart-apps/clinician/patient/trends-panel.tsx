import type { Observation } from '@medplum/fhirtypes'
import { BodyShort, Chips, Heading, InlineMessage, ToggleGroup } from '@navikt/ds-react'
import { useMemo, useState } from 'react'
import { type Measure, type Point, toMeasures } from '../../measures/measures.ts'
import { changeQuery, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { isAnswered, useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView, EmptyView } from '../ui/answer-view.tsx'
import { chartEvents } from './chart-events.ts'
import { QUERY, RANGE_FIRST } from './open-patient.ts'
import { type Beside, MEASUREMENT_COUNT_MAX, type Person, readBeside, readObserved } from './patient-data.ts'
import { PointDetails } from './point-details.tsx'
import { PATIENT_TEXTS } from './texts.ts'
import { type ChartEvent, type Period, TrendChart } from './trend-chart.tsx'
import { TrendTable } from './trend-table.tsx'
import { useMeasureWords } from './use-measure-words.ts'
import { usePointPictures } from './use-point-pictures.tsx'

const DAY_MILLIS = 86_400_000
const RANGES = ['7', '30', '90', 'all'] as const
type Range = (typeof RANGES)[number]
const isRange = (name: string | null): name is Range => RANGES.some((one) => one === name)
/** More figures at once than are read at a glance are chosen one by one. */
const SHOWN_FIRST = 3

/** Every measure on one axis of time, as charts or as tables; which and how long stands in the address. */
export function TrendsPanel({ patient, person }: { patient: string; person: Person | undefined }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { query } = usePlace()
  const asked = query.get('days')
  const range: Range = isRange(asked) ? asked : RANGE_FIRST
  const isTable = query.get('as') === 'table'
  const answer = useQuery(QUERY.observed(patient, range), (signal) =>
    readObserved(fhir, patient, range === 'all' ? undefined : Number(range), signal),
  )
  // The figures do not wait for what stands beside them.
  const beside = useQuery(`beside ${patient}`, (signal) => readBeside(fhir, patient, signal))
  const reload = () => {
    answer.reload()
    beside.reload()
  }
  useLive('measurements', patient, answer.reload, isAnswered(answer))
  const measures = useMemo(() => toMeasures(answer.data?.observations ?? [], language), [answer.data, language])
  return (
    <section aria-labelledby="trends" className="card">
      <div className="card-head">
        <Heading size="small" level="2" id="trends">
          {text('trends')}
        </Heading>
        <div className="card-tools">
          <ToggleGroup
            size="small"
            value={range}
            onChange={(days) => changeQuery({ days: days === RANGE_FIRST ? undefined : days })}
            aria-label={text('period')}
          >
            {RANGES.map((one) => (
              <ToggleGroup.Item
                key={one}
                value={one}
                label={one === 'all' ? text('all') : text('days', { count: one })}
              />
            ))}
          </ToggleGroup>
          <ToggleGroup
            size="small"
            value={isTable ? 'table' : 'chart'}
            onChange={(as) => changeQuery({ as: as === 'table' ? as : undefined })}
            aria-label={text('view')}
          >
            <ToggleGroup.Item value="chart" label={text('chart')} />
            <ToggleGroup.Item value="table" label={text('table')} />
          </ToggleGroup>
        </div>
      </div>
      <AnswerView
        answer={{ ...answer, reload }}
        what={text('measurements')}
        rows={10}
        missing={() => beside.data?.missing.map((one) => text(`${one}Part`)).join(', ')}
        isEmpty={() => measures.length === 0}
        empty={
          <EmptyView title={text('noMeasurements')}>
            <p>{text('noMeasurementsHelp')}</p>
          </EmptyView>
        }
      >
        {({ isCut, observations }) => (
          <Figures
            patient={patient}
            measures={measures}
            observations={observations}
            isCut={isCut}
            beside={beside.data ?? NOTHING_BESIDE}
            range={range}
            isTable={isTable}
            person={person}
          />
        )}
      </AnswerView>
    </section>
  )
}

const NOTHING_BESIDE: Beside = { medications: [], encounters: [], pictures: [], missing: [] }

type FiguresProps = {
  patient: string
  measures: Measure[]
  observations: readonly Observation[]
  isCut: boolean
  beside: Beside
  range: Range
  isTable: boolean
  person: Person | undefined
}

function Figures({ patient, measures, observations, isCut, beside, range, isTable, person }: FiguresProps) {
  const text = useTexts(PATIENT_TEXTS)
  const { query } = usePlace()
  const words = useMeasureWords()
  const [chosen, setChosen] = useState<{ key: string; point: Point }>()
  const wanted = query.get('show')?.split(',')
  const shown = measures.filter(({ key }, i) => (wanted ? wanted.includes(codeOf(key)) : i < SHOWN_FIRST))
  const period = useMemo(() => periodOf(range, measures), [range, measures])
  const events = useMemo(
    () =>
      chartEvents({
        measures,
        beside,
        carePlans: person?.carePlans ?? [],
        period,
        text,
        limitsInWords: words.limits,
      }),
    [measures, beside, person, period, text, words],
  )
  const pictures = usePointPictures(patient, observations, beside.pictures)
  const toggle = (key: string) => {
    const codes = measures
      .filter((one) => (shown.includes(one) ? one.key !== key : one.key === key))
      .map((one) => codeOf(one.key))
    changeQuery({ show: codes.join(',') || undefined })
  }
  return (
    <>
      {measures.length > 1 && (
        <Chips size="small" aria-label={text('measures')} className="measure-chips">
          {measures.map((measure) => (
            <Chips.Toggle key={measure.key} selected={shown.includes(measure)} onClick={() => toggle(measure.key)}>
              {measure.title}
            </Chips.Toggle>
          ))}
        </Chips>
      )}
      {isCut && (
        <InlineMessage status="warning" size="small">
          {text('moreMeasurements', { count: MEASUREMENT_COUNT_MAX })}
        </InlineMessage>
      )}
      {shown.map((measure) => (
        <figure key={measure.key} className="trend">
          <figcaption>
            <Heading size="xsmall" level="3">
              {measure.title} <span className="unit">{measure.unit}</span>
            </Heading>
            <BodyShort size="small">{words.summary(measure)}</BodyShort>
          </figcaption>
          {isTable ? (
            <TrendTable {...{ measure, pictures }} />
          ) : (
            <>
              <TrendChart
                {...{ measure, period, events, summary: words.summary(measure) }}
                {...(chosen && chosen.key !== measure.key ? { pointed: chosen.point.at } : {})}
                {...(chosen?.key === measure.key ? { chosen: chosen.point } : {})}
                onChoose={(point) => setChosen(point && { key: measure.key, point })}
              />
              <PointDetails {...{ measure, pictures }} point={chosen?.key === measure.key ? chosen.point : undefined} />
            </>
          )}
        </figure>
      ))}
      {!isTable && <EventList events={events} />}
    </>
  )
}

function EventList({ events }: { events: readonly ChartEvent[] }) {
  const text = useTexts(PATIENT_TEXTS)
  const words = useMeasureWords()
  return (
    <>
      {events.length > 0 && (
        <div className="event-list">
          <Heading size="xsmall" level="3">
            {text('events')}
          </Heading>
          <ul>
            {events.map(({ at, text: said }) => (
              <li key={`${at.getTime()} ${said}`}>
                <time dateTime={at.toISOString()}>{words.day(at)}</time> {said}
              </li>
            ))}
          </ul>
        </div>
      )}
      <BodyShort size="small" className="quiet">
        {text('noGap')}
      </BodyShort>
    </>
  )
}

/** Short enough for an address; two systems with one code show both. */
const codeOf = (key: string): string => key.slice(key.lastIndexOf('|') + 1)

/** One axis of time for all figures. */
function periodOf(range: Range, measures: readonly Measure[]): Period {
  const to = new Date()
  if (range !== 'all') return { from: new Date(to.getTime() - Number(range) * DAY_MILLIS), to }
  const first = Math.min(...measures.flatMap(({ points }) => points[0]?.at.getTime() ?? []))
  return { from: new Date(Math.min(first, to.getTime() - DAY_MILLIS)), to }
}
