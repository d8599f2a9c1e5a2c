import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'

/** One item of a Questionnaire, with what stands around it. */
export type Question = {
  item: QuestionnaireItem
  /** The linkIds around it, outermost first. */
  path: string[]
  children: Question[]
}

export type QuestionTree = { children: Question[]; byLinkId: ReadonlyMap<string, Question> }

const trees = new WeakMap<Questionnaire, QuestionTree>()

/** The items of a Questionnaire as a tree; made once for each that is kept. */
export function questionTree(questionnaire: Questionnaire): QuestionTree {
  const known = trees.get(questionnaire)
  if (known) return known
  const byLinkId = new Map<string, Question>()
  const questionsOf = (items: QuestionnaireItem[] = [], path: string[]): Question[] =>
    items.map((item) => {
      const question = { item, path, children: questionsOf(item.item, [...path, item.linkId ?? '']) }
      byLinkId.set(item.linkId ?? '', question)
      return question
    })
  const tree = { children: questionsOf(questionnaire.item, []), byLinkId }
  trees.set(questionnaire, tree)
  return tree
}

type Extended = { extension?: { url?: string }[] | undefined }

/** The values of an extension, of whichever type. @param name the end of its url, after StructureDefinition/ */
export function extensionValues(element: Extended, name: string): unknown[] {
  return (element.extension ?? [])
    .filter(({ url }) => url?.endsWith(`/StructureDefinition/${name}`))
    .flatMap((extension) =>
      Object.entries(extension).flatMap(([key, value]) => (key.startsWith('value') ? [value] : [])),
    )
}

export const extensionValue = (element: Extended, name: string): unknown => extensionValues(element, name)[0]

/** `Coding` of `{ valueCoding }`, and the value. */
export function typedValue(holder: object): { type: string; value: unknown } | undefined {
  const found = Object.entries(holder).find(([key]) => /^(?:value|answer)[A-Z]/.test(key))
  return found && { type: found[0].replace(/^(?:value|answer)/, ''), value: found[1] }
}
