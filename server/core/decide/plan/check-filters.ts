import type { DataRequirement, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { type FilterKind, hasPath, isSaidOtherwise, pathsOfParameter } from './filter-paths.ts'
import type { PlanProblem } from './plan-problem.ts'

/**
 * The filters of a plan's triggers and inputs that name a search parameter by which nothing can be looked for here, or a path that R4's
 * type does not have. Its rules could never be evaluated, or would find nothing, so it is told before the plan is in force.
 */
export const checkFilters = ({ action = [] }: Pick<PlanDefinition, 'action'>): PlanProblem[] =>
  action.flatMap((one, i) => ofAction(one, `PlanDefinition.action[${i}]`))

function ofAction({ trigger = [], input = [], action = [] }: PlanDefinitionAction, at: string): PlanProblem[] {
  return [
    ...trigger.flatMap(({ data = [] }, i) =>
      data.flatMap((one, j) => ofRequirement(one, `${at}.trigger[${i}].data[${j}]`)),
    ),
    ...input.flatMap((one, i) => ofRequirement(one, `${at}.input[${i}]`)),
    ...action.flatMap((child, i) => ofAction(child, `${at}.action[${i}]`)),
  ]
}

function ofRequirement(requirement: DataRequirement, at: string): PlanProblem[] {
  const { type, codeFilter = [], dateFilter = [] } = requirement
  if (isSaidOtherwise(requirement)) {
    const diagnostics = `What is wanted of ${type} is said by an extension that is not followed here; say it by codeFilter and dateFilter, or every ${type} would be looked at.`
    return [{ expression: `${at}.extension`, diagnostics }]
  }
  const wrong = (kind: FilterKind, name: string | undefined, expression: string): PlanProblem[] => {
    if (name === undefined || pathsOfParameter(type, name, kind) !== undefined) return []
    const values = kind === 'code' ? 'codes' : 'dates'
    const diagnostics = `R4 has no search parameter "${name}" of ${type} that looks at ${values}; name one that it has, or a path.`
    return [{ expression: `${at}.${expression}.searchParam`, diagnostics }]
  }
  const nowhere = (path: string, expression: string): PlanProblem[] => {
    if (hasPath(type, path)) return []
    const diagnostics = `R4's ${type} has no "${path}", so nothing would ever be found; name its element, without its type and functions: code, effective, component.code.`
    return [{ expression: `${at}.${expression}.path`, diagnostics }]
  }
  return [
    ...codeFilter.flatMap(({ path, searchParam }, i) =>
      path === undefined ? wrong('code', searchParam, `codeFilter[${i}]`) : nowhere(path, `codeFilter[${i}]`),
    ),
    ...dateFilter.flatMap(({ path, searchParam }, i) =>
      path === undefined ? wrong('date', searchParam, `dateFilter[${i}]`) : nowhere(path, `dateFilter[${i}]`),
    ),
  ]
}
