import type {
  Expression,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes'
import { refuse } from '../../core/fhir/outcome.ts'
import { type Allowance, compileLimited } from '../../limited-fhirpath.ts'
import { createRation, SpentForNow } from '../../time-limit.ts'
import { quote } from '../walk.ts'
import { answerOf, isSameAnswer } from './calculated-value.ts'
import { type Around, isEnabled } from './enable-when.ts'
import { withWeights } from './option-weights.ts'
import { extensionValue, extensionValues, type Question, questionTree, typedValue } from './question.ts'

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
const ALLOWANCE: Allowance = { evaluationMilliseconds: 1_000, ration: createRation(undefined, 10_000) }
const RETRY_SECONDS = 60

/** Of answers that are worked out from others that are. A form that needs more works something out from itself. */
const ROUND_COUNT_MAX = 10

/** Whether the Questionnaire says of the question how its answer is worked out. */
export const isCalculated = (item: QuestionnaireItem): boolean => calculationOf(item) !== undefined

const calculationOf = (item: QuestionnaireItem): Expression | undefined =>
  extensionValue(item, 'sdc-questionnaire-calculatedExpression') as Expression | undefined

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
  const { children, byLinkId } = questionTree(questionnaire)
  if (!isFinished || ![...byLinkId.values()].some(({ item }) => isCalculated(item))) return { response, findings: [] }
  let known = response
  for (let round = 1; ; round++) {
    const working = new Round(questionnaire, known, allowance)
    const items = working.itemsOf(children, known.item ?? [], [])
    const next = items.length > 0 ? { ...known, item: items } : known
    if (!working.hasChanged)
      return { response: next, findings: told(questionnaire, response, next, working.unworkable) }
    if (round === ROUND_COUNT_MAX) {
      const problem = 'What is worked out here depends on itself.'
      return { response, findings: [{ kind: 'unworkable', place: [], problem }] }
    }
    known = next
  }
}

/** One time through the whole response, by what was known before. */
class Round {
  hasChanged = false
  readonly unworkable = new Map<string, string>()
  private readonly variables: Variables
  private readonly now: Date | undefined
  private readonly allowance: Allowance

  constructor(questionnaire: Questionnaire, response: QuestionnaireResponse, allowance: Allowance) {
    this.allowance = allowance
    this.now = response.authored === undefined ? undefined : new Date(response.authored)
    const ground = { resource: response, questionnaire: withWeights(questionnaire) }
    this.variables = this.withVariables(ground, questionnaire, { focus: response })
  }

  itemsOf(questions: Question[], items: Item[], around: Around, above = this.variables): Item[] {
    const places = new Map(questions.map(({ item }, place) => [item.linkId, place]))
    const kept = items.map((item) => {
      const question = questions[places.get(item.linkId) ?? -1]
      return question ? this.itemOf(question, item, [items, ...around], above) : item
    })
    questions.forEach((question, place) => {
      if (items.some(({ linkId }) => linkId === question.item.linkId)) return
      const made = this.itemOf(question, { linkId: question.item.linkId ?? '' }, [items, ...around], above)
      if (made.answer === undefined && made.item === undefined) return
      const after = kept.findIndex(({ linkId }) => (places.get(linkId) ?? -1) > place)
      kept.splice(after < 0 ? kept.length : after, 0, made)
    })
    return kept
  }

  private itemOf({ item: asked, children }: Question, item: Item, around: Around, above: Variables): Item {
    const calculation = calculationOf(asked)
    const hasBelow = children.length > 0
    if ((!calculation && !hasBelow) || isEnabled(asked, around) === false) return item
    const at = { focus: item, base: 'QuestionnaireResponse.item' }
    const variables = this.withVariables({ ...above, qitem: asked }, asked, at)
    const own = calculation ? this.answered(asked, item, { expression: calculation, variables, at }) : item
    if (!hasBelow) return own
    if (asked.type === 'group') {
      const below = this.itemsOf(children, own.item ?? [], around, variables)
      return below.length > 0 ? { ...own, item: below } : own
    }
    const answer = own.answer?.map((one) => {
      const below = this.itemsOf(children, one.item ?? [], around, variables)
      return below.length > 0 ? { ...one, item: below } : one
    })
    return answer ? { ...own, answer } : own
  }

  private answered(asked: QuestionnaireItem, item: Item, asking: Asking): Item {
    const linkId = asked.linkId ?? ''
    try {
      const values = this.evaluate(asking)
      if (values.length > 1 && !asked.repeats) throw new Error(`it gives ${values.length} values`)
      const answers = values.map((value) => answerOf(asked, value))
      if (areSame(asked, item, { ...item, answer: answers })) return item
      this.hasChanged = true
      const { answer: _wrong, ...rest } = item
      return answers.length > 0 ? { ...rest, answer: answers } : rest
    } catch (error) {
      if (error instanceof SpentForNow) throw tooOften()
      // What was sent is kept: it may be right, and the answers must not be lost for a mistake in the form.
      this.unworkable.set(linkId, error instanceof Error ? error.message : String(error))
      return item
    }
  }

  /** One that cannot be had is not there: whoever asks for it cannot be worked out, and nobody else minds. */
  private withVariables(above: Variables, holder: Pick<QuestionnaireItem, 'extension'>, at: At): Variables {
    const variables = { ...above }
    for (const expression of extensionValues(holder, 'variable') as Expression[]) {
      if (!expression.name) continue
      try {
        variables[expression.name] = this.evaluate({ expression, variables, at })
      } catch (error) {
        if (error instanceof SpentForNow) throw tooOften()
        delete variables[expression.name]
      }
    }
    return variables
  }

  private evaluate({ expression: { language, expression = '' }, variables, at: { focus, base } }: Asking): unknown[] {
    if (language !== 'text/fhirpath') throw new Error(`the language ${quote(String(language))} is not spoken here`)
    return compileLimited(expression, base, this.allowance)(focus, variables, this.now)
  }
}

function tooOften() {
  const told = `The scores of this form cannot be worked out at the moment; send the answers again in ${RETRY_SECONDS} s.`
  return Object.assign(refuse('transient', told, 'QuestionnaireResponse'), { retryAfterSeconds: RETRY_SECONDS })
}

/** Whether one item was answered as the other. */
const areSame = (asked: QuestionnaireItem, { answer: sent = [] }: Item, own: Item | undefined): boolean =>
  sent.length === (own?.answer?.length ?? 0) && sent.every((one, i) => isSameAnswer(one, own?.answer?.[i] ?? {}, asked))

type Item = QuestionnaireResponseItem
type Variables = Record<string, unknown>
type At = { focus: Item | QuestionnaireResponse; base?: string }
type Asking = { expression: Expression; variables: Variables; at: At }

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
        } else if (item.answer && !areSame(asked, item, own)) {
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
