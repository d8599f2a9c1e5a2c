import type { Resource } from '../fhir/resource.ts'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import type { Condition } from './compile-plan.ts'

/** What a condition can name: `%name`. Every name must be there; what is missing is an empty list. */
export type Variables = Record<string, unknown>

export type ConditionTrace = {
  expression: string
  /** What the variables that the expression names held: references with versions, and values. */
  seen: Record<string, unknown>
  outcome: 'true' | 'false' | 'unevaluable'
  /** Why it could not be evaluated. */
  problem?: string
  /** It gave no value at all; a trigger takes that for no. */
  isEmpty?: true
}

/**
 * Evaluates one condition. Only a single boolean counts. Anything else (an error, another language, several values, nothing
 * at all) is `unevaluable`, never silently false: write `exists()` where a value may be missing.
 * @param problems for a variable, why it cannot be trusted here; a condition that names it is unevaluable
 */
export function evaluateCondition(
  condition: Condition,
  focus: Resource,
  variables: Variables,
  problems: Record<string, string | undefined>,
  now: Date,
): ConditionTrace {
  const { expression } = condition
  const names = namesIn(expression)
  const seen = Object.fromEntries(names.flatMap((name) => (name in variables ? [[name, glance(variables[name])]] : [])))
  const unevaluable = (problem: string): ConditionTrace => ({ expression, seen, outcome: 'unevaluable', problem })
  if (condition.language !== 'text/fhirpath') {
    return unevaluable(`språket «${condition.language}» støttes ikke; bare text/fhirpath`)
  }
  const problem = names.map((name) => problems[name]).find((found) => found !== undefined)
  if (problem !== undefined) return unevaluable(problem)
  try {
    const result = compileFhirPath(expression)(focus, variables, now)
    const [only] = result
    if (result.length !== 1 || typeof only !== 'boolean') {
      if (result.length === 0) return { ...unevaluable('betingelsen ga ingen verdi'), isEmpty: true }
      return unevaluable(`betingelsen ga ${JSON.stringify(result).slice(0, 80)}`)
    }
    return { expression, seen, outcome: only ? 'true' : 'false' }
  } catch (error) {
    // fhirpath.js throws strings as well as Errors.
    return unevaluable(error instanceof Error ? error.message : String(error))
  }
}

const namesIn = (expression: string) => [
  ...new Set([...expression.matchAll(/%`?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '')),
]

/** A variable as the trace keeps it: a resource by reference with version and its value, data as it is. */
function glance(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(glance)
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) return value
  const resource = value as Resource
  const quantity = resource.valueQuantity as { value?: number; unit?: string } | undefined
  return {
    reference: versionedReference(resource),
    ...(quantity ? { value: quantity.value, unit: quantity.unit } : {}),
  }
}

/** `Observation/1/_history/2`: which version was looked at, so that the decision can be replayed. */
export function versionedReference(resource: Resource): string {
  const version = resource.meta?.versionId
  const reference = `${resource.resourceType}/${resource.id}`
  return version ? `${reference}/_history/${version}` : reference
}
