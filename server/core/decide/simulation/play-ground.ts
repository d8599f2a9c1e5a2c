import type { CarePlan, PlanDefinition, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Decisions } from '../decisions.ts'
import { type Evaluator, evaluateHere } from '../evaluator.ts'
import type { Facts } from '../facts.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { Staff } from '../task/staff.ts'
import type { TimerKind } from '../timer.ts'

/** One version of a resource of the patient's, as it came. */
export type StoredVersion = {
  type: string
  id: string
  at: Date
  /** Undefined where this version removed it. */
  resource?: Resource
  /** The engine wrote it: what it made is decided anew, what people do with that is a fact. */
  byEngine: boolean
  /** The server itself wrote it, to tell that somebody was given something; what others write so is not believed. */
  tellsAccess?: boolean
}

export type PlayGround = {
  /** `Patient/1` */
  subject: string
  /** The version of the plan that is tried for an enrolment; undefined for one that the simulation is not about. */
  planOf: (carePlan: CarePlan) => CompiledPlan | undefined
  /** urls of the plan, and of the one in whose place it is tried. */
  urls: ReadonlySet<string>
  /** Decides; see `decide`. Who evaluates the expressions is for the caller to say. */
  judge: (facts: Facts) => Promise<Decisions>
  staff: Staff
  /** Which clocks run; all of them where it is left out. */
  clocks?: ReadonlySet<TimerKind>
  /** Enrolments end when their period is over or their plan says so; left out, they end as they really did. */
  endsByItself?: boolean
  /** Nobody tells how it went with a message: it is taken as sent when it is to be. */
  messagesAreSent?: boolean
  /** What somebody who is referred is referred to. */
  referredTo?: PlanDefinition
  /** Runs what evaluates expressions beside `judge`; left out, that is done here and now. */
  settle?: SettleInPlay
  /** Until when, in milliseconds, a Task lies that nobody really had: what people usually take. */
  answeredAfter: (task: Task) => number
}

/** Evaluates here and now. */
export const settleHere: SettleInPlay = async (work) => work(evaluateHere)

/** Gives `work` who evaluates the expressions; it must be pure, for it may be done again. */
export type SettleInPlay = <T>(work: (evaluate: Evaluator) => T) => Promise<T>
