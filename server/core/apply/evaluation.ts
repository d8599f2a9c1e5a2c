import type { Expression, OperationOutcomeIssue, RequestGroupAction } from '@medplum/fhirtypes'
import { type Evaluator, evaluateHere, isKnownLanguage, Unevaluable, type Variables } from '../decide/evaluator.ts'
import { setPath } from '../decide/plan/set-path.ts'
import { Refusal, refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { containedFor } from '../requests/contained.ts'
import { withElementExpressions } from './element-expressions.ts'

/** What every expression of one $apply is evaluated over. */
export type Ground = {
  /** The focus. */
  subject: Resource
  now: Date
  /** Answers each expression; left out, that is done here and now. */
  evaluate?: Evaluator | undefined
}

/** Where an expression stands, for whoever must mend it. */
export type Place = { path: string; actionId?: string | undefined }

export type DynamicValues = {
  path?: string | undefined
  expression?: Expression | undefined
}[]

const ALTERNATIVE = 'http://hl7.org/fhir/StructureDefinition/cqf-alternativeExpression'
const CQF_MESSAGES = 'http://hl7.org/fhir/StructureDefinition/cqf-messages'

/** Names that expressions may use without anything having been given for them. */
const EMPTY: Variables = Object.fromEntries(
  [
    ...['practitioner', 'encounter', 'organization', 'current', 'previous', 'access', 'careplan', 'limits', 'baseline'],
    ...['userType', 'userLanguage', 'userTaskContext', 'setting', 'settingContext'],
  ].map((name) => [name, []]),
)

/** The variables of one definition. @param given beside those that are empty here */
export const variablesOf = (definition: Resource, ground: Ground, given: Variables): Variables => ({
  ...EMPTY,
  ...given,
  subject: ground.subject,
  context: definition,
})

/** Evaluates the expressions of one $apply, and gathers what went wrong: the actions beside a wrong one go on. */
export class Evaluation {
  readonly issues: OperationOutcomeIssue[] = []
  private readonly ground: Ground

  constructor(ground: Ground) {
    this.ground = ground
  }

  /**
   * Where an expression brings another one along (extension cqf-alternativeExpression), that one answers when the first is in a
   * language that is not spoken here, fails, or gives nothing.
   * @returns undefined when it failed, which has then been told
   * @throws Refusal `not-supported` for a language that is not spoken here
   * @see https://hl7.org/fhir/extensions/StructureDefinition-cqf-alternativeExpression.html
   */
  evaluate(expression: Expression | undefined, variables: Variables, place: Place): unknown[] | undefined {
    const alternative = expression?.extension?.find(({ url }) => url === ALTERNATIVE)?.valueExpression
    if (!alternative) return this.evaluateOne(expression, variables, place)
    const told = this.issues.length
    const first = isKnownLanguage(expression?.language) ? this.evaluateOne(expression, variables, place) : undefined
    if (first && first.length > 0) return first
    const second = this.evaluate(alternative, variables, place)
    // What the alternative has answered is no failure any more.
    if (second) this.issues.length = told
    return second ?? first
  }

  private evaluateOne(expression: Expression | undefined, variables: Variables, place: Place): unknown[] | undefined {
    const { subject, now, evaluate = evaluateHere } = this.ground
    // An action may be about somebody else than its plan.
    const focus = (variables.subject as Resource | undefined) ?? subject
    const { language, expression: text = '', reference } = expression ?? {}
    if (!isKnownLanguage(language)) throw unsupported(language, place)
    try {
      return evaluate({ language, expression: text, reference, focus, variables, now })
    } catch (error) {
      this.tell(error, place)
      return undefined
    }
  }

  /**
   * Sets what dynamicValues say, in order, later over earlier.
   * @param made the action of the RequestGroup, if there is one: `%action.x` names it, and so does `x` without a request
   * @returns the request; of the path `$this` a new one
   * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.dynamicValue
   */
  setDynamicValues(
    values: DynamicValues | undefined,
    given: {
      target: Resource | undefined
      made?: RequestGroupAction
      /** The definitions whose contained resources a path may lead into. */
      containers: Resource[]
      variables: Variables
      place: Place
    },
  ): Resource | undefined {
    const { made, containers, variables, place } = given
    let { target } = given
    if (target && values?.some(({ path }) => path?.includes('.resolve()')))
      target.contained = structuredClone(containedFor(target, [...containers, target]))
    for (const [i, { path = '', expression }] of (values ?? []).entries()) {
      const here = { ...place, path: `${place.path}.dynamicValue[${i}]` }
      const all = { ...variables, resource: target ?? [], action: made ?? [] }
      const result = this.evaluate(expression, all, here)
      if (!result?.length) continue
      try {
        if (isWhole(path)) target = toResource(result)
        else setOne({ target, made }, path, result)
      } catch (error) {
        this.tell(error, here)
      }
    }
    return target
  }

  /** A definition's element with what its cqf-expressions come to. */
  fill<T extends object>(element: T, variables: Variables, place: Place, skip: string[] = []): T {
    const answer = (expression: Expression, path: string) => this.evaluate(expression, variables, { ...place, path })
    return withElementExpressions(element, place.path, answer, skip)
  }

  /** Which action it is stands in the words for people, and in the details for whoever asks about that action alone. */
  tell(error: unknown, { path, actionId }: Place, severity: 'error' | 'warning' = 'error'): void {
    // What is refused at all is refused as a whole.
    if (error instanceof Refusal) throw error
    const message = error instanceof Error ? error.message : String(error)
    const diagnostics = actionId ? `Action '${actionId}': ${message}` : message
    const code = error instanceof Unevaluable ? error.code : 'processing'
    const details = actionId ? { details: { coding: [{ code: actionId }] } } : {}
    this.issues.push({ severity, code, ...details, diagnostics, expression: [path] })
  }

  outcome(): Resource | undefined {
    return this.issues.length > 0 ? { resourceType: 'OperationOutcome', issue: this.issues } : undefined
  }
}

/** Leads from a result to the OperationOutcome that tells what went wrong. */
export const messagesAt = (outcome: string) => ({ url: CQF_MESSAGES, valueReference: { reference: outcome } })

const isWhole = (path: string) => path === '$this' || path === '/'

function unsupported(language: string | undefined, { path, actionId }: Place): Refusal {
  const who = actionId === undefined ? '' : `Action '${actionId}': `
  const said = `${who}expressions in '${language}' are not supported; text/fhirpath and text/cql are.`
  return refuse('not-supported', said, `${path}.expression`)
}

function toResource(result: unknown[]): Resource {
  const [only] = result
  if (result.length !== 1 || typeof only !== 'object' || only === null || !('resourceType' in only)) {
    throw new Error('$this takes one resource')
  }
  return structuredClone(only) as Resource
}

/** `%action.title`, and as older engines write it `action.title`, `action.action.title` (an action in an action), name the action. */
function setOne(
  { target, made }: { target: Resource | undefined; made: RequestGroupAction | undefined },
  path: string,
  result: unknown[],
): void {
  const [, ofAction] = /^%?action\.(?:action\.)*(.+)$/.exec(path) ?? []
  if (ofAction && made) setPath(made, 'RequestGroup.action', ofAction, result)
  else if (target) setPath(target, target.resourceType, path, result)
  else if (made) setPath(made, 'RequestGroup.action', path, result)
}
