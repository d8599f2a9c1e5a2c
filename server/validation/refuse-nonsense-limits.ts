import type { Goal, GoalTarget, PlanDefinition } from '@medplum/fhirtypes'
import { checkLimits } from '../core/decide/limits/check-limits.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'

/**
 * Limits that contradict each other are refused wherever they come in: in a Goal that counts, and in a plan in force. What is only
 * proposed, or a draft, may be unfinished.
 * @throws Refusal business-rule, with the element of each
 */
export function refuseNonsenseLimits<T extends { resource: Resource }>(accepted: T): T {
  const problems = targetsOf(accepted.resource).flatMap(({ at, target }) =>
    checkLimits(target).map((problem) => ({
      ...problem,
      expression: `${at}.target[${problem.target}].${problem.path}`,
    })),
  )
  if (problems.length === 0) return accepted
  throw new Refusal(
    problems.map(({ diagnostics, expression }) => ({
      ...{ severity: 'error', code: 'business-rule', diagnostics, expression: [expression] },
    })),
  )
}

const COUNTING = new Set(['accepted', 'active', 'on-hold'])

function targetsOf(resource: Resource): { at: string; target: GoalTarget[] }[] {
  if (resource.resourceType === 'Goal') {
    const { lifecycleStatus, target = [] } = resource as unknown as Goal
    return COUNTING.has(lifecycleStatus) ? [{ at: 'Goal', target }] : []
  }
  if (resource.resourceType !== 'PlanDefinition' || resource.status !== 'active') return []
  const { goal = [] } = resource as unknown as PlanDefinition
  return goal.map(({ target = [] }, i) => ({ at: `PlanDefinition.goal[${i}]`, target: target as GoalTarget[] }))
}
