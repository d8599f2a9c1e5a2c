import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import type { Answers } from './answering.ts'

/**
 * A group that may be answered several times stands in the form once for each time. What is in it has a name of its own each time, under which
 * its answers are kept: the linkId the first time, the linkId and which time it is after that.
 */
const TIME = '\u001f'
/** Between a linkId and a number; linkIds have points in them. */
const NTH = '\u001e'
const MAX_OCCURS = 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs'

/** The linkId in a name, as the form and the response have it. */
export const linkIdOf = (name: string): string => name.split(TIME, 1)[0] ?? name

const timeOf = (linkId: string, n: number): string => (n === 1 ? '' : `${TIME}${linkId}${NTH}${n}`)
const suffixOf = (name: string): string => name.slice(linkIdOf(name).length)
const isRepeating = ({ type, repeats }: QuestionnaireItem): boolean => type === 'group' && repeats === true

/** How many times a group is there. @param above suffix of what it stands in */
function countOf(linkId: string, above: string, answers: Answers): number {
  const start = `${above}${TIME}${linkId}${NTH}`
  const times = Object.keys(answers).flatMap((name) => {
    const suffix = suffixOf(name)
    return suffix.startsWith(start) ? [Number.parseInt(suffix.slice(start.length), 10)] : []
  })
  return Math.max(1, ...times)
}

/** The form with each group as often as it is there, by the answers so far. A form without such a group is given back itself. */
export function repeated(questionnaire: Questionnaire, answers: Answers): Questionnaire {
  const { item = [] } = questionnaire
  return hasRepeating(item) ? { ...questionnaire, item: itemsOf(item, '', new Map(), answers) } : questionnaire
}

const hasRepeating = (items: readonly QuestionnaireItem[]): boolean =>
  items.some((item) => isRepeating(item) || hasRepeating(item.item ?? []))

/** @param names by linkId, of what stands in the same times of the same groups: what is asked there depends on the answers there */
function itemsOf(
  items: readonly QuestionnaireItem[],
  suffix: string,
  names: ReadonlyMap<string, string>,
  answers: Answers,
): QuestionnaireItem[] {
  return items.flatMap((item) => {
    const { linkId = '', item: below = [] } = item
    const count = isRepeating(item) ? countOf(linkId, suffix, answers) : 1
    return Array.from({ length: count }, (_, i): QuestionnaireItem => {
      const own = suffix + timeOf(linkId, i + 1)
      const within = isRepeating(item) ? new Map([...names, ...namesIn([item], own)]) : names
      return {
        ...item,
        linkId: linkId + own,
        ...(item.enableWhen && {
          enableWhen: item.enableWhen.map((when) => ({
            ...when,
            question: names.get(when.question ?? '') ?? when.question ?? '',
          })),
        }),
        ...(below.length > 0 && { item: itemsOf(below, own, within, answers) }),
      }
    })
  })
}

const namesIn = (items: readonly QuestionnaireItem[], suffix: string): [string, string][] =>
  items.flatMap(({ linkId = '', item = [] }) => [[linkId, linkId + suffix], ...namesIn(item, suffix)])

/** @property isLast no more of it come after this. @property mayAdd one more may come */
export type Time = { n: number; isLast: boolean; mayAdd: boolean }

/** Which time of its group this is, as `repeated` has it; undefined of what is asked once. */
export function timeIn(item: QuestionnaireItem, answers: Answers): Time | undefined {
  if (!isRepeating(item)) return undefined
  const { linkId, above, n } = placeOf(item)
  const count = countOf(linkId, above, answers)
  const max = item.extension?.find(({ url }) => url === MAX_OCCURS)?.valueInteger ?? Number.POSITIVE_INFINITY
  return { n, isLast: n === count, mayAdd: n === count && count < max }
}

function placeOf({ linkId: name = '' }: QuestionnaireItem): { linkId: string; above: string; n: number } {
  const linkId = linkIdOf(name)
  const suffix = suffixOf(name)
  const at = suffix.lastIndexOf(`${TIME}${linkId}${NTH}`)
  if (at < 0) return { linkId, above: suffix, n: 1 }
  return { linkId, above: suffix.slice(0, at), n: Number.parseInt(suffix.slice(at + linkId.length + 2), 10) }
}

/** The answers with the group once more, and nothing in it yet. */
export function another(item: QuestionnaireItem, answers: Answers): Answers {
  const { linkId, above } = placeOf(item)
  return { ...answers, [linkId + above + timeOf(linkId, countOf(linkId, above, answers) + 1)]: [] }
}

/** The answers without the last time of the group; the first stays. */
export function withoutLast(item: QuestionnaireItem, answers: Answers): Answers {
  const { linkId, above } = placeOf(item)
  const count = countOf(linkId, above, answers)
  if (count === 1) return answers
  const last = above + timeOf(linkId, count)
  const isIn = (suffix: string) => suffix === last || suffix.startsWith(last + TIME)
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !isIn(suffixOf(name))))
}
