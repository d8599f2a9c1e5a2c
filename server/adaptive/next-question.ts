import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes'
import type { Evaluator } from '../core/decide/evaluator.ts'
import { toCondition } from '../core/decide/plan/compile-plan.ts'
import { evaluateCondition, type Variables } from '../core/decide/plan/condition.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { extensionValue, questionTree } from '../core/forms/question.ts'
import type { Around } from '../core/forms/work-out.ts'
import { isCalculated } from '../core/forms/work-out.ts'
import { isEnabled } from '../validation/questionnaire/enable-when.ts'
import { enoughWhen, standingOf, withAsked } from './adaptive-form.ts'
import { partOf, seenBy } from './questions.ts'

/** What comes next: the linkId of one of these; undefined when nothing more is asked. */
export type Choose = (open: readonly string[]) => string | undefined

/** In the order in which they stand. */
export const inOrder: Choose = ([first]) => first

export type Asking = {
  /** All that may be asked. */
  form: Questionnaire
  /** What was answered so far, and what was put (its contained Questionnaire). */
  response: QuestionnaireResponse
  /** Whom it is about, for expressions. */
  subject: Resource | undefined
  choose: Choose
  now: Date
  evaluate: Evaluator
}

/**
 * The response with the next question among what it contains; or completed, when nothing more is asked. Pure, so that a phone without a
 * connection can ask on by itself.
 * @throws Refusal required (a question that must be answered was not), processing (an expression of the form that gives no answer)
 * @see https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-next-question.html
 */
export function nextQuestion(asking: Asking): QuestionnaireResponse {
  const { form, choose, now } = asking
  const { candidates, answers } = seenBy(form, asking.response, (item, around) => isAsked(item, around, asking))
  const { item: _before, ...rest } = asking.response
  const response: QuestionnaireResponse = { ...rest, ...(answers.length > 0 ? { item: answers } : {}) }
  const { put } = standingOf(response)
  const shown = candidates.filter(({ linkId, isAnswered }) => put.has(linkId) || isAnswered)
  const owed = shown.find(({ isRequired, isAnswered }) => isRequired && !isAnswered)
  if (owed) {
    const said = `Question '${owed.linkId}' must be answered before the next one is asked.`
    throw refuse('required', said, `QuestionnaireResponse.item.where(linkId = '${owed.linkId}')`)
  }
  const open = candidates.filter((one) => !shown.includes(one)).map(({ linkId }) => linkId)
  const next = open.length > 0 && !isEnough(response, asking) ? choose(open) : undefined
  const all = new Set([...shown.map(({ linkId }) => linkId), ...(next === undefined ? calculatedIn(form) : [next])])
  const asked = withAsked(response, form, partOf(form.item, all))
  return next === undefined
    ? { ...asked, status: 'completed', authored: now.toISOString() }
    : { ...asked, status: 'in-progress', authored: response.authored ?? now.toISOString() }
}

/** Scores stand in what was asked once it is all answered, so that they can be worked out when it is stored. */
const calculatedIn = (form: Questionnaire): string[] =>
  [...questionTree(form).byLinkId.values()].flatMap(({ item }) => (isCalculated(item) ? [String(item.linkId)] : []))

/** What depends on an answer that is not there yet is not asked. */
function isAsked(item: QuestionnaireItem, around: Around, asking: Asking): boolean {
  const expression = extensionValue(item, 'sdc-questionnaire-enableWhenExpression')
  if (expression === undefined) return isEnabled(item, around) === true
  const answers = [...(around.at(-1) ?? [])]
  return holds(
    expression,
    { ...asking.response, item: answers },
    asking,
    `Questionnaire.item.where(linkId = '${item.linkId}')`,
  )
}

function isEnough(response: QuestionnaireResponse, asking: Asking): boolean {
  const expression = enoughWhen(asking.form)
  return expression !== undefined && holds(expression, response, asking, 'Questionnaire.extension')
}

/** @throws Refusal processing, for what is neither true nor false; no value is "not yet" */
function holds(expression: unknown, response: QuestionnaireResponse, asking: Asking, at: string): boolean {
  const focus = response as unknown as Resource
  const trace = evaluateCondition(toCondition(expression as object), focus, variablesOf(response, asking), {}, asking)
  if (trace.outcome === 'unevaluable' && !trace.isEmpty) {
    throw refuse('processing', `What is asked next cannot be told: ${trace.problem?.en}.`, at)
  }
  return trace.outcome === 'true'
}

/** As the rules of a plan see a response that came: `%current`; SDC's own expressions call it `%resource`. */
export const variablesOf = (
  response: QuestionnaireResponse,
  { form, subject }: Pick<Asking, 'form' | 'subject'>,
): Variables => ({
  ...{ current: response, resource: response, subject: subject ?? [], questionnaire: form },
})
