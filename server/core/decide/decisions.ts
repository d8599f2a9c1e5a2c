import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { ConditionTrace } from './plan/condition.ts'
import type { TimerDecision } from './timer.ts'
import type { TriageDecision } from './triage.ts'

/** What came of a rule that was woken. */
export type RuleTrace = {
  actionId: string
  outcome: 'applicable' | 'not-applicable' | 'unevaluable'
  conditions: ConditionTrace[]
}

/** A Task that is to be, or to be changed. */
export type TaskDecision = { act: 'create' | 'update'; task: Task }

/** A request that is to be, or to be changed. */
export type RequestDecision = { act: 'create' | 'update'; resource: Resource }

/** What should be true afterwards. Nothing is done yet: see react.ts. */
export type Decisions = {
  tasks: TaskDecision[]
  /** What the plan does to the patient's activities; present when it does something. */
  requests?: RequestDecision[]
  timers: TimerDecision[]
  triage?: TriageDecision
  trace: RuleTrace[]
}

/** What comes of a happening that changes nothing. */
export const NOTHING: Decisions = { tasks: [], timers: [], trace: [] }

/** All that was decided, in one: what was committed, and what else. Requests are there only where there are some. */
export const decisionsOf = (
  { tasks, requests }: { tasks: TaskDecision[]; requests: RequestDecision[] },
  others: Pick<Decisions, 'timers' | 'trace'> & { triage?: TriageDecision | undefined },
): Decisions => {
  const { timers, trace, triage } = others
  return { tasks, ...(requests.length > 0 ? { requests } : {}), timers, ...(triage ? { triage } : {}), trace }
}
