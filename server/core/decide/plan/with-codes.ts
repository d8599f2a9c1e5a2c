import type {
  DataRequirement,
  DataRequirementCodeFilter,
  PlanDefinition,
  PlanDefinitionAction,
} from '@medplum/fhirtypes'
import type { CodesOf } from './data-requirement.ts'

/**
 * The actions of a plan with the codes of their value sets written out, so that each event is held against codes alone, found by
 * them in the index, and decided the same on every machine. A value set that is not known stays as it is: see `matches`.
 */
export const withCodes = (actions: PlanDefinition['action'] = [], codesOf: CodesOf): PlanDefinitionAction[] =>
  actions.map(({ input, trigger, action, ...rest }) => ({
    ...rest,
    ...(input ? { input: input.map((one) => listed(one, codesOf)) } : {}),
    ...(trigger
      ? {
          trigger: trigger.map(({ data, ...one }) => ({
            ...one,
            ...(data ? { data: data.map((requirement) => listed(requirement, codesOf)) } : {}),
          })),
        }
      : {}),
    ...(action ? { action: withCodes(action, codesOf) } : {}),
  }))

function listed(requirement: DataRequirement, codesOf: CodesOf): DataRequirement {
  if (!requirement.codeFilter?.some(({ valueSet }) => valueSet)) return requirement
  return { ...requirement, codeFilter: requirement.codeFilter.map((filter) => listedFilter(filter, codesOf)) }
}

function listedFilter(filter: DataRequirementCodeFilter, codesOf: CodesOf): DataRequirementCodeFilter {
  const { valueSet, code = [], ...rest } = filter
  const codes = valueSet && codesOf(valueSet)
  if (!codes) return filter
  const inSet = [...codes].map((token) => {
    const at = token.indexOf('|')
    return { system: token.slice(0, at), code: token.slice(at + 1) }
  })
  // Of an empty value set there is nothing that matches; a filter without any code would match everything.
  const all = [...code, ...inSet]
  return { ...rest, code: all.length > 0 ? all : [{ system: valueSet }] }
}

/** Every value set that the actions filter by. */
export function valueSetsOf(actions: PlanDefinition['action'] = []): string[] {
  return actions.flatMap(({ input = [], trigger = [], action }) => [
    ...[...input, ...trigger.flatMap(({ data }) => data ?? [])].flatMap(({ codeFilter = [] }) =>
      codeFilter.flatMap(({ valueSet }) => valueSet ?? []),
    ),
    ...valueSetsOf(action),
  ])
}
