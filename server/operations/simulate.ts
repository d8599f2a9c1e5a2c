import type { CarePlan, Goal, PlanDefinition } from '@medplum/fhirtypes'
import { checkLimits } from '../core/decide/limits/check-limits.ts'
import { isLimit } from '../core/decide/plan/vocabulary.ts'
import { DETERIORATION_TYPE, DETERIORATIONS } from '../core/decide/simulation/lead-time.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { SimulationAsked, SimulationClock } from '../lifecycle/simulation.ts'
import { accepted, wantsAsync } from './async-job.ts'
import { DefinitionReader } from './definition-reader.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { oneOf } from './one-of.ts'
import type { Operation } from './operation.ts'
import { SIMULATED, SIMULATION_ASKED } from './simulate-parameters.ts'
import { cohortFor } from './simulation-cohort.ts'
import { jobPath } from './simulation-jobs.ts'

const DAY = 86_400_000
const DAYS_DEFAULT = 30
const DAYS_MAX = 800
/** So many days of so many enrolments are simulated while the caller waits; 100 people for a month take some seconds. */
const ENROLMENT_DAYS_AT_ONCE = 3_000
/** How long a caller waits who has not asked for `respond-async`, when there is more. */
const WAIT_MILLISECONDS = 20_000

/**
 * PlanDefinition/{id}/$simulate: a version of a plan, draft or in force, over what has really happened to a cohort. Writes nothing
 * but the state of its own work. Answers 202 with Content-Location at once for `Prefer: respond-async`, otherwise when it takes long.
 * @throws Refusal not-found, value, forbidden, too-costly, invalid (a plan that cannot be compiled)
 * @see docs/plans.md, docs/decisions/0029-simulation.md
 */
export const simulatePlanDefinition: Operation = {
  code: 'simulate',
  title: 'Try a plan on what has happened',
  description:
    'Plays the stored history of a cohort through a version of a plan and tells which Tasks it would have made, beside those that were made.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'subject', type: 'Reference', min: 0, max: '*' },
      documentation: 'A Patient, or a Group, which is its active members; everybody who was in the plan if left out.',
    },
    {
      ...{ name: 'share', type: 'integer', min: 0, max: '1' },
      documentation: 'Percent of them, 1 to 100: the same ones as in a staged start.',
    },
    {
      ...{ name: 'insteadOf', type: 'canonical', min: 0, max: '1' },
      documentation: 'The plan in which people are enrolled, where it is another than the one that is tried.',
    },
    ...SIMULATION_ASKED,
  ],
  out: SIMULATED,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, simulatePlanDefinition)
    const { text } = await rooms.store.read(exchange.access, 'PlanDefinition', exchange.id)
    const plan = JSON.parse(text ?? '{}') as PlanDefinition
    const insteadOf = given.text('insteadOf')?.split('|')[0]
    const share = given.count('share')
    if (share !== undefined && !(share >= 1 && share <= 100)) {
      throw refuse('value', `share is a whole number from 1 to 100, not ${share}.`, 'share')
    }
    const period = periodAsked(given, rooms.now())
    const looking = { rooms, access: exchange.access, also: typesOf(period) }
    const patients = await cohortFor(looking, given.texts('subject'), insteadOf ?? String(plan.url))
    return answerSimulated(exchange, rooms, {
      ...{ plan: exchange.id, insteadOf, share, patients },
      ...period,
    })
  },
}

/**
 * CarePlan/{id}/$simulate: what other limits would have meant for one person, by the plan in which they are. The Goals that are sent
 * stand instead of those of the same ids; one without an id is added.
 * @throws Refusal not-found, value, business-rule (contradicting limits; a plan that is not here), forbidden
 */
export const simulateCarePlan: Operation = {
  ...simulatePlanDefinition,
  title: 'Try limits on what has happened',
  description:
    'Plays the last days of one person with other limits, and tells which Tasks there would have been, beside those that were made.',
  resource: ['CarePlan'],
  in: [
    {
      ...{ name: 'goal', type: 'Goal', min: 0, max: '1' },
      documentation: 'A Goal with limits as $set-limits takes it. Left out: the limits that there were.',
    },
    ...SIMULATION_ASKED,
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, simulateCarePlan)
    const { text } = await rooms.store.read(exchange.access, 'CarePlan', exchange.id)
    const carePlan = JSON.parse(text ?? '{}') as CarePlan
    const goal = given.resource('goal', 'Goal') as (Resource & Goal) | undefined
    const goals = goal ? [goalToTry(goal, carePlan)] : undefined
    const subject = String(carePlan.subject.reference)
    const plan = await planOf(exchange, rooms, carePlan)
    const period = periodAsked(given, rooms.now())
    const looking = { rooms, access: exchange.access, also: typesOf(period) }
    const patients = await cohortFor(looking, [subject], String(plan.url))
    if (patients?.length === 0)
      throw refuse('forbidden', `Not everything about ${subject} is yours to see.`, 'CarePlan')
    return answerSimulated(exchange, rooms, {
      ...{ plan: String(plan.id), patients, goals, carePlan: exchange.id },
      ...period,
    })
  },
}

const typesOf = ({ deteriorations = [] }: Period) => deteriorations.map((kind) => DETERIORATION_TYPE[kind])

async function planOf(exchange: Exchange, rooms: Rooms, { instantiatesCanonical = [] }: CarePlan): Promise<Resource> {
  const reader = new DefinitionReader(exchange, rooms)
  for (const canonical of instantiatesCanonical) {
    const plan = await reader.findDefinition(canonical, ['PlanDefinition'], false)
    if (plan) return plan
  }
  throw refuse(
    'business-rule',
    `CarePlan/${exchange.id} names no plan that is here, so no rule would look at limits.`,
    'CarePlan.instantiatesCanonical',
  )
}

/** @throws Refusal value, required, business-rule */
function goalToTry(goal: Resource & Goal, { id, subject, goal: named = [] }: CarePlan): Resource {
  if (goal.id && !named.some(({ reference }) => reference?.split('/').slice(-2).join('/') === `Goal/${goal.id}`)) {
    throw refuse('business-rule', `Goal/${goal.id} is not a Goal of CarePlan/${id}; leave the id out.`, 'Goal.id')
  }
  if (goal.subject?.reference !== subject.reference) {
    throw refuse('value', `The Goal must be of ${subject.reference}, as the CarePlan is.`, 'Goal.subject')
  }
  if (!goal.target?.some(({ extension }) => extension?.some(isLimit))) {
    throw refuse('required', 'The Goal sets no limit: some target needs the extension limit.', 'Goal.target')
  }
  const problems = checkLimits(goal.target, [])
  if (problems.length > 0) {
    throw new Refusal(
      problems.map(({ target, path, diagnostics }) => ({
        ...{ severity: 'error' as const, code: 'business-rule' as const, diagnostics },
        expression: [`Goal.target[${target}].${path}`],
      })),
    )
  }
  return { ...goal, id: goal.id ?? 'tried' }
}

type Period = Omit<SimulationAsked, 'plan'>

/** @throws Refusal value, too-costly */
function periodAsked(given: Given, now: Date): Period {
  const end = new Date(given.text('end') ?? now)
  const start = new Date(given.text('start') ?? end.getTime() - DAYS_DEFAULT * DAY)
  if (!(start < end)) throw refuse('value', 'The start must be before the end.', 'start')
  if (end > now) throw refuse('value', `The end must not lie ahead: it is ${now.toISOString()} now.`, 'end')
  if (end.getTime() - start.getTime() > DAYS_MAX * DAY) {
    throw refuse('too-costly', `At most ${DAYS_MAX} days are simulated at once.`, 'start')
  }
  const deteriorations = given.texts('deterioration').map((one) => oneOf(one, 'deterioration', DETERIORATIONS))
  return {
    ...{ start, end, clock: clockOf(given.text('clock')), minutesToDecision: given.count('minutesToDecision') },
    ...(deteriorations.length > 0 ? { deteriorations } : {}),
    ...{ minutesPerTask: given.count('minutesPerTask'), forPatients: given.count('forPatients') },
  }
}

function clockOf(text: string | undefined): SimulationClock | undefined {
  if (text === undefined || text === 'stored' || text === 'measured') return text
  throw refuse('value', `clock is stored or measured, not ${text}.`, 'clock')
}

/** Runs it at once, or as a job where it is long or nobody waits. */
export async function answerSimulated(
  { access, headers }: Exchange,
  { simulations }: Rooms,
  asked: SimulationAsked,
): Promise<Reply> {
  const days = (asked.end.getTime() - asked.start.getTime()) / DAY
  const isAsync = wantsAsync(headers.prefer)
  if (!isAsync && (await simulations.weigh(asked)) * days <= ENROLMENT_DAYS_AT_ONCE) {
    return { status: 200, text: JSON.stringify((await simulations.run(asked)).parameters) }
  }
  const id = await simulations.start(access, asked)
  if (isAsync) return accepted(jobPath(id))
  const job = await simulations.waitFor(access, id, WAIT_MILLISECONDS)
  return job?.state === 'done' ? { status: 200, text: job.result ?? '' } : accepted(jobPath(id))
}
