import { Heading, InlineMessage, Select, ToggleGroup } from '@navikt/ds-react'
import { useMemo, useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import { changeQuery, Go, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock, date, number, span } from '../../ui/format.ts'
import { ZONE_TEXTS, ZONES } from '../../ui/zone.ts'
import { ZoneBadge, ZoneShape } from '../../ui/zone-badge.tsx'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { type Column, type Figure, FigureTable } from './figure-table.tsx'
import {
  ADHERENCE_BANDS,
  ADHERENCE_DAYS,
  adherenceOf,
  loadOf,
  responsesOf,
  ruleFiguresOf,
  SHOWN_COUNT_MIN,
  shiftsOf,
  shownBands,
  shownCount,
} from './figures.ts'
import {
  daysBefore,
  type Followed,
  type Pathway,
  readDone,
  readFollowed,
  readForecasts,
  readOpen,
  readPathways,
  readRates,
  readTeamNames,
} from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'
import '../patient/patient.css'
import './team-lead.css'

const PERIODS = ['7', '30', '90'] as const
const MINUTE_MILLIS = 60_000

/** How the work goes: what waits, how fast it is answered, which rules are loud, who measures, and whether there are people enough. */
export default function TeamLeadScreen() {
  const text = useTexts(TEAM_TEXTS)
  const { query } = usePlace()
  const days = PERIODS.find((one) => one === query.get('days')) ?? '30'
  return (
    <div className="patient team-lead">
      <div className="card-head">
        <Heading size="medium" level="1">
          {text('title')}
        </Heading>
        <ToggleGroup
          size="small"
          label={text('period')}
          value={days}
          onChange={(value) => changeQuery({ days: value === '30' ? undefined : value })}
        >
          {PERIODS.map((one) => (
            <ToggleGroup.Item key={one} value={one} label={text('days', { count: one })} />
          ))}
        </ToggleGroup>
      </div>
      <LoadPart />
      <div className="team-columns">
        <ResponsePart days={Number(days)} />
        <AdherencePart />
      </div>
      <RulesPart days={Number(days)} />
      <ForecastPart />
    </div>
  )
}

const cutNote = ({ isCut }: { isCut: boolean }, words: string) =>
  isCut ? (
    <InlineMessage status="warning" size="small">
      {words}
    </InlineMessage>
  ) : undefined

function LoadPart() {
  const text = useTexts(TEAM_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery('lead open', (signal) => readOpen(fhir, signal))
  const names = useQuery('lead teams', (signal) => readTeamNames(fhir, signal)).data
  const load = useMemo(() => answer.data && loadOf(answer.data.found, new Date()), [answer.data])
  return (
    <AnswerView answer={answer} what={text('tasks')} rows={4}>
      {(read) => {
        const { all, by } = load ?? loadOf(read.found, new Date())
        const longest = Math.max(1, ...by.map(({ total }) => total))
        const columns: Column[] = [
          { label: text('openCount'), csv: text('openCount'), isNumber: true },
          ...ZONES.map((one) => ({
            label: (
              <span className="limit-label" data-zone={one}>
                <ZoneShape zone={one} /> {zone(one)}
              </span>
            ),
            csv: zone(one),
            isNumber: true,
          })),
          { label: text('overdue'), csv: text('overdue'), isNumber: true },
          { label: text('free'), csv: text('free'), isNumber: true },
        ]
        return (
          <>
            <dl className="tiles">
              <Tile name={text('openCount')} value={all.total} to="worklist" />
              <Tile name={zone('red')} value={all.red} to="worklist?zone=red" zone="red" />
              <Tile name={text('overdue')} value={all.overdue} to="worklist?overdue=true" isBad={all.overdue > 0} />
              <Tile name={text('free')} value={all.free} to="worklist?tab=unassigned" />
              <Tile name={text('snoozed')} value={all.snoozed} to="worklist?tab=snoozed" />
            </dl>
            <FigureTable
              title={text('load')}
              explained={text('loadExplained', {
                time: answer.answeredAt ? clock(answer.answeredAt, language) : '–',
              })}
              first={{ label: text('who'), csv: text('who') }}
              columns={columns}
              file="belastning"
              note={cutNote(read, text('cut'))}
              empty={text('noneOpen')}
              rows={by.map((one) => {
                const name = (one.owner && (names?.get(one.owner) || one.name)) || one.owner || text('nobody')
                const plain = (value: number): Figure => ({ shown: value, csv: String(value) })
                return {
                  ...{ key: one.owner ?? '', name: one.isPerson ? `– ${name}` : name, csv: name },
                  cells: [
                    { ...plain(one.total), bar: { share: one.total / longest } },
                    ...ZONES.map((each) => plain(one[each])),
                    plain(one.overdue),
                    plain(one.free),
                  ],
                }
              })}
            />
          </>
        )
      }}
    </AnswerView>
  )
}

type TileProps = { name: string; value: number; to: string; zone?: 'red'; isBad?: boolean }

const Tile = ({ name, value, to, zone, isBad }: TileProps) => (
  <div className="tile" data-zone={zone} data-bad={isBad ? '' : undefined}>
    <dt>
      {zone && <ZoneShape zone={zone} />}
      {name}
    </dt>
    <dd>
      <Go to={to} aria-label={`${name}: ${value}`}>
        {value}
      </Go>
    </dd>
  </div>
)

function ResponsePart({ days }: { days: number }) {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const zone = useTexts(ZONE_TEXTS)
  const fhir = useFhir()
  const since = useMemo(() => daysBefore(new Date(), days), [days])
  const answer = useQuery(`lead done ${days}`, (signal) => readDone(fhir, since, signal))
  const tooFew = { shown: text('tooFew'), csv: '' }
  return (
    <AnswerView answer={answer} what={text('responses')} rows={5}>
      {(read) => {
        const rows = responsesOf(read.found, since).filter(({ count }) => count > 0)
        return (
          <FigureTable
            title={text('response', { days })}
            explained={text('responseExplained', { count: SHOWN_COUNT_MIN })}
            first={{ label: text('zone'), csv: text('zone') }}
            columns={[
              { label: text('done'), csv: text('done'), isNumber: true },
              { label: text('inTime'), csv: text('inTimeCsv') },
              { label: text('median'), csv: text('medianCsv'), isNumber: true },
            ]}
            file="svartid"
            note={cutNote(read, text('cut'))}
            empty={text('noneDone')}
            rows={rows.map(({ zone: one, count, inTimePercent, medianMinutes }) => ({
              ...{ key: one, name: <ZoneBadge zone={one} />, csv: zone(one) },
              cells: [
                { shown: shownCount(count) ?? text('tooFew'), csv: String(shownCount(count) ?? '') },
                inTimePercent === undefined
                  ? tooFew
                  : {
                      shown: `${number(inTimePercent, language, 0)} %`,
                      csv: number(inTimePercent, language, 1),
                      bar: { share: inTimePercent / 100, zone: inTimePercent < 80 ? 'yellow' : 'green' },
                    },
                medianMinutes === undefined
                  ? tooFew
                  : { shown: span(medianMinutes * MINUTE_MILLIS, language), csv: number(medianMinutes, language, 0) },
              ],
            }))}
          />
        )
      }}
    </AnswerView>
  )
}

function AdherencePart() {
  const text = useTexts(TEAM_TEXTS)
  const fhir = useFhir()
  const pathwayName = usePathwayNames()
  const answer = useQuery<Followed>('lead followed', (signal) => readFollowed(fhir, new Date(), signal))
  return (
    <AnswerView answer={answer} what={text('measurements')} rows={4}>
      {(read) => (
        <FigureTable
          title={text('adherence', { days: ADHERENCE_DAYS })}
          explained={text('adherenceExplained', { days: ADHERENCE_DAYS, count: SHOWN_COUNT_MIN })}
          first={{ label: text('pathway'), csv: text('pathway') }}
          columns={[
            { label: text('patients'), csv: text('patients'), isNumber: true },
            ...ADHERENCE_BANDS.map(({ from, to }) => {
              const label = from === to ? text('bandNone') : text('band', { from, to })
              return { label, csv: label, isNumber: true }
            }),
          ]}
          file="etterlevelse"
          note={cutNote(read, text('cut'))}
          empty={text('noneFollowed')}
          rows={adherenceOf(read.carePlans, read.observations, new Date()).map((one) => {
            const bands = shownBands(one)
            const name = pathwayName(one.pathway)
            return {
              ...{ key: one.pathway, name, csv: name },
              cells: [
                { shown: shownCount(one.patients) ?? text('tooFew'), csv: String(shownCount(one.patients) ?? '') },
                ...ADHERENCE_BANDS.map(({ key }): Figure => {
                  const count = bands[key]
                  if (count === undefined) return { shown: text('hidden'), csv: '' }
                  const zone = key === 'none' ? 'grey' : key === 'some' ? 'yellow' : 'green'
                  return { shown: count, csv: String(count), bar: { share: count / one.patients, zone } }
                }),
              ],
            }
          })}
        />
      )}
    </AnswerView>
  )
}

function RulesPart({ days }: { days: number }) {
  const text = useTexts(TEAM_TEXTS)
  const fhir = useFhir()
  const answer = useQuery('lead pathways', (signal) => readPathways(fhir, signal))
  return (
    <AnswerView answer={answer} what={text('pathways')} rows={3}>
      {(pathways) => <Rates pathways={pathways} days={days} />}
    </AnswerView>
  )
}

function Rates({ pathways, days }: { pathways: readonly Pathway[]; days: number }) {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { query } = usePlace()
  const asked = query.get('plan')
  const plan = pathways.find(({ id }) => id === asked) ?? pathways.find(({ id }) => id === 'copd') ?? pathways[0]
  const since = useMemo(() => daysBefore(new Date(), days), [days])
  const answer = useQuery(`lead rates ${plan?.id} ${days}`, async (signal) => {
    if (!plan) return []
    const rates = await readRates(fhir, plan.id, since, signal)
    return ruleFiguresOf(rates.report, rates.plan)
  })
  const choose = (
    <Select
      size="small"
      label={text('pathway')}
      hideLabel
      value={plan?.id ?? ''}
      onChange={(event) => changeQuery({ plan: event.target.value })}
    >
      {pathways.map((one) => (
        <option key={one.id} value={one.id}>
          {translated(one, 'title', language)?.text ?? one.id}
        </option>
      ))}
    </Select>
  )
  const few = { shown: text('tooFew'), csv: '' }
  return (
    <AnswerView answer={answer} what={text('rates')} rows={5}>
      {(rules) => {
        const longest = Math.max(0.01, ...rules.map(({ per100 = 0 }) => per100))
        return (
          <FigureTable
            title={text('rules', { days })}
            explained={text('rulesExplained', { count: SHOWN_COUNT_MIN })}
            tools={pathways.length > 0 ? choose : undefined}
            first={{ label: text('rule'), csv: text('rule') }}
            columns={[
              { label: text('taskCount'), csv: text('taskCount'), isNumber: true },
              { label: text('findings'), csv: text('findings'), isNumber: true },
              { label: text('per100'), csv: text('per100') },
              { label: text('actedOn'), csv: text('actedOnCsv'), isNumber: true },
              { label: text('median'), csv: text('medianCsv'), isNumber: true },
            ]}
            file="varsler"
            empty={text('noneRules')}
            rows={rules.map((rule) => {
              const isShown = shownCount(rule.tasks) !== undefined
              return {
                ...{ key: rule.id, name: ruleName(rule, text), csv: ruleName(rule, text) },
                cells: [
                  { shown: shownCount(rule.tasks) ?? text('tooFew'), csv: String(shownCount(rule.tasks) ?? '') },
                  isShown ? { shown: rule.findings, csv: String(rule.findings) } : few,
                  !isShown || rule.per100 === undefined
                    ? few
                    : {
                        shown: number(rule.per100, language, 2),
                        csv: number(rule.per100, language, 2),
                        bar: { share: rule.per100 / longest },
                      },
                  rule.actedOnPercent === undefined
                    ? few
                    : {
                        shown: `${number(rule.actedOnPercent, language, 0)} %`,
                        csv: number(rule.actedOnPercent, language, 1),
                      },
                  rule.medianMinutes === undefined
                    ? few
                    : {
                        shown: span(rule.medianMinutes * MINUTE_MILLIS, language),
                        csv: number(rule.medianMinutes, language, 0),
                      },
                ],
              }
            })}
          />
        )
      }}
    </AnswerView>
  )
}

/** What the plan itself does, beside its rules, has no title of its own. */
function ruleName(
  { id, title }: { id: string; title: string },
  text: (key: 'ofItself' | 'unevaluable', values?: { title: string }) => string,
) {
  if (title.startsWith('*')) return text('ofItself')
  return id.endsWith('!') ? text('unevaluable', { title: title.replace(/!$/, '') }) : title
}

function ForecastPart() {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const [weeks, setWeeks] = useState<'coming' | 'past'>('coming')
  const answer = useQuery('lead forecasts', (signal) => readForecasts(fhir, new Date(), signal))
  const names = useQuery('lead teams', (signal) => readTeamNames(fhir, signal)).data
  return (
    <AnswerView answer={answer} what={text('forecasts')} rows={3}>
      {(reports) => {
        const isPast = weeks === 'past'
        const shifts = shiftsOf(reports.filter(({ status }) => (status === 'complete') === isPast))
        const longest = Math.max(0.01, ...shifts.map(({ p95, mean }) => p95 ?? mean))
        return (
          <FigureTable
            title={text('forecast')}
            explained={text('forecastExplained')}
            tools={
              <ToggleGroup
                size="small"
                aria-label={text('weeks')}
                value={weeks}
                onChange={(value) => setWeeks(value as 'coming' | 'past')}
              >
                <ToggleGroup.Item value="coming" label={text('coming')} />
                <ToggleGroup.Item value="past" label={text('past')} />
              </ToggleGroup>
            }
            first={{ label: text('shift'), csv: text('shift') }}
            columns={[
              { label: text('team'), csv: text('team') },
              { label: text('pathway'), csv: text('pathway') },
              { label: text('expected'), csv: text('expected') },
              { label: text('most'), csv: text('most'), isNumber: true },
              ...(isPast ? [{ label: text('came'), csv: text('came'), isNumber: true }] : []),
              { label: text('needed'), csv: text('needed'), isNumber: true },
              { label: text('rostered'), csv: text('rostered'), isNumber: true },
            ]}
            file="bemanning"
            empty={text(isPast ? 'nonePast' : 'noneForecast')}
            rows={shifts.map((shift) => {
              const name = `${shiftName(shift.kind, text)} · ${text('weekOf', { date: date(new Date(shift.week), language) })}`
              const plain = (value: number | undefined): Figure =>
                value === undefined
                  ? { shown: '–', csv: '' }
                  : { shown: number(value, language, 1), csv: number(value, language, 1) }
              const isShort =
                shift.needed !== undefined && shift.rostered !== undefined && shift.rostered < shift.needed
              const team = names?.get(shift.team) ?? shift.team
              return {
                ...{ key: `${shift.week} ${shift.team} ${shift.plan} ${shift.kind}`, name, csv: name },
                isMarked: isShort,
                cells: [
                  { shown: team, csv: team },
                  { shown: shift.plan, csv: shift.plan },
                  { ...plain(shift.mean), bar: { share: shift.mean / longest } },
                  plain(shift.p95),
                  ...(isPast ? [plain(shift.came)] : []),
                  plain(shift.needed),
                  isShort
                    ? { shown: text('short', { count: shift.rostered ?? 0 }), csv: String(shift.rostered) }
                    : plain(shift.rostered),
                ],
              }
            })}
          />
        )
      }}
    </AnswerView>
  )
}

/** `weekday 07:00–15:00` in words. */
function shiftName(kind: string, text: (key: 'weekday' | 'saturday' | 'sunday') => string): string {
  const [day, ...hours] = kind.split(' ')
  const known = (['weekday', 'saturday', 'sunday'] as const).find((one) => one === day)
  return known ? `${text(known)} ${hours.join(' ')}` : kind
}
