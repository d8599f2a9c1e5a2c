import type { QuestionnaireItem, QuestionnaireItemEnableWhen, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import { extensionValue, typedValue } from '../../core/forms/question.ts'
import type { Around } from '../../core/forms/work-out.ts'
import { areEqual, compareValues } from './compare-values.ts'

/**
 * Whether an item is asked, given the answers so far; undefined where that cannot be told here, as for an expression.
 * @see https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen
 */
export function isEnabled(item: QuestionnaireItem, around: Around): boolean | undefined {
  if (extensionValue(item, 'sdc-questionnaire-enableWhenExpression') !== undefined) return undefined
  const conditions = (item.enableWhen ?? []).map((condition) => isMet(condition, around))
  if (conditions.length === 0) return true
  const isAll = item.enableBehavior === 'all'
  const decisive = !isAll
  if (conditions.includes(decisive)) return decisive
  return conditions.includes(undefined) ? undefined : isAll
}

function isMet(condition: QuestionnaireItemEnableWhen, around: Around): boolean | undefined {
  const { question = '', operator } = condition
  const wanted = typedValue(condition)?.value
  const answers = answersTo(question, around)
  if (operator === 'exists') return answers.length > 0 === wanted
  // "No answer is equal" holds of none at all by its words, and is read otherwise by some: nothing is concluded from it.
  if (operator === '!=') return answers.length === 0 ? undefined : !answers.some((answer) => areEqual(answer, wanted))
  if (operator === '=') return answers.some((answer) => areEqual(answer, wanted))
  const order = operator && ORDERS[operator]
  if (!order) return undefined
  const compared = answers.map((answer) => compareValues(answer, wanted))
  if (compared.some((difference) => difference !== undefined && order(difference))) return true
  return compared.includes(undefined) ? undefined : false
}

const ORDERS: Partial<Record<string, (difference: number) => boolean>> = {
  '>': (difference) => difference > 0,
  '<': (difference) => difference < 0,
  '>=': (difference) => difference >= 0,
  '<=': (difference) => difference <= 0,
}

/** Of the nearest items around that have the question: in a group that repeats, the one beside it and not another. */
function answersTo(linkId: string, around: Around): unknown[] {
  for (const items of around) {
    const found = itemsWith(linkId, items)
    if (found.length > 0)
      return found.flatMap(({ answer }) => answer ?? []).flatMap((one) => typedValue(one)?.value ?? [])
  }
  return []
}

function itemsWith(linkId: string, items: readonly QuestionnaireResponseItem[]): QuestionnaireResponseItem[] {
  return items.flatMap((item) => [
    ...(item.linkId === linkId ? [item] : []),
    ...itemsWith(linkId, item.item ?? []),
    ...(item.answer ?? []).flatMap((answer) => itemsWith(linkId, answer.item ?? [])),
  ])
}
