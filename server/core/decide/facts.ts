import type { CarePlan, ClinicalImpression, Goal, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { Evaluator } from './evaluator.ts'
import type { Happening } from './happening.ts'
import type { CompiledPlan } from './plan/compile-plan.ts'

/** Everything that a decision may look at, read beforehand. */
export type Facts = {
  plan: CompiledPlan
  carePlan: CarePlan
  /** The patient's Goals; those of the CarePlan count. */
  goals: Goal[]
  happening: Happening
  /** The patient's resources that the inputs of the rules may need; more do no harm. */
  history: Resource[]
  /** The patient's open Tasks, of any plan. */
  openTasks: Task[]
  /** How this measurement was triaged before, by this plan in this CarePlan. */
  triage?: ClinicalImpression
  /** The patient's requests, of any plan, when this one may touch them. */
  requests?: Resource[]
  /** The Patient, when the plan asks for `%subject`. */
  subject?: Resource
  now: Date
  /** Gives the id of a Task that is to be. */
  newId: () => string
  /** Answers the expressions of the plan; left out, that is done here and now. */
  evaluate?: Evaluator | undefined
}
