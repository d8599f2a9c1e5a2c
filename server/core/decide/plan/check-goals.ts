import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { PlanProblem } from './plan-problem.ts'

/**
 * The actions of a plan that are for a goal which the plan does not have. They would be done, and nobody would know what for.
 * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.goalId
 */
export function checkGoals({ goal = [], action = [] }: Pick<PlanDefinition, 'goal' | 'action'>): PlanProblem[] {
  const known = new Set(goal.map(({ id }) => id))
  const ofAction = ({ goalId = [], action: children = [] }: PlanDefinitionAction, at: string): PlanProblem[] => [
    ...goalId.flatMap((id, i) =>
      known.has(id)
        ? []
        : [{ expression: `${at}.goalId[${i}]`, diagnostics: `The plan has no goal with the id '${id}'.` }],
    ),
    ...children.flatMap((child, i) => ofAction(child, `${at}.action[${i}]`)),
  ]
  return action.flatMap((one, i) => ofAction(one, `PlanDefinition.action[${i}]`))
}
