import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes'
import { extensionValue } from '../core/forms/question.ts'
import type { Around } from '../core/forms/work-out.ts'
import { isCalculated } from '../core/forms/work-out.ts'

/** Whether an item is asked, by its own conditions. @param around the answers, from the innermost outwards */
export type IsAsked = (item: QuestionnaireItem, around: Around) => boolean

/** What can be put to somebody: a question, or a group whose questions are put together. */
export type Candidate = { linkId: string; isAnswered: boolean; isRequired: boolean }

/** A form as one person sees it: which of its items are asked after the answers so far. */
export type Seen = {
  /** In the order of the form. */
  candidates: Candidate[]
  /** The answers without those to what is not asked any more, in the order of the form. */
  answers: QuestionnaireResponseItem[]
}

/**
 * Looks through a form by the answers so far. An answer that was changed may close what was asked after it, whose answers then go; until
 * nothing goes any more.
 */
export function seenBy(form: Questionnaire, response: QuestionnaireResponse, isAsked: IsAsked): Seen {
  let answers = response.item ?? []
  for (;;) {
    const seen = look(form, answers, isAsked)
    if (JSON.stringify(seen.answers) === JSON.stringify(answers)) return seen
    answers = seen.answers
  }
}

function look(form: Questionnaire, answers: QuestionnaireResponseItem[], isAsked: IsAsked): Seen {
  const candidates: Candidate[] = []

  /** @returns the answers among these that are still asked for */
  function visit(
    items: QuestionnaireItem[] = [],
    given: QuestionnaireResponseItem[],
    around: Around,
  ): QuestionnaireResponseItem[] {
    const known = new Set(items.map(({ linkId }) => linkId))
    const kept = items.flatMap((item) => {
      if (!isAsked(item, around)) return []
      const own = given.filter(({ linkId }) => linkId === item.linkId)
      // What is worked out from the answers is put to nobody.
      if (item.type === 'display' || isCalculated(item)) return own
      const isGroup = item.type === 'group'
      if (!isGroup || isTogether(item)) candidates.push(toCandidate(item, own))
      if (isTogether(item)) return own
      if (isGroup)
        return own.length === 0 ? visitBelow(item, {}, around) : own.flatMap((one) => visitBelow(item, one, around))
      return own.map((one) => withinAnswers(item, one, around))
    })
    // What the form does not have is for the validation to tell, and not lost here.
    return [...kept, ...given.filter(({ linkId }) => !known.has(linkId))]
  }

  function visitBelow(item: QuestionnaireItem, one: Partial<QuestionnaireResponseItem>, around: Around) {
    const below = one.item ?? []
    const kept = visit(item.item, below, [below, ...around])
    return kept.length > 0 ? [{ ...one, linkId: String(item.linkId), item: kept }] : []
  }

  /** What is asked below a question is asked once that is answered. */
  function withinAnswers(item: QuestionnaireItem, one: QuestionnaireResponseItem, around: Around) {
    if (!item.item || !one.answer) return one
    const answer = one.answer.map((given) => {
      const { item: below = [], ...rest } = given
      const kept = visit(item.item, below, [below, ...around])
      return kept.length > 0 ? { ...rest, item: kept } : rest
    })
    return { ...one, answer }
  }

  const kept = visit(form.item, answers, [answers])
  return { candidates: once(candidates), answers: kept }
}

/** In a group that repeats each question stands once. */
const once = (candidates: Candidate[]): Candidate[] => [...new Map(candidates.map((one) => [one.linkId, one])).values()]

const toCandidate = (item: QuestionnaireItem, own: QuestionnaireResponseItem[]): Candidate => ({
  linkId: String(item.linkId),
  isAnswered: own.some(({ answer, item: below }) => (answer ?? below ?? []).length > 0),
  isRequired: item.required === true,
})

/** Ways to show a group in which its questions are put together. https://hl7.org/fhir/R4/valueset-questionnaire-item-control.html */
const TOGETHER: ReadonlySet<string> = new Set(['page', 'table', 'htable', 'gtable', 'grid'])

function isTogether(item: QuestionnaireItem): boolean {
  const control = extensionValue(item, 'questionnaire-itemControl') as { coding?: { code?: string }[] } | undefined
  return item.type === 'group' && (control?.coding ?? []).some(({ code }) => TOGETHER.has(code ?? ''))
}

/**
 * The part of a form that somebody is shown: these questions with the groups around them, and the texts before them.
 * @param shown linkIds of questions, and of groups that are put together
 */
export function partOf(items: QuestionnaireItem[] = [], shown: ReadonlySet<string>): QuestionnaireItem[] {
  const kept: QuestionnaireItem[] = []
  let texts: QuestionnaireItem[] = []
  for (const item of items) {
    if (item.type === 'display') {
      texts.push(item)
      continue
    }
    const part = shownPart(item, shown)
    if (part) kept.push(...texts, part)
    // A text is about what follows it.
    texts = []
  }
  return kept
}

function shownPart(item: QuestionnaireItem, shown: ReadonlySet<string>): QuestionnaireItem | undefined {
  const isShown = shown.has(String(item.linkId))
  if (isShown && isTogether(item)) return item
  const { item: below, ...rest } = item
  const part = partOf(below, shown)
  if (!isShown && part.length === 0) return undefined
  return part.length > 0 ? { ...rest, item: part } : rest
}
