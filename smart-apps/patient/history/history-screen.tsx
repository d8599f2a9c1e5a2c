import type { Media, Observation } from '@medplum/fhirtypes'
import { Heading, ToggleGroup } from '@navikt/ds-react'
import { useState } from 'react'
import { picturesOf, type Result } from '../../fhir/pictures.ts'
import { axisOf } from '../../measures/known-measures.ts'
import { type Measure, type Point, toMeasures } from '../../measures/measures.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { dayAndMonth, moment, number, unbroken } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { useRecord, useSending } from '../me-context.ts'
import { Picture } from '../photo/picture.tsx'
import { waitingPictures } from '../photo/waiting-pictures.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import { resultsOf } from '../today/day.ts'
import { HISTORY_TEXTS } from './texts.ts'

type StoredPicture = { id: string } & Media

const DAY_MILLIS = 86_400_000
const PERIODS = [7, 30, 90] as const

/** How what was measured has gone: a sentence, a curve with the limits of each day, and the same as a list. */
export default function HistoryScreen() {
  const { record } = useRecord()
  return record ? <History record={record} /> : <NotLoaded />
}

function History({ record }: { record: OwnRecord }) {
  const text = useTexts(HISTORY_TEXTS)
  const language = useLanguage()
  const { entries } = useSending()
  const [days, setDays] = useState<number>(30)
  const [now] = useState(() => Date.now())
  const all = resultsOf(record, entries).filter(({ resourceType }) => resourceType === 'Observation')
  const measures = toMeasures(all as unknown as Observation[], language).flatMap((measure) => {
    const points = measure.points.filter(({ at, isInvalid }) => !isInvalid && now - at.getTime() < days * DAY_MILLIS)
    return points.length > 0 ? [{ ...measure, points }] : []
  })
  const stored = (record.pictures ?? []) as StoredPicture[]
  const pictures = [...stored, ...waitingPictures(entries, new Set(stored.map(({ id }) => id)))]
  const pictured = new Map(all.map((one) => [one.id ?? '', picturesOf(one as Result, pictures)]))
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <ToggleGroup
        value={String(days)}
        onChange={(value) => setDays(Number(value))}
        label={text('days', { count: days })}
      >
        {PERIODS.map((count) => (
          <ToggleGroup.Item key={count} value={String(count)} label={String(count)} />
        ))}
      </ToggleGroup>
      {measures.length === 0 && (
        <section className="card">
          <Heading size="small" level="2">
            {text('none')}
          </Heading>
          <p>{text('noneHelp')}</p>
        </section>
      )}
      {measures.map((measure) => (
        <MeasureCard key={measure.key} measure={measure} days={days} now={now} pictured={pictured} />
      ))}
    </>
  )
}

type Props = { measure: Measure; days: number; now: number }
type Pictured = ReadonlyMap<string, readonly StoredPicture[]>

function MeasureCard({ measure, days, now, pictured }: Props & { pictured: Pictured }) {
  const text = useTexts(HISTORY_TEXTS)
  const zones = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const { title, unit, points } = measure
  const inWords = ({ value, lower }: Point) =>
    `${number(value, language)}${lower === undefined ? '' : `/${number(lower, language)}`}`
  const last = points.at(-1) as Point
  const values = points.map(({ value }) => value)
  const said = {
    ...{ what: title, unit, days, last: inWords(last), at: moment(last.at, language) },
    ...{ low: number(Math.min(...values), language), high: number(Math.max(...values), language) },
  }
  const outside = points.filter(({ zone }) => zone === 'red' || zone === 'yellow').length
  const isJudged = points.some(({ zone }) => zone !== 'none')
  return (
    <section className="card" aria-label={title}>
      <Heading size="small" level="2">
        {title}
      </Heading>
      <figure className="chart">
        <figcaption>
          {unbroken(points.length > 1 ? text('summary', said) : text('one', said))}{' '}
          {outside > 0 ? text('outside', { count: outside }) : isJudged ? text('usual') : ''}
        </figcaption>
        <Curve measure={measure} days={days} now={now} />
      </figure>
      <details>
        <summary>{text('table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{text('when')}</th>
              <th scope="col">{text('value')}</th>
              <th scope="col">{text('zone')}</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map((point) => (
              <tr key={point.id}>
                <td>{moment(point.at, language)}</td>
                <td>
                  {unbroken(`${inWords(point)} ${unit}`)}
                  {pictured.get(point.id)?.map(({ id }) => (
                    <Picture key={id} named={{ _id: id }} at={point.at} />
                  ))}
                </td>
                <td>{point.zone === 'none' ? '–' : zones(point.zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}

const SIZE = { width: 340, height: 150, left: 34, bottom: 22, top: 8, right: 8 }
/** Nothing measured for so long breaks the line: nobody knows what it was. */
const GAP_DAYS = 4

/** Drawn for the eye alone; the sentence above says the same. */
function Curve({ measure: { known, points }, days, now }: Props) {
  const language = useLanguage()
  const last = points.at(-1)
  const limits = (['yellow', 'red'] as const).flatMap((zone) =>
    [last?.limits[zone]?.low, last?.limits[zone]?.high].flatMap((value) =>
      value === undefined ? [] : [{ zone, value }],
    ),
  )
  const values = [
    ...points.flatMap(({ value, lower }) => (lower === undefined ? [value] : [value, lower])),
    ...limits.map(({ value }) => value),
  ]
  const [bottom, top] = axisOf(known, values)
  const start = now - days * DAY_MILLIS
  const x = (at: number) => SIZE.left + ((at - start) / (now - start)) * (SIZE.width - SIZE.left - SIZE.right)
  const y = (value: number) =>
    SIZE.height - SIZE.bottom - ((value - bottom) / (top - bottom)) * (SIZE.height - SIZE.bottom - SIZE.top)
  const gap = Math.max(GAP_DAYS, days / 10) * DAY_MILLIS
  const path = (pick: (point: Point) => number | undefined) =>
    points
      .map((point, i) => {
        const value = pick(point)
        if (value === undefined) return ''
        const before = points[i - 1]
        const isFirst = !before || point.at.getTime() - before.at.getTime() > gap
        return `${isFirst ? 'M' : 'L'}${x(point.at.getTime()).toFixed(1)} ${y(value).toFixed(1)}`
      })
      .join('')
  const ticks = [bottom, (bottom + top) / 2, top]
  return (
    <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={SIZE.left} x2={SIZE.width - SIZE.right} y1={y(tick)} y2={y(tick)} />
          <text className="axis" x={SIZE.left - 6} y={y(tick) + 4} textAnchor="end">
            {number(tick, language, known?.decimalCount ?? 1)}
          </text>
        </g>
      ))}
      {limits.map(({ zone, value }) => (
        <line
          key={zone + value}
          className="limit"
          stroke={`var(--zone-${zone})`}
          x1={SIZE.left}
          x2={SIZE.width - SIZE.right}
          y1={y(value)}
          y2={y(value)}
        />
      ))}
      <path className="line" d={path(({ value }) => value)} />
      <path className="line" d={path(({ lower }) => lower)} />
      {points.map(({ id, at, value, zone }) => (
        <circle
          key={id}
          className="point"
          {...(zone === 'red' || zone === 'yellow' ? { 'data-zone': zone } : {})}
          cx={x(at.getTime())}
          cy={y(value)}
          r={zone === 'red' || zone === 'yellow' ? 5 : 3}
        />
      ))}
      <text className="axis" x={SIZE.left} y={SIZE.height - 4}>
        {dayAndMonth(new Date(start), language)}
      </text>
      <text className="axis" x={SIZE.width - SIZE.right} y={SIZE.height - 4} textAnchor="end">
        {dayAndMonth(new Date(now), language)}
      </text>
    </svg>
  )
}
