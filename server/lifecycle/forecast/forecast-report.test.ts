import type { MeasureReport, Parameters, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { FORECAST, forecastsOf, minutesPerTaskOf, newestForecasts, withOutcome } from './forecast-report.ts'
import { nextWeekly, weekOf, weeksBefore } from './week.ts'

test.each([
  ['a Wednesday', '2026-11-11T12:00:00Z', '2026-11-08T23:00:00Z', '2026-11-15T23:00:00Z'],
  ['Sunday late by Norwegian clocks', '2026-11-08T22:59:59Z', '2026-11-01T23:00:00Z', '2026-11-08T23:00:00Z'],
  ['Monday by Norwegian clocks, Sunday by UTC', '2026-11-08T23:00:00Z', '2026-11-08T23:00:00Z', '2026-11-15T23:00:00Z'],
  ['the week in which summer time ends', '2026-10-25T12:00:00Z', '2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z'],
  ['the week in which summer time begins', '2026-03-29T12:00:00Z', '2026-03-22T23:00:00Z', '2026-03-29T22:00:00Z'],
])('%s is in its week from Monday to Monday', (_what, at, start, end) => {
  const week = weekOf(new Date(at))
  expect(week).toEqual({ start: new Date(start), end: new Date(end) })
  expect(nextWeekly(new Date(at)).getTime()).toBe(week.end.getTime() + 600_000)
})

test('four weeks before a Monday it is Monday at midnight too, also when the clocks have changed since', () => {
  const week = weekOf(new Date('2026-11-11T12:00:00Z'))
  expect(weeksBefore(week, 4)).toEqual(new Date('2026-10-11T22:00:00Z'))
})

const spread = (name: string, mean: number, p95: number, max: number): ParametersParameter => ({
  name,
  part: [
    { name: 'mean', valueDecimal: mean },
    { name: 'p95', valueInteger: p95 },
    { name: 'max', valueInteger: max },
  ],
})
type Told = {
  kind: string
  team?: string
  came?: [number, number, number]
  expected?: [number, number, number?]
  people?: number
}
const shift = ({ kind, team, came = [0, 0, 0], expected, people }: Told): ParametersParameter => ({
  name: 'shift',
  part: [
    ...(team ? [{ name: 'owner', valueReference: { reference: team } }] : []),
    { name: 'name', valueString: kind },
    { name: 'count', valueInteger: 5 },
    ...(people === undefined ? [] : [{ name: 'people', valueDecimal: people }]),
    spread('actual', ...came),
    ...(expected
      ? [
          {
            name: 'expected',
            part: [
              { name: 'mean', valueDecimal: expected[0] },
              { name: 'p95', valueDecimal: expected[1] },
              ...(expected[2] === undefined ? [] : [{ name: 'people', valueInteger: expected[2] }]),
            ],
          },
        ]
      : []),
  ],
})
const simulated = (...told: Told[]): Parameters => ({ resourceType: 'Parameters', parameter: told.map(shift) })

const now = new Date('2026-11-08T23:10:00Z')
const plan = { resourceType: 'PlanDefinition', id: 'p', url: 'http://x/p', status: 'active' } as PlanDefinition
const given = { plan, week: weekOf(now), patientCount: 40, now }
const scores = (report: ReturnType<typeof withOutcome> | undefined) =>
  report?.group?.map(({ code, measureScore, stratifier = [] }) => [
    code?.text,
    measureScore?.value,
    Object.fromEntries(
      stratifier.map((one) => [one.code?.[0]?.coding?.[0]?.code, one.stratum?.[0]?.measureScore?.value]),
    ),
  ])

test('each team has a forecast of its own, with what is known of each kind of shift', () => {
  const ahead = simulated(
    { kind: 'weekday 07:00–15:00', team: 'CareTeam/a', expected: [6, 10.5, 2], people: 1.5 },
    { kind: 'sunday 07:00–15:00', team: 'CareTeam/a', expected: [2, 4] },
    { kind: 'weekday 07:00–15:00', team: 'CareTeam/b', expected: [1, 3] },
  )
  const [first, second, ...more] = forecastsOf(ahead, given)
  expect(more).toEqual([])
  expect(first).toMatchObject({
    ...{ resourceType: 'MeasureReport', status: 'pending', type: 'summary' },
    identifier: [{ value: 'http://x/p|CareTeam/a|2026-11-08T23:00:00.000Z' }],
    period: { start: '2026-11-08T23:00:00.000Z', end: '2026-11-15T23:00:00.000Z' },
    evaluatedResource: [{ reference: 'PlanDefinition/p' }, { reference: 'CareTeam/a' }],
  })
  expect(scores(first)).toEqual([
    ['weekday 07:00–15:00', 6, { 'expected-p95': 10.5, 'people-needed': 2, 'people-rostered': 1.5 }],
    ['sunday 07:00–15:00', 2, { 'expected-p95': 4 }],
  ])
  expect(second?.evaluatedResource?.[1]?.reference).toBe('CareTeam/b')
  expect(forecastsOf(simulated(), given)).toEqual([])
})

test('what came stands beside what was expected: where nothing came, and where nobody expected anything, too', () => {
  const [forecast] = forecastsOf(
    simulated(
      { kind: 'weekday', team: 'CareTeam/a', expected: [6, 10.5, 2] },
      { kind: 'sunday', team: 'CareTeam/a', expected: [2, 4] },
    ),
    given,
  )
  const came = simulated(
    { kind: 'weekday', team: 'CareTeam/a', came: [7.5, 11, 12] },
    { kind: 'saturday', team: 'CareTeam/a', came: [1, 1, 1] },
    { kind: 'sunday', team: 'CareTeam/b', came: [9, 9, 9] },
  )
  const later = new Date('2026-11-15T23:10:00Z')
  const outcome = forecast && withOutcome(forecast, came, later)
  expect(outcome).toMatchObject({ status: 'complete', date: later.toISOString(), period: forecast?.period })
  expect(scores(outcome)).toEqual([
    [
      ...['weekday', 6],
      { 'expected-p95': 10.5, 'people-needed': 2, 'came-mean': 7.5, 'came-p95': 11, 'came-max': 12, difference: 1.5 },
    ],
    ['sunday', 2, { 'expected-p95': 4, 'came-mean': 0, 'came-p95': 0, 'came-max': 0, difference: -2 }],
    ['saturday', 0, { 'came-mean': 1, 'came-p95': 1, 'came-max': 1, difference: 1 }],
  ])
})

test('people are counted where the plan says what a Task takes', () => {
  const url = 'http://fylgje.no/fhir/StructureDefinition/minutes-per-task'
  expect(minutesPerTaskOf({ ...plan, extension: [{ url, valuePositiveInt: 12 }] })).toBe(12)
  expect(minutesPerTaskOf(plan)).toBeUndefined()
})

test('of a team the forecasts since a Monday count, the newest first, and none that was found to be wrong', () => {
  const report = (id: string, start: string, more: object = {}, team = 'CareTeam/a'): MeasureReport => ({
    ...{ resourceType: 'MeasureReport', id, status: 'pending', type: 'summary', measure: 'm' },
    ...{ period: {}, identifier: [{ system: FORECAST, value: `http://example.org/plan|${team}|${start}` }] },
    ...more,
  })
  const given = [
    report('old', '2026-11-01T23:00:00.000Z'),
    report('last', '2026-11-08T23:00:00.000Z', { status: 'complete' }),
    report('this', '2026-11-15T23:00:00.000Z'),
    report('wrong', '2026-11-15T23:00:00.000Z', { status: 'error' }),
    report('other', '2026-11-15T23:00:00.000Z', {}, 'CareTeam/b'),
  ]
  const found = newestForecasts(given, 'CareTeam/a', new Date('2026-11-08T23:00:00Z'))
  expect(found.map(({ forecast }) => forecast.id)).toEqual(['this', 'last'])
})
