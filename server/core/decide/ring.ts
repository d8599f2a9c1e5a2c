import type { CarePlan, Goal, PlanDefinition, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { Decisions } from './decisions.ts'
import type { Timer, TimerKind } from './timer.ts'
import type { Told } from './words/told.ts'

/** What may be looked at when a timer rings that is neither a rule's nor a schedule's; read beforehand, in one go for many. */
export type RingFacts = {
  timer: Timer
  /** What the timer is about, as it stands now; undefined when it was deleted. */
  about?: Resource
  /** Of the patient, whatever their status. */
  carePlans: CarePlan[]
  goals: Goal[]
  openTasks: Task[]
  /** What keeps changes that were planned from being, though their moment has come; by their ids. */
  barred?: ReadonlyMap<string, Told>
  /** The plans in which a CarePlan enrols the patient; none where nobody gives them. */
  plansOf?: (carePlan: CarePlan) => PlanDefinition[]
  now: Date
  /** Gives the id of a Task that is to be. */
  newId: () => string
}

/** Decides what it means that a timer has rung. Pure. One that is not set again in what it decides is gone. */
export type Ring = (facts: RingFacts) => Decisions

/** Kinds of an enrolment itself: a rule, what is asked for, and the limits. */
export type OwnKind = 'rule' | 'occurrence' | 'limits-review'

/** Which function decides for which kind of timer; those of the enrolment itself know more and have their own. */
export type Rings = { [kind in Exclude<TimerKind, OwnKind>]?: Ring }
