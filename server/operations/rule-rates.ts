import type { CarePlan, MeasureReport, MeasureReportGroup, PlanDefinition, Task } from '@medplum/fhirtypes'
import { patientDaysOf, type RuleRate, ratesOf } from '../core/decide/plan/rule-rates.ts'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { queueOf } from '../core/decide/task/claim.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { titleOf } from '../lifecycle/simulation-parameters.ts'
import { parseSearch } from '../search/search-query.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parseOwner } from './performer.ts'

const PAGE_COUNT = 1_000
/** More would keep others waiting. */
const LOOKED_AT_MAX = 100_000
const DAYS_DEFAULT = 30
const DAY = 86_400_000
const RATE = `${FYLGJE}/CodeSystem/rule-rate`

/**
 * PlanDefinition/{id}/$rule-rates: for each rule of a plan how many Tasks it made in a period, how many days of patients that was, what
 * came of them and how long a decision took. Counted by the caller's own searches, so that nothing is counted that they may not see.
 * @returns a MeasureReport with a group for each rule
 * @throws Refusal not-found, value (the period, the team), too-costly
 */
export const ruleRates: Operation = {
  code: 'rule-rates',
  title: 'Rates of the rules',
  description:
    'Of each rule of a plan: Tasks, findings that joined one, Tasks per 100 patient-days, share acted on, time to decision.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    { name: 'start', type: 'instant', min: 0, max: '1', documentation: 'From when; else 30 days before the end.' },
    { name: 'end', type: 'instant', min: 0, max: '1', documentation: 'Until when; else now.' },
    {
      ...{ name: 'team', type: 'Reference', min: 0, max: '1' },
      documentation:
        'A CareTeam: only Tasks of its queue, and days of patients whom it follows. Left out, all that the caller may see.',
    },
  ],
  out: [{ name: 'return', type: 'MeasureReport', min: 1, max: '1', documentation: 'A group for each rule.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, ruleRates)
    const end = given.text('end') ?? rooms.now().toISOString()
    const start = given.text('start') ?? new Date(Date.parse(end) - DAYS_DEFAULT * DAY).toISOString()
    if (!(Date.parse(start) < Date.parse(end))) throw refuse('value', 'The start must be before the end.', 'start')
    const named = given.text('team')
    const team = named === undefined ? undefined : parseOwner(named, 'team', ['CareTeam']).reference
    const { text } = await rooms.store.read(exchange.access, 'PlanDefinition', exchange.id)
    const plan = JSON.parse(text ?? '{}') as PlanDefinition
    const { url } = plan
    if (!url) throw refuse('business-rule', 'A plan without a url makes no Tasks.', 'PlanDefinition.url')
    const [tasks, carePlans] = await Promise.all([
      readAll<Task>(exchange, rooms, 'Task', [
        ['authored-on', `ge${start}`],
        ['authored-on', `lt${end}`],
      ]),
      readAll<CarePlan>(exchange, rooms, 'CarePlan', [['instantiates-canonical', url]]),
    ])
    const followed = team === undefined ? carePlans : carePlans.filter(isFollowedBy(team))
    const patientDays = patientDaysOf(followed, { start, end })
    const rates = ratesOf(team === undefined ? tasks : tasks.filter(isOfQueue(team)), url, patientDays)
    return { status: 200, text: JSON.stringify(toReport({ plan, start, end, patientDays, rates })) }
  },
}

/** What waits in its queue, and what somebody has taken from there. */
const isOfQueue = (team: string) => (task: Task) => (queueOf(task) ?? task.owner)?.reference === team

const isFollowedBy =
  (team: string) =>
  ({ careTeam }: CarePlan) =>
    careTeam?.some(({ reference }) => reference === team) ?? false

async function readAll<T>(
  { access }: Exchange,
  { store, definitions }: Rooms,
  type: string,
  params: [string, string][],
): Promise<T[]> {
  const query = parseSearch(
    definitions,
    type,
    new URLSearchParams([...params, ['_count', String(PAGE_COUNT)]]),
    'strict',
  )
  const found: T[] = []
  for (let cursor: string | undefined; found.length < LOOKED_AT_MAX; ) {
    const page = await store.search(access, { ...query, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.matches.map(({ text }) => JSON.parse(text ?? '{}') as T))
    if (page.next === undefined) return found
    cursor = page.next
  }
  throw refuse('too-costly', `There are more than ${LOOKED_AT_MAX} ${type}s in it; ask for a shorter period.`, 'start')
}

type Measured = { plan: PlanDefinition; start: string; end: string; patientDays: number; rates: RuleRate[] }

/** The report of these rates; what is not known is left out. */
export function toReport({ plan, start, end, patientDays, rates }: Measured): MeasureReport {
  return {
    resourceType: 'MeasureReport',
    status: 'complete',
    type: 'summary',
    measure: `${FYLGJE}/Measure/rule-rates`,
    date: end,
    period: { start, end },
    evaluatedResource: [{ reference: `PlanDefinition/${plan.id}`, display: plan.title ?? plan.url ?? '' }],
    ...(rates.length > 0
      ? { group: rates.map((rate) => toGroup(rate, titleOf(plan, rate.actionId) ?? rate.actionId, patientDays)) }
      : {}),
  }
}

/** The score is Tasks per 100 patient-days, the number that an alarm budget is about. */
function toGroup(rate: RuleRate, title: string, patientDays: number): MeasureReportGroup {
  const share = rate.closedCount > 0 ? rate.actedOnCount / rate.closedCount : undefined
  const scores = [
    score('share-acted-on', share === undefined ? undefined : 100 * share, '%'),
    score('minutes-to-decision-median', rate.minutesToDecisionMedian, 'min'),
  ].flatMap((one) => one ?? [])
  return {
    code: { coding: [{ code: rate.actionId }], text: title },
    population: [
      count('tasks', rate.taskCount),
      count('findings', rate.occasionCount),
      count('suppressed', rate.suppressedCount),
      count('closed', rate.closedCount),
      count('acted-on', rate.actedOnCount),
      count('patient-days', Math.round(patientDays)),
    ],
    ...(rate.tasksPer100PatientDays === undefined
      ? {}
      : { measureScore: quantity(rate.tasksPer100PatientDays, '/(100.d)') }),
    ...(scores.length > 0 ? { stratifier: scores } : {}),
  }
}

const concept = (code: string) => ({ coding: [{ system: RATE, code }] })
const count = (code: string, value: number) => ({ code: concept(code), count: value })
const quantity = (value: number, code: string) => ({
  value: Number(value.toFixed(2)),
  unit: code,
  system: 'http://unitsofmeasure.org',
  code,
})

const score = (code: string, value: number | undefined, unit: string) =>
  value === undefined
    ? undefined
    : { code: [concept(code)], stratum: [{ value: concept(code), measureScore: quantity(value, unit) }] }
