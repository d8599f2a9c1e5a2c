import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireItemAnswerOption,
  QuestionnaireItemEnableWhen,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
  Reference,
} from '@medplum/fhirtypes'
import { linkIdOf } from './repeating.ts'

/** What somebody has answered so far, by linkId, or by the name that an item has in another time of its group (`repeating.ts`); each answer as FHIR has it. */
export type Answers = Readonly<Record<string, readonly QuestionnaireResponseItemAnswer[]>>

/** One screen: a question, or a group of them under its title. */
export type Page = { group?: QuestionnaireItem; items: QuestionnaireItem[] }

const HIDDEN = 'http://hl7.org/fhir/StructureDefinition/questionnaire-hidden'
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'
const MIN = 'http://hl7.org/fhir/StructureDefinition/minValue'
const MAX = 'http://hl7.org/fhir/StructureDefinition/maxValue'

export const isHidden = ({ extension }: QuestionnaireItem): boolean =>
  extension?.some(({ url, valueBoolean }) => url === HIDDEN && valueBoolean === true) ?? false
/** Worked out from the other answers; nobody answers it. */
const calculationOf = ({ extension }: QuestionnaireItem): string | undefined =>
  extension?.find(({ url }) => url === CALCULATED)?.valueExpression?.expression

/** @see https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen */
export function isEnabled({ enableWhen = [], enableBehavior }: QuestionnaireItem, answers: Answers): boolean {
  if (enableWhen.length === 0) return true
  const holds = (one: QuestionnaireItemEnableWhen) => meets(one, answers[one.question ?? ''] ?? [])
  return enableBehavior === 'any' ? enableWhen.some(holds) : enableWhen.every(holds)
}

function meets(when: QuestionnaireItemEnableWhen, given: readonly QuestionnaireResponseItemAnswer[]): boolean {
  if (when.operator === 'exists') return given.length > 0 === (when.answerBoolean ?? true)
  const wanted = plain({
    ...{ valueBoolean: when.answerBoolean, valueDecimal: when.answerDecimal, valueInteger: when.answerInteger },
    ...{ valueString: when.answerString, valueDate: when.answerDate, valueCoding: when.answerCoding },
    ...{ valueDateTime: when.answerDateTime, valueTime: when.answerTime, valueQuantity: when.answerQuantity },
  })
  // What is not equal to nothing is not answered either: a question that nobody has answered opens none.
  return given.some((answer) => compares(plain(answer), when.operator, wanted))
}

type Plain = string | number | boolean | undefined
/** Comparable by itself: a code with its system, a number as a number. */
function plain(answer: QuestionnaireResponseItemAnswer): Plain {
  const { valueBoolean, valueDecimal, valueInteger, valueString, valueDate, valueDateTime, valueTime } = answer
  if (answer.valueCoding) return `${answer.valueCoding.system ?? ''}|${answer.valueCoding.code ?? ''}`
  return (
    valueBoolean ??
    valueDecimal ??
    valueInteger ??
    valueString ??
    valueDate ??
    valueDateTime ??
    valueTime ??
    answer.valueQuantity?.value
  )
}

function compares(given: Plain, operator: QuestionnaireItemEnableWhen['operator'], wanted: Plain): boolean {
  if (given === undefined || wanted === undefined) return false
  switch (operator) {
    case '=':
      return given === wanted
    case '!=':
      return given !== wanted
    case '>':
      return given > wanted
    case '<':
      return given < wanted
    case '>=':
      return given >= wanted
    case '<=':
      return given <= wanted
    default:
      return false
  }
}

/** The screens as the answers so far have them: what is not enabled, hidden or worked out is on none. */
export function pagesOf({ item = [] }: Questionnaire, answers: Answers): Page[] {
  const shown = (one: QuestionnaireItem) => !isHidden(one) && !calculationOf(one) && isEnabled(one, answers)
  const pages: Page[] = []
  for (const one of item.filter(shown)) {
    const items = (one.item ?? []).filter(shown)
    if (one.type === 'group') {
      if (items.length > 0) pages.push({ group: one, items: flat(items, shown) })
      continue
    }
    const [last] = pages.slice(-1)
    // A text belongs to what comes after it; one without anything after it is a page of its own.
    if (last && !last.group && last.items.every(({ type }) => type === 'display')) last.items.push(one, ...items)
    else pages.push({ items: [one, ...items] })
  }
  return pages
}

/** Groups in groups are told as their questions, one under the other. */
const flat = (items: QuestionnaireItem[], shown: (item: QuestionnaireItem) => boolean): QuestionnaireItem[] =>
  items.flatMap((one) => [one, ...flat((one.item ?? []).filter(shown), shown)])

export type FormTrouble = 'required' | 'notANumber' | 'tooLow' | 'tooHigh'

export const boundsOf = ({ extension = [] }: QuestionnaireItem): { low?: number; high?: number } => {
  const value = (wanted: string) => {
    const found = extension.find(({ url }) => url === wanted)
    return found?.valueInteger ?? found?.valueDecimal
  }
  const [low, high] = [value(MIN), value(MAX)]
  return { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) }
}

/** A form without items that an expression says are not asked, each time that they stand there, and without what stands in these. */
export function withoutItems(questionnaire: Questionnaire, hidden: readonly string[]): Questionnaire {
  if (hidden.length === 0) return questionnaire
  const left = (items: QuestionnaireItem[]): QuestionnaireItem[] =>
    items
      .filter(({ linkId = '' }) => !hidden.includes(linkIdOf(linkId)))
      .map((one) => (one.item ? { ...one, item: left(one.item) } : one))
  return { ...questionnaire, item: left(questionnaire.item ?? []) }
}

/** What keeps a page from being left. */
export function troublesOn({ items }: Page, answers: Answers): Record<string, FormTrouble> {
  const troubles: Record<string, FormTrouble> = {}
  for (const item of items) {
    if (item.type === 'display' || item.type === 'group') continue
    const linkId = item.linkId ?? ''
    const [answer] = answers[linkId] ?? []
    if (!answer) {
      if (item.required) troubles[linkId] = 'required'
      continue
    }
    if (item.type !== 'integer' && item.type !== 'decimal' && item.type !== 'quantity') continue
    const value = answer.valueInteger ?? answer.valueDecimal ?? answer.valueQuantity?.value
    const { low, high } = boundsOf(item)
    if (value === undefined || Number.isNaN(value)) troubles[linkId] = 'notANumber'
    else if (low !== undefined && value < low) troubles[linkId] = 'tooLow'
    else if (high !== undefined && value > high) troubles[linkId] = 'tooHigh'
  }
  return troubles
}

/** @property by who answers, when it is not the patient */
export type Answering = { patient: string; by?: Reference; at: Date; about?: string }

/**
 * The answers as a QuestionnaireResponse, in the order of the form; what is not enabled any more is left out, as R4 asks.
 * @param questionnaire as it was asked, with groups that repeat as often as they are there (`repeated`)
 * @see https://hl7.org/fhir/R4/questionnaireresponse.html#invs (qrs-1: a group has items, a question answers)
 */
export function toResponse(
  questionnaire: Questionnaire,
  answers: Answers,
  { patient, by, at, about }: Answering,
): QuestionnaireResponse {
  const subject = { reference: `Patient/${patient}` }
  const item = itemsOf(questionnaire.item ?? [], answers)
  return {
    resourceType: 'QuestionnaireResponse',
    meta: { profile: ['http://fylgje.no/fhir/StructureDefinition/patient-answers'] },
    ...(about && /^(?:ServiceRequest|CarePlan)\//.test(about) ? { basedOn: [{ reference: about }] } : {}),
    questionnaire: questionnaire.version ? `${questionnaire.url}|${questionnaire.version}` : questionnaire.url,
    status: 'completed',
    subject,
    authored: at.toISOString(),
    source: (by ?? subject) as QuestionnaireResponse['source'],
    ...(item.length > 0 ? { item } : {}),
  }
}

function itemsOf(items: readonly QuestionnaireItem[], answers: Answers): QuestionnaireResponseItem[] {
  return items.flatMap((item): QuestionnaireResponseItem[] => {
    if (item.type === 'display' || !isEnabled(item, answers)) return []
    const { linkId = '', text } = item
    const below = itemsOf(item.item ?? [], answers)
    const given = answers[linkId] ?? []
    const named = { linkId: linkIdOf(linkId), ...(text ? { text } : {}) }
    if (item.type === 'group') return below.length > 0 ? [{ ...named, item: below }] : []
    if (given.length === 0) return []
    return [
      {
        ...named,
        answer: given.map((answer) =>
          below.length > 0 ? { ...answer, item: below } : answer,
        ) as QuestionnaireResponseItemAnswer[],
      },
    ]
  })
}

/**
 * A number as it was typed, "37,5" and "37.5" being one. What is none is kept as text, so that nothing is made of it that nobody wrote: the
 * page is not left with it.
 */
export function answerTyped(typed: string, isInteger: boolean): readonly QuestionnaireResponseItemAnswer[] {
  const text = typed.trim().replace(',', '.')
  if (text === '') return []
  if (!(isInteger ? /^-?\d{1,9}$/ : /^-?\d{1,9}(?:\.\d{1,6})?$/).test(text)) return [{ valueString: typed }]
  return [isInteger ? { valueInteger: Number(text) } : { valueDecimal: Number(text) }]
}

/** What stands in the field of a number that was answered before. */
export const typedOf = (answer: QuestionnaireResponseItemAnswer | undefined): string =>
  answer?.valueString ?? String(answer?.valueInteger ?? answer?.valueDecimal ?? '').replace('.', ',')

/** An option as the answer that it is. */
export const answerOf = ({
  valueCoding,
  valueString,
  valueInteger,
  valueDate,
  valueTime,
}: QuestionnaireItemAnswerOption): QuestionnaireResponseItemAnswer => ({
  ...(valueCoding ? { valueCoding } : {}),
  ...(valueString === undefined ? {} : { valueString }),
  ...(valueInteger === undefined ? {} : { valueInteger }),
  ...(valueDate === undefined ? {} : { valueDate }),
  ...(valueTime === undefined ? {} : { valueTime }),
})

export const isSameAnswer = (one: QuestionnaireResponseItemAnswer, other: QuestionnaireResponseItemAnswer): boolean =>
  plain(one) === plain(other)

/** Everything in the form that is worked out, from the bottom up as it stands in the form. */
export const calculated = (items: readonly QuestionnaireItem[] = []): QuestionnaireItem[] =>
  items.flatMap((item) => [...(calculationOf(item) ? [item] : []), ...calculated(item.item)])
