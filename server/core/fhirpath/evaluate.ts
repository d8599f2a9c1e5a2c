import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import { CRITERIA } from './criteria.ts'
import { compileDirect } from './direct.ts'
import { NEWS2 } from './news2.ts'

/**
 * A compiled expression.
 * @param focus      a resource, or the part of one that `base` names
 * @param variables  values of `%name`; all that the expression names must be there, empty ones as `[]`
 * @param now        what `now()` and `today()` say, in UTC; the machine's clock when it is left out
 * @throws Error     for whatever cannot be evaluated: an unknown variable, incomparable units, a function that needs a server
 */
export type Evaluate = (focus: unknown, variables: Record<string, unknown>, now?: Date) => unknown[]

/** Invariants of R4 are about 250 expressions, a pathway some dozens. Beyond that the oldest is compiled anew when it is met again. */
const COMPILED_COUNT_MAX = 2_000
const compiled = new Map<string, Evaluate>()

/**
 * Compiles FHIRPath for R4 once; the next call with the same text gives the same function. Nothing is fetched and nothing is logged
 * by an expression: `resolve()`, `memberOf()` throw, `trace()` is silent. Expressions are code: only those who may store definitions
 * may bring one.
 * @param base path of the focus when it is no whole resource: `Observation.component`, `Quantity`
 * @throws Error with line and column for an expression that does not parse
 * @see https://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
 */
export function compileFhirPath(expression: string, base?: string): Evaluate {
  const key = `${base ?? ''} ${expression}`
  const known = compiled.get(key)
  if (known) {
    compiled.delete(key)
    compiled.set(key, known)
    return known
  }
  const evaluate = compile(expression, base)
  compiled.set(key, evaluate)
  if (compiled.size > COMPILED_COUNT_MAX) compiled.delete(compiled.keys().next().value ?? '')
  return evaluate
}

const unavailable = (name: string) => () => {
  throw new Error(`${name}() is not available here.`)
}

const OPTIONS = {
  traceFn: () => {},
  userInvocationTable: {
    resolve: { fn: unavailable('resolve'), arity: { 0: [] } },
    memberOf: { fn: unavailable('memberOf'), arity: { 1: ['String' as const] } },
    ...CRITERIA,
    ...NEWS2,
  },
}

function compile(expression: string, base: string | undefined): Evaluate {
  const byLibrary = compileWithLibrary(expression, base)
  const direct = base === undefined ? compileDirect(expression) : undefined
  return direct ? (focus, variables, now) => direct(variables, now) ?? byLibrary(focus, variables, now) : byLibrary
}

/** The same, and never answered by `direct.ts`, which must give what this gives. */
export function compileWithLibrary(expression: string, base?: string): Evaluate {
  const evaluate = orError(() => fhirpath.compile(base ? { base, expression } : expression, r4, OPTIONS))
  return (focus, variables, now) =>
    orError(() =>
      evaluate(focus, variables, now && { userInvocationTable: { ...OPTIONS.userInvocationTable, ...clock(now) } }),
    )
}

/** The library throws strings as well as Errors. */
function orError<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw thrown instanceof Error ? thrown : new Error(String(thrown))
  }
}

/** `now()` and `today()` as the library's own values, which its literals are made of. Many expressions are asked at one instant. */
function clock(now: Date) {
  const instant = now.toISOString()
  if (latestClock?.instant !== instant) {
    latestClock = { instant, table: { now: constant(`@${instant}`), today: constant(`@${instant.slice(0, 10)}`) } }
  }
  return latestClock.table
}
let latestClock: { instant: string; table: { now: Constant; today: Constant } } | undefined
type Constant = ReturnType<typeof constant>

function constant(literal: string) {
  const value: unknown[] = fhirpath.compile(literal, r4, { resolveInternalTypes: false })({})
  return { fn: () => value, arity: { 0: [] }, internalStructures: true }
}
