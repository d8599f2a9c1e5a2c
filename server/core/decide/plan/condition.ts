import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import { type Evaluator, evaluateHere, isKnownLanguage, Unevaluable, type Variables } from '../evaluator.ts'
import { problemOf } from '../problem.ts'
import type { Told } from '../words/told.ts'
import type { Condition } from './compile-plan.ts'

export type { Variables } from '../evaluator.ts'

export type ConditionTrace = {
  expression: string
  /** What the variables that the expression names held: references with versions, and values. Worked out when it is asked for. */
  readonly seen: Record<string, unknown>
  outcome: 'true' | 'false' | 'unevaluable'
  /** Why it could not be evaluated. */
  problem?: Told
  /** It gave no value at all; a trigger takes that for no. */
  isEmpty?: true
}

/** What came of a condition, without what it saw. */
export type ConditionOutcome = Pick<ConditionTrace, 'outcome' | 'problem' | 'isEmpty'>

/** What a condition is asked in: whose answers count, and the clock. */
export type ConditionGround = { now: Date; evaluate?: Evaluator | undefined }

/**
 * Evaluates one condition. Only a single boolean counts. Anything else (an error, another language, several values, nothing
 * at all) is `unevaluable`, never silently false: write `exists()` where a value may be missing.
 * @param problems for a variable, why it cannot be trusted here; a condition that names it is unevaluable
 * @param ground.evaluate who answers expressions; left out, it is done here
 */
export function evaluateCondition(
  condition: Condition,
  focus: Resource,
  variables: Variables,
  problems: Record<string, Told | undefined>,
  ground: ConditionGround,
): ConditionTrace {
  const { expression } = condition
  return {
    expression,
    // Most decisions are "nothing", and nobody asks what they saw.
    get seen() {
      const seen: [string, unknown][] = []
      for (const name of namesIn(expression)) if (name in variables) seen.push([name, glance(variables[name])])
      return Object.fromEntries(seen)
    },
    ...outcomeOf(condition, focus, variables, problems, ground),
  }
}

/** The same for who does not ask what it saw: a trigger, of which most are not met. */
export function outcomeOf(
  { expression, language, reference }: Condition,
  focus: Resource,
  variables: Variables,
  problems: Record<string, Told | undefined>,
  { now, evaluate = evaluateHere }: ConditionGround,
): ConditionOutcome {
  if (!isKnownLanguage(language)) {
    const problem = {
      nb: `språket «${language}» støttes ikke; text/fhirpath og text/cql gjør`,
      nn: `språket «${language}» er ikkje støtta; text/fhirpath og text/cql er det`,
      en: `the language "${language}" is not supported; text/fhirpath and text/cql are`,
    }
    return { outcome: 'unevaluable', problem }
  }
  for (const name of namesIn(expression)) {
    const problem = problems[name]
    if (problem !== undefined) return { outcome: 'unevaluable', problem }
  }
  try {
    const result = evaluate({ language, expression, reference, focus, variables, now })
    const only = result[0]
    if (result.length === 1 && typeof only === 'boolean') return only ? IS_TRUE : IS_FALSE
    if (result.length === 0) return HAS_NO_VALUE
    const given = JSON.stringify(result).slice(0, 80)
    const problem = { nb: `betingelsen ga ${given}`, nn: `vilkåret gav ${given}`, en: `the condition gave ${given}` }
    return { outcome: 'unevaluable', problem }
  } catch (error) {
    return { outcome: 'unevaluable', problem: toProblem(error) }
  }
}

/** In the words of whoever must mend the plan. */
function toProblem(error: unknown): Told {
  if (!(error instanceof Unevaluable) || error.code !== 'too-costly') return problemOf(error)
  const { message } = error
  return {
    nb: `betingelsen er for tung: ${message}`,
    nn: `vilkåret er for tungt: ${message}`,
    en: `the condition is too costly: ${message}`,
  }
}

const NO_VALUE: Told = {
  nb: 'betingelsen ga ingen verdi',
  nn: 'vilkåret gav ingen verdi',
  en: 'the condition gave no value',
}

const IS_TRUE: ConditionOutcome = { outcome: 'true' }
const IS_FALSE: ConditionOutcome = { outcome: 'false' }
const HAS_NO_VALUE: ConditionOutcome = { outcome: 'unevaluable', problem: NO_VALUE, isEmpty: true }

/** Which variables an expression names. Asked for every event, answered once: plans have some dozens of expressions. */
export function namesIn(expression: string): string[] {
  const known = namesOf.get(expression)
  if (known) return known
  const names = [...new Set([...expression.matchAll(/%[`']?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''))]
  if (namesOf.size >= NAMES_COUNT_MAX) namesOf.clear()
  namesOf.set(expression, names)
  return names
}
const namesOf = new Map<string, string[]>()
const NAMES_COUNT_MAX = 2_000

/** A variable as the trace keeps it: a resource by reference with version and its value, data as it is: the very same, also a list of it. */
function glance(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isGlanced) ? value.map(glance) : value
  if (!isResource(value)) return value
  const resource = value as Resource
  const quantity = resource.valueQuantity as { value?: number; unit?: string } | undefined
  return {
    reference: versionedReference(resource),
    ...(quantity ? { value: quantity.value, unit: quantity.unit } : {}),
  }
}

const isResource = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'resourceType' in value
const isGlanced = (value: unknown): boolean => (Array.isArray(value) ? value.some(isGlanced) : isResource(value))
