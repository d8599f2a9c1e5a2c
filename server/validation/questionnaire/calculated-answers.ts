import type { Questionnaire, QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import { refuse } from '../../core/fhir/outcome.ts'
import { questionTree, typedValue } from '../../core/forms/question.ts'
import { areSame, isCalculated, type Ways, workOut } from '../../core/forms/work-out.ts'
import { type Allowance, compileLimited } from '../../limited-fhirpath.ts'
import { createRation, SpentForNow } from '../../time-limit.ts'
import { quote } from '../walk.ts'
import { isEnabled } from './enable-when.ts'
import { isSameAnswer } from './same-answer.ts'

/** What is worth telling about an answer that is worked out. */
export type CalculationFinding = {
  /** `wrong`: another answer came than the one worked out; `unworkable`: its expression gives no answer to its question. */
  kind: 'wrong' | 'unworkable'
  /** Below the response as it came: `['item', 2, 'answer', 0]`. */
  place: (string | number)[]
  problem: string
}

export type Calculated = { response: QuestionnaireResponse; findings: CalculationFinding[] }

/**
 * A score is worked out for everybody who answers, and must be: rules wait for it. So an expression has ten seconds of each minute, a sixth
 * of the process.
 */
const ALLOWANCE: Allowance = { evaluationMilliseconds: 1_000, ration: createRation(10_000) }
const RETRY_SECONDS = 60

/**
 * A response with every answer that its Questionnaire works out (`calculatedExpression`, with `variable`s), the missing ones put in
 * and other ones replaced. Pure. What nobody has finished, or was entered in error, stays as it is. An expression stands where its item
 * stands in the response: that is `%context`; `%resource` is the whole response, `%qitem` its question. `today()` is the day on which
 * the answers were given, so that it comes out the same at any later time.
 * @returns the same response where nothing is worked out
 * @throws Refusal transient where the form is answered more often than its scores can be worked out: without them nothing is stored, for
 *   no rule would see what is not there
 * @see http://hl7.org/fhir/uv/sdc/expressions.html
 */
export function withCalculatedAnswers(
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  allowance = ALLOWANCE,
): Calculated {
  const known = CHECKED.get(response)
  CHECKED.delete(response)
  if (known?.questionnaire === questionnaire) return known.calculated
  const calculated = calculate(questionnaire, response, allowance)
  CHECKED.set(response, { questionnaire, calculated })
  return calculated
}

/**
 * What is sent is held against its scores, and then at once stored with them: they are worked out once for both. Kept for that one time, as
 * nobody knows what becomes of the response later.
 */
const CHECKED = new WeakMap<QuestionnaireResponse, { questionnaire: Questionnaire; calculated: Calculated }>()

function calculate(questionnaire: Questionnaire, response: QuestionnaireResponse, allowance: Allowance): Calculated {
  const isFinished = response.status === 'completed' || response.status === 'amended'
  const { byLinkId } = questionTree(questionnaire)
  if (!isFinished || ![...byLinkId.values()].some(({ item }) => isCalculated(item))) return { response, findings: [] }
  const { response: next, unworkable, dependsOnItself } = workOut(questionnaire, response, waysWithin(allowance))
  if (!dependsOnItself) return { response: next, findings: told(questionnaire, response, next, unworkable) }
  const problem = 'What is worked out here depends on itself.'
  return { response, findings: [{ kind: 'unworkable', place: [], problem }] }
}

const waysWithin = (allowance: Allowance): Ways => ({
  ...{ isEnabled, isSameAnswer },
  compile({ language, expression = '' }, base) {
    if (language !== 'text/fhirpath') throw new Error(`the language ${quote(String(language))} is not spoken here`)
    return compileLimited(expression, base, allowance)
  },
  giveUp(error) {
    if (error instanceof SpentForNow) throw tooOften()
  },
})

function tooOften() {
  const told = `The scores of this form cannot be worked out at the moment; send the answers again in ${RETRY_SECONDS} s.`
  return Object.assign(refuse('transient', told, 'QuestionnaireResponse'), { retryAfterSeconds: RETRY_SECONDS })
}

type Item = QuestionnaireResponseItem

/** Where the response as it came says something else than what was worked out, or where that could not be done. */
function told(
  questionnaire: Questionnaire,
  came: QuestionnaireResponse,
  after: QuestionnaireResponse,
  unworkable: ReadonlyMap<string, string>,
): CalculationFinding[] {
  const { byLinkId } = questionTree(questionnaire)
  const findings: CalculationFinding[] = []
  const seen = new Set<string>()
  const compare = (before: Item[], now: Item[], path: (string | number)[]): void => {
    const counts = new Map<string, number>()
    before.forEach((item, i) => {
      const { linkId = '' } = item
      const nth = counts.get(linkId) ?? 0
      counts.set(linkId, nth + 1)
      const own = now.filter((one) => one.linkId === linkId)[nth]
      const asked = byLinkId.get(linkId)?.item
      const place = [...path, 'item', i]
      if (asked && isCalculated(asked)) {
        const problem = unworkable.get(linkId)
        if (problem !== undefined) {
          seen.add(linkId)
          findings.push({ kind: 'unworkable', place, problem: unworkableProblem(linkId, problem) })
        } else if (item.answer && !areSame({ isSameAnswer }, asked, item, own)) {
          findings.push({ kind: 'wrong', place: [...place, 'answer', 0], problem: wrongProblem(item, own) })
        }
      }
      compare(item.item ?? [], own?.item ?? [], place)
      item.answer?.forEach((answer, j) => {
        compare(answer.item ?? [], own?.answer?.[j]?.item ?? [], [...place, 'answer', j])
      })
    })
  }
  compare(came.item ?? [], after.item ?? [], [])
  for (const [linkId, problem] of unworkable)
    if (!seen.has(linkId)) findings.push({ kind: 'unworkable', place: [], problem: unworkableProblem(linkId, problem) })
  return findings
}

const unworkableProblem = (linkId: string, problem: string): string =>
  `The answer to ${quote(linkId)} cannot be worked out: ${problem.replace(/\.$/, '')}.`

const wrongProblem = (came: Item, own: Item | undefined): string =>
  `${quote(came.linkId ?? '')} is ${shown(own)} by the other answers, and what was sent is ${shown(came)}.`

function shown(item: Item | undefined): string {
  const values = (item?.answer ?? []).map((answer) => typedValue(answer)?.value)
  const texts = values.map((value) => {
    const { value: number, unit, code, display } = (value ?? {}) as Partial<Record<string, unknown>>
    if (typeof value !== 'object') return String(value)
    return number === undefined ? String(display ?? code) : `${number} ${unit ?? code ?? ''}`.trim()
  })
  return texts.join(', ') || 'not answered'
}
