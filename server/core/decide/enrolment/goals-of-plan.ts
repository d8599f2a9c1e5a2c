import type { CarePlan, Goal, PlanDefinitionAction, PlanDefinitionGoal } from '@medplum/fhirtypes'
import { namedGoals } from '../limits/limits.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'

/** The goals of the plan, and of the plans within it. */
export const goalsOf = ({ definition, used }: Pick<CompiledPlan, 'definition' | 'used'>): PlanDefinitionGoal[] =>
  [definition, ...used].flatMap((one) => (one.resourceType === 'PlanDefinition' ? (one.goal ?? []) : []))

/** By what a Goal is known: what it says it is about. */
export const wordsOf = ({ description }: Pick<Goal, 'description'> | PlanDefinitionGoal): string =>
  description?.text ?? description?.coding?.map(({ system, code }) => `${system ?? ''}|${code ?? ''}`).join(' ') ?? ''

/** Those of a person whose time is not over. */
export const isLiving = ({ lifecycleStatus }: Goal): boolean => LIVING.has(lifecycleStatus)
const LIVING: ReadonlySet<string> = new Set(['proposed', 'planned', 'accepted', 'active', 'on-hold'])

/** The person's Goals, as `Goal/1`, for which an action of the plan is done: PlanDefinition.action.goalId. */
export function goalsOfAction(
  { goalId = [] }: PlanDefinitionAction,
  plan: CompiledPlan,
  { carePlan, goals }: { carePlan: CarePlan; goals: Goal[] },
): string[] {
  if (goalId.length === 0) return []
  const meant = new Set(goalsOf(plan).flatMap((goal) => (goal.id && goalId.includes(goal.id) ? [wordsOf(goal)] : [])))
  const own = namedGoals(carePlan, goals).filter(isLiving)
  return own.flatMap((goal) => (meant.has(wordsOf(goal)) ? [`Goal/${goal.id}`] : []))
}
