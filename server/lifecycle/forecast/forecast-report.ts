import type {
  CodeableConcept,
  MeasureReport,
  MeasureReportGroup,
  MeasureReportGroupStratifier,
  Parameters,
  ParametersParameter,
  PlanDefinition,
} from '@medplum/fhirtypes'
import { FYLGJE } from '../../core/decide/plan/vocabulary.ts'
import type { Week } from './week.ts'

/** MeasureReport.identifier: plan url, team and the first day of the week, joined by `|`. There is one for each. */
export const FORECAST = `${FYLGJE}/NamingSystem/workload-forecast`
const MEASURE = `${FYLGJE}/Measure/workload-forecast`
const WORKLOAD = `${FYLGJE}/CodeSystem/workload`
/** On a PlanDefinition: what a Task takes, so that people can be counted. */
const MINUTES_PER_TASK = `${FYLGJE}/StructureDefinition/minutes-per-task`

export const minutesPerTaskOf = ({ extension = [] }: PlanDefinition): number | undefined =>
  extension.find(({ url }) => url === MINUTES_PER_TASK)?.valuePositiveInt

/** Of which plan and team a forecast is, and of the week that begins when. */
export function partsOfForecast({
  identifier = [],
}: MeasureReport): { url: string; team: string; start: string } | undefined {
  const [url, team = '', start] = identifier.find(({ system }) => system === FORECAST)?.value?.split('|') ?? []
  return url && start ? { url, team, start } : undefined
}

/** Those of a team for the weeks that begin at a moment or later, the newest week first; what was found to be wrong is none. */
export const newestForecasts = (
  reports: MeasureReport[],
  team: string,
  since: Date,
): { forecast: MeasureReport; url: string; start: string }[] =>
  reports
    .filter(({ status }) => status !== 'error')
    .flatMap((forecast) => {
      const parts = partsOfForecast(forecast)
      return parts?.team === team && Date.parse(parts.start) >= since.getTime() ? [{ forecast, ...parts }] : []
    })
    .sort((one, other) => other.start.localeCompare(one.start))

/** What a forecast expects of each kind of shift. */
export const expectationsOf = ({ group = [] }: MeasureReport): { kind: string; mean: number; p95: number }[] =>
  group.flatMap(({ code, measureScore, stratifier = [] }) => {
    const mean = measureScore?.value
    const p95 = stratifier.find((one) => one.code?.some(({ coding }) => coding?.[0]?.code === 'expected-p95'))
    return code?.text && mean !== undefined
      ? [{ kind: code.text, mean, p95: p95?.stratum?.[0]?.measureScore?.value ?? mean }]
      : []
  })

type Forecast = { plan: PlanDefinition; week: Week; patientCount: number; now: Date }

/**
 * What each team has to expect in a week, as it is told before: a `pending` MeasureReport a team, with a group for each kind of shift, whose
 * score is the Tasks of one such shift.
 * @param simulated what `$simulate` found for as many patients as there are now
 * @returns none where no Task has come of late
 */
export function forecastsOf(simulated: Parameters, { plan, week, patientCount, now }: Forecast): MeasureReport[] {
  const byTeam = Map.groupBy(shiftsIn(simulated), ({ team }) => team)
  return [...byTeam].map(([team, shifts]) => ({
    resourceType: 'MeasureReport',
    identifier: [{ system: FORECAST, value: [plan.url, team, week.start.toISOString()].join('|') }],
    ...{ status: 'pending', type: 'summary', measure: MEASURE, date: now.toISOString() },
    period: { start: week.start.toISOString(), end: week.end.toISOString() },
    evaluatedResource: [
      { reference: `PlanDefinition/${plan.id}`, display: plan.title ?? plan.url ?? '' },
      ...(team ? [{ reference: team }] : []),
    ],
    group: shifts.map((shift) => expected(shift, patientCount)),
  }))
}

/**
 * The forecast of a week that is over, with what happened beside it: `complete`. A kind of shift in which nobody expected anything and
 * something came is told too.
 * @param simulated what `$simulate` found of the week itself
 */
export function withOutcome(report: MeasureReport, simulated: Parameters, now: Date): MeasureReport {
  const team = partsOfForecast(report)?.team ?? ''
  const came = new Map(
    shiftsIn(simulated).flatMap((shift) => (shift.team === team ? [[shift.kind, shift] as const] : [])),
  )
  const known = report.group ?? []
  const unexpected = [...came.values()].filter(({ kind }) => !known.some(({ code }) => code?.text === kind))
  return {
    ...report,
    ...{ status: 'complete', date: now.toISOString() },
    group: [...known, ...unexpected.map(({ kind }): MeasureReportGroup => ({ code: { text: kind } }))].map((group) =>
      happened(group, came.get(group.code?.text ?? '')),
    ),
  }
}

/** A kind of shift of a team, as a simulation tells it. */
type Shift = {
  team: string
  kind: string
  count: number
  people: number | undefined
  actual: Spread
  expected: { mean: number; p95: number; people: number | undefined } | undefined
}
type Spread = { mean: number; p95: number; max: number }

function shiftsIn({ parameter = [] }: Parameters): Shift[] {
  return parameter.flatMap(({ name, part = [] }) => {
    if (name !== 'shift') return []
    const actual = named(part, 'actual')?.part ?? []
    const ahead = named(part, 'expected')?.part
    return [
      {
        team: named(part, 'owner')?.valueReference?.reference ?? '',
        kind: named(part, 'name')?.valueString ?? '',
        count: named(part, 'count')?.valueInteger ?? 0,
        people: named(part, 'people')?.valueDecimal,
        actual: { mean: decimal(actual, 'mean'), p95: decimal(actual, 'p95'), max: decimal(actual, 'max') },
        expected: ahead && {
          ...{ mean: decimal(ahead, 'mean'), p95: decimal(ahead, 'p95') },
          people: named(ahead, 'people')?.valueInteger,
        },
      },
    ]
  })
}

const named = (part: ParametersParameter[], name: string) => part.find((one) => one.name === name)
const decimal = (part: ParametersParameter[], name: string): number => {
  const { valueDecimal, valueInteger } = named(part, name) ?? {}
  return valueDecimal ?? valueInteger ?? 0
}

const expected = ({ kind, people, expected: ahead }: Shift, patientCount: number): MeasureReportGroup => ({
  code: { text: kind },
  population: [{ code: concept('patients'), count: patientCount }],
  measureScore: { value: ahead?.mean ?? 0 },
  stratifier: [
    ...score('expected-p95', ahead?.p95),
    ...score('people-needed', ahead?.people),
    ...score('people-rostered', people),
  ],
})

function happened(group: MeasureReportGroup, shift: Shift | undefined): MeasureReportGroup {
  const { mean, p95, max } = shift?.actual ?? { mean: 0, p95: 0, max: 0 }
  const { measureScore = { value: 0 }, population = [], stratifier = [] } = group
  return {
    ...group,
    measureScore,
    population: [...population, { code: concept('shifts'), count: shift?.count ?? 0 }],
    stratifier: [
      ...stratifier,
      ...score('came-mean', mean),
      ...score('came-p95', p95),
      ...score('came-max', max),
      ...score('difference', Number((mean - (measureScore.value ?? 0)).toFixed(2))),
    ],
  }
}

const concept = (code: string): CodeableConcept => ({ coding: [{ system: WORKLOAD, code }] })
const score = (code: string, value: number | undefined): MeasureReportGroupStratifier[] =>
  value === undefined ? [] : [{ code: [concept(code)], stratum: [{ value: concept(code), measureScore: { value } }] }]
