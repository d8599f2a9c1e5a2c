import type {
  Expression,
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes'
import type { Evaluate } from '../fhirpath/evaluate.ts'
import { answerOf } from './calculated-value.ts'
import { withWeights } from './option-weights.ts'
import { extensionValue, extensionValues, type Question, questionTree } from './question.ts'

/** The items of a response from the innermost outwards: where an answer that something depends on is looked for. */
export type Around = readonly (readonly QuestionnaireResponseItem[])[]

/** What differs between a server and a phone: within which limits an expression is evaluated, and how answers are compared. */
export type Ways = {
  /** @throws Error for an expression that is not evaluated here */
  compile(expression: Expression, base?: string): Evaluate
  /** Whether an item is asked, given the answers; undefined where that cannot be told. */
  isEnabled(item: QuestionnaireItem, around: Around): boolean | undefined
  isSameAnswer(
    sent: QuestionnaireResponseItemAnswer,
    own: QuestionnaireResponseItemAnswer,
    item: QuestionnaireItem,
  ): boolean
  /** Throws on what must end all of it, instead of leaving one answer out. */
  giveUp?(error: unknown): void
}

/** `unworkable`: by linkId, why an answer could not be worked out. */
export type WorkedOut = {
  response: QuestionnaireResponse
  unworkable: ReadonlyMap<string, string>
  dependsOnItself: boolean
}

/** Of answers that are worked out from others that are. A form that needs more works something out from itself. */
const ROUND_COUNT_MAX = 10

/** Whether the Questionnaire says of the question how its answer is worked out. */
export const isCalculated = (item: QuestionnaireItem): boolean => calculationOf(item) !== undefined

const expressionOf = (item: QuestionnaireItem, name: string): Expression | undefined =>
  extensionValue(item, `sdc-questionnaire-${name}`) as Expression | undefined
const calculationOf = (item: QuestionnaireItem) => expressionOf(item, 'calculatedExpression')

/**
 * A response with every answer that its Questionnaire works out (`calculatedExpression`, with `variable`s), the missing ones put in
 * and other ones replaced. Pure. An expression stands where its item stands in the response: that is `%context`; `%resource` is the whole
 * response, `%qitem` its question. `today()` is the day on which the answers were given, so that it comes out the same at any later time.
 * @see http://hl7.org/fhir/uv/sdc/expressions.html
 */
export function workOut(questionnaire: Questionnaire, response: QuestionnaireResponse, ways: Ways): WorkedOut {
  const { children } = questionTree(questionnaire)
  let known = response
  for (let round = 1; ; round++) {
    const working = new Round(questionnaire, known, ways)
    const items = working.itemsOf(children, known.item ?? [], [])
    const next = items.length > 0 ? { ...known, item: items } : known
    const { unworkable, hasChanged } = working
    if (!hasChanged) return { response: next, unworkable, dependsOnItself: false }
    if (round === ROUND_COUNT_MAX) return { response, unworkable, dependsOnItself: true }
    known = next
  }
}

/**
 * Whether each item is asked that says so by `enableWhenExpression`, by linkId. One that cannot be told is not in it.
 * @see http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression
 */
export function conditionsOf(
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  ways: Ways,
): Map<string, boolean> {
  const found = new Map<string, boolean>()
  const values = new Round(questionnaire, response, ways).valuesOf(questionnaire, 'enableWhenExpression')
  for (const [linkId, given] of values) found.set(linkId, given[0] === true)
  return found
}

/**
 * What `initialExpression` makes of whom a form is about, by linkId; `initial` is `given-at-first.ts`.
 * @param context what the form is opened with, by name: `patient`
 * @see http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression
 */
export function initialAnswers(
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  context: Readonly<Record<string, unknown>>,
  ways: Ways,
): Map<string, QuestionnaireResponseItemAnswer[]> {
  const found = new Map<string, QuestionnaireResponseItemAnswer[]>()
  const { byLinkId } = questionTree(questionnaire)
  const values = new Round(questionnaire, response, ways, context).valuesOf(questionnaire, 'initialExpression')
  for (const [linkId, given] of values) {
    const item = byLinkId.get(linkId)?.item
    if (!item || given.length === 0) continue
    try {
      found.set(
        linkId,
        (item.repeats ? given : given.slice(0, 1)).map((value) => answerOf(item, value)),
      )
    } catch {
      // What is no answer to the question is asked for.
    }
  }
  return found
}

/**
 * What the Questionnaire says must hold (`questionnaire-constraint`), of itself or of an item, and does not: it must come out as true where its
 * item stands in the response. What is not answered has nothing to hold, and one that cannot be evaluated is not broken.
 * @see http://hl7.org/fhir/StructureDefinition/questionnaire-constraint
 */
export function brokenConstraints(
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  ways: Ways,
): BrokenConstraint[] {
  return new Round(questionnaire, response, ways).brokenIn(questionnaire)
}

/**
 * @property linkId of the item that it is of; undefined: of the whole form
 * @property human the part of the extension with the words for it, with its translations
 */
export type BrokenConstraint = { linkId?: string; key: string; severity: 'error' | 'warning'; human: Extension }

type Constraint = Omit<BrokenConstraint, 'linkId'> & { expression: string }

const CONSTRAINT = 'http://hl7.org/fhir/StructureDefinition/questionnaire-constraint'

/** One without an expression or words says nothing. */
const constraintsOf = ({ extension = [] }: Pick<QuestionnaireItem, 'extension'>): Constraint[] =>
  extension
    .filter(({ url }) => url === CONSTRAINT)
    .flatMap((constraint) => {
      const part = (name: string) => constraint.extension?.find(({ url }) => url === name)
      const human = part('human')
      const expression = part('expression')?.valueString
      if (!human || !expression) return []
      const severity = part('severity')?.valueCode === 'warning' ? 'warning' : 'error'
      return [{ key: part('key')?.valueId ?? '', severity, human, expression }]
    })

/** One time through the whole response, by what was known before. */
class Round {
  hasChanged = false
  readonly unworkable = new Map<string, string>()
  private readonly variables: Variables
  private readonly now: Date | undefined
  private readonly response: QuestionnaireResponse
  private readonly ways: Ways

  constructor(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    ways: Ways,
    context: Readonly<Record<string, unknown>> = {},
  ) {
    this.ways = ways
    this.response = response
    this.now = response.authored === undefined ? undefined : new Date(response.authored)
    const ground = { ...context, resource: response, questionnaire: withWeights(questionnaire) }
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

  /** What an expression of each item gives that has it, by linkId; one that fails is not there. */
  valuesOf(questionnaire: Questionnaire, name: string): Map<string, unknown[]> {
    const found = new Map<string, unknown[]>()
    const look = ({ item: asked, children }: Question, above: Variables): void => {
      const linkId = asked.linkId ?? ''
      const at = { focus: itemIn(this.response.item, linkId) ?? { linkId }, base: 'QuestionnaireResponse.item' }
      const variables = this.withVariables({ ...above, qitem: asked }, asked, at)
      const expression = expressionOf(asked, name)
      if (expression) {
        try {
          found.set(linkId, this.evaluate({ expression, variables, at }))
        } catch (error) {
          this.ways.giveUp?.(error)
        }
      }
      for (const child of children) look(child, variables)
    }
    for (const question of questionTree(questionnaire).children) look(question, this.variables)
    return found
  }

  brokenIn(questionnaire: Questionnaire): BrokenConstraint[] {
    const found: BrokenConstraint[] = []
    const look = (holder: Pick<Questionnaire, 'extension'>, linkId: string, variables: Variables, at: At): void => {
      for (const { expression: text, ...constraint } of constraintsOf(holder)) {
        const expression = { language: 'text/fhirpath', expression: text } as const
        try {
          const [holds] = this.evaluate({ expression, variables, at })
          if (holds !== true) found.push({ ...constraint, ...(linkId && { linkId }) })
        } catch (error) {
          this.ways.giveUp?.(error)
        }
      }
    }
    const lookIn = (questions: Question[], items: Item[], above: Variables): void => {
      for (const { item: asked, children } of questions)
        for (const item of items.filter(({ linkId }) => linkId === asked.linkId)) {
          const at = { focus: item, base: 'QuestionnaireResponse.item' }
          const variables = this.withVariables({ ...above, qitem: asked }, asked, at)
          look(asked, asked.linkId ?? '', variables, at)
          lookIn(children, [...(item.item ?? []), ...(item.answer ?? []).flatMap((one) => one.item ?? [])], variables)
        }
    }
    look(questionnaire, '', this.variables, { focus: this.response })
    lookIn(questionTree(questionnaire).children, this.response.item ?? [], this.variables)
    return found
  }

  private itemOf({ item: asked, children }: Question, item: Item, around: Around, above: Variables): Item {
    const calculation = calculationOf(asked)
    const hasBelow = children.length > 0
    if ((!calculation && !hasBelow) || this.ways.isEnabled(asked, around) === false) return item
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
      if (areSame(this.ways, asked, item, { ...item, answer: answers })) return item
      this.hasChanged = true
      const { answer: _wrong, ...rest } = item
      return answers.length > 0 ? { ...rest, answer: answers } : rest
    } catch (error) {
      this.ways.giveUp?.(error)
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
        this.ways.giveUp?.(error)
        delete variables[expression.name]
      }
    }
    return variables
  }

  private evaluate({ expression, variables, at: { focus, base } }: Asking): unknown[] {
    return this.ways.compile(expression, base)(focus, variables, this.now)
  }
}

/** Whether one item was answered as the other. */
export const areSame = (
  { isSameAnswer }: Pick<Ways, 'isSameAnswer'>,
  asked: QuestionnaireItem,
  { answer: sent = [] }: Item,
  own: Item | undefined,
): boolean =>
  sent.length === (own?.answer?.length ?? 0) && sent.every((one, i) => isSameAnswer(one, own?.answer?.[i] ?? {}, asked))

/** The first of them with that linkId, however deep. */
function itemIn(items: readonly Item[] = [], linkId: string): Item | undefined {
  for (const item of items) {
    if (item.linkId === linkId) return item
    const found = itemIn([...(item.item ?? []), ...(item.answer ?? []).flatMap((one) => one.item ?? [])], linkId)
    if (found) return found
  }
  return undefined
}

type Item = QuestionnaireResponseItem
type Variables = Record<string, unknown>
type At = { focus: Item | QuestionnaireResponse; base?: string }
type Asking = { expression: Expression; variables: Variables; at: At }
