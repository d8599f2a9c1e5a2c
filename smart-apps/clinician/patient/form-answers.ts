import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { date, number } from '../../ui/format.ts'

/** One question and what was answered. */
export type FormAnswer = {
  linkId: string
  question: string
  answer: string
  /** What was answered the time before, where that was something else. */
  before?: string
  /** Worked out from the other answers, such as a sum. */
  isScore: boolean
}

type Words = { yes: string; no: string }
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'

/**
 * The answers of a response in the order of the form, with what has changed since the one before.
 * @param form as it is now; a question that it does not have any more has the words of the response
 */
export function formAnswers(
  response: QuestionnaireResponse,
  before: QuestionnaireResponse | undefined,
  form: Questionnaire | undefined,
  language: Language,
  words: Words,
): FormAnswer[] {
  const items = new Map(flat<QuestionnaireItem>(form?.item).map((item) => [item.linkId ?? '', item]))
  const said = (one: QuestionnaireResponseItem) =>
    one.answer?.map((answer) => inWords(answer, items.get(one.linkId ?? ''), language, words)).join(', ') ?? ''
  const earlier = new Map(flat<QuestionnaireResponseItem>(before?.item).map((item) => [item.linkId ?? '', said(item)]))
  return flat<QuestionnaireResponseItem>(response.item).flatMap((item) => {
    const linkId = item.linkId ?? ''
    const answer = said(item)
    if (answer === '') return []
    const asked = items.get(linkId)
    const was = earlier.get(linkId)
    return [
      {
        linkId,
        question: translated(asked, 'text', language)?.text ?? item.text ?? linkId,
        answer,
        isScore: asked?.extension?.some(({ url }) => url === CALCULATED) ?? false,
        ...(was !== undefined && was !== '' && was !== answer ? { before: was } : {}),
      },
    ]
  })
}

type Nested<T> = T & { item?: Nested<T>[]; answer?: { item?: Nested<T>[] }[] }

/** With what lies inside of groups and of answers. */
function flat<T extends object>(items: readonly Nested<T>[] | undefined): T[] {
  return (items ?? []).flatMap((item) => [
    item,
    ...flat<T>(item.item),
    ...(item.answer ?? []).flatMap((answer) => flat<T>(answer.item)),
  ])
}

function inWords(
  answer: QuestionnaireResponseItemAnswer,
  asked: QuestionnaireItem | undefined,
  language: Language,
  words: Words,
): string {
  const {
    valueBoolean,
    valueDecimal,
    valueInteger,
    valueDate,
    valueDateTime,
    valueTime,
    valueString,
    valueUri,
    valueCoding,
    valueQuantity,
    valueReference,
    valueAttachment,
  } = answer
  if (valueBoolean !== undefined) return valueBoolean ? words.yes : words.no
  const plain = valueDecimal ?? valueInteger
  if (plain !== undefined) return number(plain, language, 2)
  if (valueQuantity?.value !== undefined)
    return `${number(valueQuantity.value, language, 2)} ${valueQuantity.unit ?? ''}`.trim()
  if (valueCoding) {
    // The form has the words of each language; the response only those that were read.
    const option = asked?.answerOption?.find((one) => one.valueCoding?.code === valueCoding.code)?.valueCoding
    return translated(option, 'display', language)?.text ?? valueCoding.display ?? valueCoding.code ?? ''
  }
  const day = valueDateTime ?? valueDate
  if (day) return day.length < 10 ? day : date(new Date(day), language)
  return valueString ?? valueTime ?? valueUri ?? valueReference?.display ?? valueAttachment?.title ?? ''
}
