import type { CarePlan, Goal } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Evaluator } from '../evaluator.ts'
import { type CompiledPlan, type Condition, toCondition } from '../plan/compile-plan.ts'
import { type ConditionTrace, evaluateCondition } from '../plan/condition.ts'
import { FYLGJE } from '../plan/vocabulary.ts'

/** On a PlanDefinition: an Expression that says when an enrolment is over; looked at when the CarePlan or one of its Goals changes. */
export const ENDS_WHEN = `${FYLGJE}/StructureDefinition/ends-when`

/** When the plan itself says that an enrolment is over; most do not. */
export function endsWhen({ definition }: CompiledPlan): Condition | undefined {
  const expression = definition.extension?.find(({ url }) => url === ENDS_WHEN)?.valueExpression
  return expression && toCondition(expression)
}

type Standing = { plan: CompiledPlan; carePlan: CarePlan; goals: Goal[]; subject: Resource }

/** Whether it is over by now, as things stand. No Goal yet gives no value: that is a no (`isEmpty`), not a trouble. */
export const askWhetherOver = (
  condition: Condition,
  { plan, carePlan, goals, subject }: Standing,
  by: { now: Date; evaluate?: Evaluator | undefined },
): ConditionTrace =>
  evaluateCondition(condition, subject, { careplan: carePlan, goals, subject, context: plan.definition }, {}, by)

/** The Goals that an enrolment names, of those of its patient. */
export const goalsOf = ({ goal = [] }: CarePlan, goals: ReadonlyMap<string, Goal>): Goal[] =>
  goal.flatMap(({ reference }) => goals.get(reference ?? '') ?? [])
