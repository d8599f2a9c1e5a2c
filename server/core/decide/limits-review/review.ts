import type { CarePlan, DataRequirement, Goal, PlanDefinition, Reference, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Decisions } from '../decisions.ts'
import { type Limit, limitsAt, limitsOfCarePlan } from '../limits/limits.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { engineTask } from '../task/engine-task.ts'
import { identifierOf } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import { after, type Length, milliseconds } from '../time/duration.ts'
import type { Timer, TimerDecision } from '../timer.ts'
import { TASK_WORDS, taskInput } from '../words/coded-words.ts'
import type { Told } from '../words/told.ts'
import { DRIFT_DAYS, driftsOf } from './drift.ts'
import { type LimitsProposal, proposeLimits } from './propose-limits.ts'
import { allMeasures } from './review-measures.ts'
import { driftInWords, expiryInWords, proposalInWords, type ReviewCause, together } from './review-words.ts'

/** On a PlanDefinition: `trial`, after how long limits are first proposed, and `every`, how often they are then looked at. */
export const LIMITS_REVIEW = `${FYLGJE}/StructureDefinition/limits-review`

const DAY = 86_400_000
/** The id of a Goal in a proposal that stands for none that is stored. */
export const NEW_GOAL = 'proposed-'
/** What a review looks back at. */
const REVIEW_DAYS = 90
/** Proposals rest on these days alone: what was usual last winter is not. */
export const PROPOSAL_DAYS = 28
/** After an exacerbation it is waited for so long: until what is usual is usual again. */
const CALM_DAYS = 14

const A_WEEK: Length = { value: 1, code: 'wk' }
/** More often it is not looked at. */
const A_DAY: Length = { value: 1, code: 'd' }

export type ReviewSchedule = { trial: Length; every: Length }

/** When a plan looks at the limits of its patients, undefined where it does not. */
export function reviewScheduleOf({ extension = [] }: Pick<PlanDefinition, 'extension'>): ReviewSchedule | undefined {
  const parts = extension.find(({ url }) => url === LIMITS_REVIEW)?.extension
  const length = (name: string) => parts?.find(({ url }) => url === name)?.valueDuration
  const [trial, every = A_WEEK] = [length('trial'), length('every')]
  if (!trial || milliseconds(trial) <= 0) return undefined
  return { trial, every: milliseconds(every) < DAY ? A_DAY : every }
}

/** What a review must know of the person's measurements. */
export const reviewRequirements = (plan: CompiledPlan): DataRequirement[] =>
  allMeasures(plan).map((code) => ({
    type: 'Observation',
    codeFilter: [{ path: 'code', code }],
    dateFilter: [{ path: 'effective', valueDuration: { value: REVIEW_DAYS, unit: 'd', code: 'd' } }],
  }))

export type ReviewFacts = {
  plan: CompiledPlan
  carePlan: CarePlan
  goals: Goal[]
  history: Resource[]
  openTasks: Task[]
  now: Date
  newId: () => string
}

const aboutOf = ({ id }: CarePlan) => `CarePlan/${id}`
const keyOf = (carePlan: CarePlan, plan: CompiledPlan, name: 'review' | 'expiry') =>
  ({ kind: 'limits-review', about: aboutOf(carePlan), name, plan: plan.url }) as const

/**
 * The clocks of an enrolment's limits, once it begins or its limits change: when they are next looked at, and when the first of the
 * person's own ends.
 */
export function reviewTimers({
  plan,
  carePlan,
  goals,
  now,
}: Omit<ReviewFacts, 'history' | 'openTasks' | 'newId'>): TimerDecision[] {
  const schedule = reviewScheduleOf(plan.definition)
  const enrolled = Date.parse(carePlan.period?.start ?? '')
  const from = Number.isNaN(enrolled) ? now.getTime() : enrolled
  const end = firstEnd(limitsOfCarePlan(carePlan, goals), now)
  const expiry = keyOf(carePlan, plan, 'expiry')
  return [
    ...(schedule
      ? [
          {
            act: 'start' as const,
            timer: {
              ...keyOf(carePlan, plan, 'review'),
              dueAt: new Date(Math.max(after(from, schedule.trial), now.getTime())),
            },
          },
        ]
      : []),
    end ? { act: 'set', timer: { ...expiry, dueAt: end } } : { act: 'drop', timer: expiry },
  ]
}

function firstEnd(own: Limit[], after: Date): Date | undefined {
  const ends = own.flatMap(({ valid }) => valid?.until ?? []).filter((until) => until > after.getTime())
  return ends.length > 0 ? new Date(Math.min(...ends)) : undefined
}

/** The limits are looked at, or one has ended: what there is to say is one Task of the team, with what is proposed in it. */
export function review(timer: Timer, facts: ReviewFacts): Decisions {
  return timer.name === 'expiry' ? expired(timer, facts) : reviewed(timer, facts)
}

function expired(timer: Timer, facts: ReviewFacts): Decisions {
  const { plan, carePlan, goals, now } = facts
  const ended = limitsOfCarePlan(carePlan, goals).filter(({ valid }) => valid?.until === timer.dueAt.getTime())
  const measures = [...new Set(ended.map(({ measure }) => measure))]
  const told = together(measures.map((measure) => expiryInWords(measure, timer.dueAt, now)))
  const tasks = measures.length > 0 ? toTask('expiry', told, [], facts) : []
  return { tasks, timers: reviewTimers({ plan, carePlan, goals, now }).slice(-1), trace: [] }
}

function reviewed(timer: Timer, facts: ReviewFacts): Decisions {
  const { plan, carePlan, goals, history, now } = facts
  const schedule = reviewScheduleOf(plan.definition)
  if (!schedule) return { tasks: [], timers: [], trace: [] }
  const limits = limitsAt(limitsOfCarePlan(carePlan, goals), plan.limits, now)
  const drifts = driftsOf(plan, limits, history, now)
  // Where what is usual has moved, what was usual before would only blur it.
  const lookBack = drifts.length > 0 ? DRIFT_DAYS : PROPOSAL_DAYS
  const { proposals } = proposeLimits(facts, new Date(now.getTime() - lookBack * DAY))
  // The same is not proposed twice: who said no to it has said no.
  const fresh = proposals.filter((one) => timer.payload?.[one.measure] !== fingerprint(one))
  const newDrifts = drifts.filter(({ measure, now: late }) => timer.payload?.[`${measure} drift`] !== Math.round(late))
  const cause = causeOf(timer, { drifts: newDrifts, proposals: fresh, now })
  const told = [...newDrifts.map(driftInWords), ...(cause && fresh.length > 0 ? [proposalInWords(cause, fresh)] : [])]
  const tasks = cause && told.length > 0 ? toTask(cause, together(told), fresh, facts) : []
  const isTold = tasks.length > 0
  const payload = {
    ...timer.payload,
    reviewed: now.toISOString(),
    ...(isTold ? Object.fromEntries(fresh.map((one) => [one.measure, fingerprint(one)])) : {}),
    ...(isTold ? Object.fromEntries(newDrifts.map((one) => [`${one.measure} drift`, Math.round(one.now)])) : {}),
  }
  const dueAt = new Date(after(now.getTime(), schedule.every))
  return { tasks, timers: [{ act: 'set', timer: { ...timer, dueAt, payload } }], trace: [] }
}

const fingerprint = ({ limits }: LimitsProposal) =>
  limits.map(({ zone, side, value }) => [zone, side, value].filter(Boolean).join(' ')).join(', ')

type Seen = { drifts: { measure: string }[]; proposals: LimitsProposal[]; now: Date }

/** Why limits are proposed now; undefined where there is no occasion: what was proposed once is not proposed each week. */
function causeOf({ payload }: Timer, { drifts, proposals, now }: Seen): Exclude<ReviewCause, 'expiry'> | undefined {
  if (!payload?.reviewed) return 'trial'
  if (drifts.length > 0) return 'drift'
  const lastReview = Date.parse(String(payload.reviewed))
  const ended = proposals.flatMap(({ distribution }) => distribution.lastUnusual ?? [])
  // Calm for long enough since the last unusual day, and it was not so at the last look.
  const isOver = ended.some((last) => now.getTime() - last >= CALM_DAYS * DAY && lastReview - last < CALM_DAYS * DAY)
  return isOver ? 'episode' : undefined
}

/** @returns a new Task; none where one is open already */
function toTask(
  cause: ReviewCause,
  told: Told,
  proposals: LimitsProposal[],
  { plan, carePlan, openTasks, now, newId }: ReviewFacts,
): Decisions['tasks'] {
  const prefix = `${plan.url}|*limits.${cause}|${carePlan.subject.reference}|`
  if (openTasks.some((task) => isOpen(task) && identifierOf(task)?.startsWith(prefix))) return []
  const goals = proposals.map(({ goal }, i) => ({ ...goal, id: goal.id ?? `${NEW_GOAL}${i + 1}`, meta: undefined }))
  const about = aboutOf(carePlan)
  const task = engineTask({
    ...{ id: newId(), name: prefix + now.toISOString(), code: 'review-limits', colour: 'green', now },
    ...{ told: TASK_WORDS['review-limits'], reason: told, about, basedOn: [about], plan: plan.canonical },
    subject: carePlan.subject,
    owner: carePlan.careTeam?.[0],
    ...(goals.length > 0 ? { input: goals.map(({ id }) => proposalInput({ reference: `#${id}` })) } : {}),
  })
  if (goals.length === 0) return [{ act: 'create', task }]
  return [{ act: 'create', task: { ...task, intent: 'proposal', contained: goals.map(withoutUndefined) } }]
}

const proposalInput = (valueReference: Reference) => ({
  type: taskInput('proposed-limits'),
  valueReference,
})

const withoutUndefined = <T extends object>(one: T): T =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as T
