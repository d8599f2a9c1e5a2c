import type { Parameters, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { median } from '../core/decide/limits/quantile.ts'
import { COLOURS, type Colour } from '../core/decide/plan/vocabulary.ts'
import { type Expected, expectedOf, loadOf, type Spread, shiftsOf } from '../core/decide/simulation/shifts.ts'
import type { Counts, Difference, Outcomes, RuleCounts, TeamLoad } from '../core/decide/simulation/tally.ts'
import { toldAs } from '../core/decide/words/told.ts'
import { notSimulated } from './not-simulated.ts'
import type { Simulated } from './simulation.ts'

type Part = ParametersParameter

/** What a simulation found, as $simulate answers it; what each part means stands in its OperationDefinition. */
export function toParameters(simulated: Simulated): Parameters {
  const { plan, asked, tally, failures, minutesToDecision } = simulated
  const leftOut = notSimulated(plan, simulated.enrolments)
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'plan', valueCanonical: plan.canonical },
      ...(asked.insteadOf ? [{ name: 'insteadOf', valueCanonical: asked.insteadOf }] : []),
      { name: 'period', valuePeriod: { start: asked.start.toISOString(), end: asked.end.toISOString() } },
      { name: 'patients', valueInteger: simulated.patientCount },
      { name: 'enrolments', valueInteger: simulated.enrolments.length },
      { name: 'patientDays', valueDecimal: rounded(simulated.patientDays) },
      { name: 'recordedDays', valueDecimal: rounded(simulated.recordedDays) },
      { name: 'happened', valueInteger: simulated.happenedCount },
      { name: 'decisions', valueInteger: simulated.decisionCount },
      { name: 'tasks', part: countsOf(tally.total) },
      ...rateOf(simulated),
      { name: 'compared', part: outcomesOf(tally.outcomes) },
      { name: 'comparedRed', part: outcomesOf(tally.redOutcomes) },
      ...[...tally.byDay].sort(byName).map(([date, counts]) => ({
        name: 'day',
        part: [{ name: 'date', valueDate: date }, ...coloursOf(counts)],
      })),
      ...[...tally.byTeam.values()].map((team) => ({ name: 'team', part: teamOf(team) })),
      ...[...tally.byRule]
        .sort(byName)
        .map(([id, counts]) => ({ name: 'rule', part: ruleOf(id, counts, plan.definition) })),
      ...[...tally.arrivals].sort(byName).flatMap(([team]) => shiftsIn(simulated, team)),
      ...leadTimesOf(simulated),
      ...tally.missedReds.map((one) => ({ name: 'missedRed', part: differenceOf(one) })),
      ...tally.newReds.map((one) => ({ name: 'newRed', part: differenceOf(one) })),
      ...tally.missedOthers.map((one) => ({ name: 'missedTask', part: differenceOf(one) })),
      ...tally.newOthers.map((one) => ({ name: 'newTask', part: differenceOf(one) })),
      ...COLOURS.map((colour) => ({
        name: 'assumedWait',
        part: [
          { name: 'colour', valueCode: colour },
          { name: 'minutes', valueDecimal: rounded(minutesToDecision[colour]) },
        ],
      })),
      ...(leftOut ? [{ name: 'notSimulated', resource: leftOut }] : []),
      ...failures.map(({ patient, problem }) => ({
        name: 'failure',
        part: [
          { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
          { name: 'problem', valueString: problem },
        ],
      })),
    ],
  }
}

/** One for each kind of shift of the team, beside those who work in it. */
function shiftsIn({ tally, staff, asked, patientDays }: Simulated, team: string): Part[] {
  const days = (asked.end.getTime() - asked.start.getTime()) / DAY
  const growth = asked.forPatients === undefined || patientDays === 0 ? 1 : asked.forPatients / (patientDays / days)
  const isExpected = asked.forPatients !== undefined || asked.minutesPerTask !== undefined
  return loadOf(shiftsOf(team, staff, asked), tally.arrivals.get(team) ?? []).map((load) => {
    const expected = isExpected ? expectedOf(load, growth, asked.minutesPerTask) : undefined
    const isJudged = load.people !== undefined && expected?.people !== undefined
    const part = [
      ...(team ? [{ name: 'owner', valueReference: { reference: team } }] : []),
      { name: 'name', valueString: load.kind },
      { name: 'count', valueInteger: load.count },
      ...(load.people === undefined ? [] : [{ name: 'people', valueDecimal: rounded(load.people) }]),
      { name: 'simulated', part: spreadOf(load.simulated) },
      { name: 'actual', part: spreadOf(load.actual) },
      ...(expected ? [expectationOf(expected)] : []),
      ...(isJudged ? [{ name: 'tooFew', valueBoolean: Number(load.people) < Number(expected.people) }] : []),
    ]
    return { name: 'shift', part }
  })
}

const DAY = 86_400_000

const spreadOf = ({ mean, p95, max }: Spread): Part[] => [
  { name: 'mean', valueDecimal: rounded(mean) },
  { name: 'p95', valueInteger: p95 },
  { name: 'max', valueInteger: max },
]

const expectationOf = ({ mean, p95, people }: Expected): Part => ({
  name: 'expected',
  part: [
    { name: 'mean', valueDecimal: rounded(mean) },
    { name: 'p95', valueDecimal: rounded(p95) },
    ...(people === undefined ? [] : [{ name: 'people', valueInteger: people }]),
  ],
})

/** How much earlier each rule warned of what really happened, and how many Tasks that cost. */
function leadTimesOf({ tally, asked, plan }: Simulated): Part[] {
  if (!asked.deteriorations) return []
  return [
    { name: 'deteriorations', valueInteger: tally.deteriorationCount },
    ...[...tally.leadTimes].sort(byName).map(([rule, { tasks, warned, days }]) => {
      const title = titleOf(plan.definition, rule)
      const side = (name: 'simulated' | 'actual'): Part => {
        return {
          name,
          part: [
            { name: 'warned', valueInteger: warned[name] },
            { name: 'tasks', valueInteger: tasks[name] },
            ...(days[name].length === 0 ? [] : [{ name: 'daysMedian', valueDecimal: rounded(median(days[name])) }]),
            ...(warned[name] === 0
              ? []
              : [{ name: 'tasksPerWarned', valueDecimal: rounded(tasks[name] / warned[name]) }]),
          ],
        }
      }
      return {
        name: 'leadTime',
        part: [
          { name: 'rule', valueString: rule },
          ...(title ? [{ name: 'title', valueString: title }] : []),
          side('simulated'),
          side('actual'),
        ],
      }
    }),
  ]
}

/** Nothing is said where nobody was followed for a day. */
function rateOf({ tally, patientDays }: Simulated): Part[] {
  if (patientDays < 1) return []
  const { closed, actedOn } = tally.answered
  const per100 = (count: number) => rounded((100 * count) / patientDays)
  return [
    {
      name: 'tasksPer100PatientDays',
      part: [
        { name: 'simulated', valueDecimal: per100(tally.total.simulated) },
        { name: 'actual', valueDecimal: per100(tally.total.actual) },
      ],
    },
    ...(closed > 0 ? [{ name: 'actedOnPercent', valueDecimal: rounded((100 * actedOn) / closed) }] : []),
  ]
}

const countsOf = ({ simulated, actual }: Counts): Part[] => [
  { name: 'simulated', valueInteger: simulated },
  { name: 'actual', valueInteger: actual },
]

const outcomesOf = ({ same, covered, missed, missedActedOn, fresh }: Outcomes): Part[] => [
  { name: 'same', valueInteger: same },
  { name: 'covered', valueInteger: covered },
  { name: 'missed', valueInteger: missed },
  { name: 'missedActedOn', valueInteger: missedActedOn },
  { name: 'new', valueInteger: fresh },
]

const coloursOf = (counts: ReadonlyMap<Colour, Counts>): Part[] =>
  COLOURS.flatMap((colour) => {
    const own = counts.get(colour)
    return own ? [{ name: colour, part: countsOf(own) }] : []
  })

function teamOf({ team, display, roles, byColour, ...counts }: TeamLoad): Part[] {
  return [
    ...(team ? [{ name: 'owner', valueReference: { reference: team, ...(display ? { display } : {}) } }] : []),
    ...(roles ? [{ name: 'role', valueString: roles }] : []),
    ...countsOf(counts),
    ...coloursOf(byColour),
  ]
}

function ruleOf(id: string, counts: RuleCounts, plan: PlanDefinition): Part[] {
  const { same, missed, fresh, closed, actedOn } = counts
  const title = titleOf(plan, id)
  return [
    { name: 'id', valueString: id },
    ...(title ? [{ name: 'title', valueString: title }] : []),
    ...countsOf(counts),
    { name: 'same', valueInteger: same },
    { name: 'missed', valueInteger: missed },
    { name: 'new', valueInteger: fresh },
    { name: 'closed', valueInteger: closed },
    { name: 'actedOn', valueInteger: actedOn },
  ]
}

function differenceOf(difference: Difference): Part[] {
  const { patient, at, rule, colour, reason, focus, task, status, instead, conditions = [] } = difference
  return [
    { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
    { name: 'at', valueInstant: at.toISOString() },
    { name: 'rule', valueString: rule },
    { name: 'colour', valueCode: colour },
    ...(reason ? [{ name: 'reason', valueString: reason }] : []),
    ...(focus ? [{ name: 'focus', valueReference: { reference: focus } }] : []),
    ...(task ? [{ name: 'task', valueReference: { reference: `Task/${task}` } }] : []),
    ...(status ? [{ name: 'status', valueCode: status }] : []),
    ...conditions.map(({ expression, outcome, problem }) => ({
      name: 'condition',
      part: [
        { name: 'expression', valueString: expression || '?' },
        { name: 'outcome', valueCode: outcome },
        ...(problem ? [{ name: 'problem', ...toldAs('valueString', problem) }] : []),
      ],
    })),
    ...(instead
      ? [
          {
            name: 'instead',
            part: [
              { name: 'colour', valueCode: instead.colour },
              { name: 'at', valueInstant: instead.at.toISOString() },
              { name: 'rule', valueString: instead.rule },
            ],
          },
        ]
      : []),
  ]
}

/** What people call a rule. */
export function titleOf({ action = [] }: PlanDefinition, ruleId: string): string | undefined {
  const id = ruleId.replace(/(?:!|~again)$/, '')
  const all = (list: typeof action): typeof action => list.flatMap((one) => [one, ...all(one.action ?? [])])
  return all(action).find((one) => one.id === id)?.title
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => one.localeCompare(other)

/** R4 decimals with two places say enough here. */
const rounded = (value: number): number => Math.round(value * 100) / 100
