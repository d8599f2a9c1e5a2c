/**
 * What rules ask of an answered form: `repeat(item)`, `.answer`, `.value`, as plain functions over its JSON. Each gives what the library
 * gives, or undefined where only the library can tell.
 * @see https://hl7.org/fhir/R4/questionnaireresponse.html
 */

type Part = Record<string, unknown>

/**
 * All items of the forms, those of each depth after those above them.
 * @returns undefined for what is no QuestionnaireResponse, and where two items could be equal, of which the library keeps one: of a link
 *   that is answered by several groups, or of two forms
 */
export function itemsOfForms(forms: readonly unknown[]): Part[] | undefined {
  const all: Part[] = []
  const links = new Set<string>()
  let level = forms
  for (let isForm = true; level.length > 0; isForm = false) {
    const below: Part[] = []
    for (const holder of level) {
      if (isForm && (!isPart(holder) || holder.resourceType !== 'QuestionnaireResponse')) return undefined
      const items = partsAt(holder as Part, 'item')
      if (!items) return undefined
      for (const item of items) {
        const { linkId } = item
        if (typeof linkId !== 'string' || links.has(linkId)) return undefined
        links.add(linkId)
        below.push(item)
      }
    }
    all.push(...below)
    level = below
  }
  return all
}

/** The answers of items. */
export function answersOfItems(items: readonly unknown[]): Part[] | undefined {
  const all: Part[] = []
  for (const item of items) {
    const answers = partsAt(item as Part, 'answer')
    if (!answers) return undefined
    all.push(...answers)
  }
  return all
}

/** `value[x]` of answers where it is true or false, a number, a text or a Coding. Dates, quantities and references the library types. */
export function valuesOfAnswers(answers: readonly Record<string, unknown>[]): unknown[] | undefined {
  const values: unknown[] = []
  for (const answer of answers) {
    let said: string | undefined
    for (const name in answer) {
      if (!/^_?value/.test(name)) continue
      if (said !== undefined) return undefined
      said = name
    }
    if (said === undefined) continue
    const value = answer[said]
    if (typeof value !== TYPES[said] || value === null || Array.isArray(value)) return undefined
    values.push(value)
  }
  return values
}

const TYPES: Record<string, string> = {
  valueBoolean: 'boolean',
  valueInteger: 'number',
  valueDecimal: 'number',
  valueString: 'string',
  valueCoding: 'object',
}

/** Elements that are asked of a part by name; the library types what stands elsewhere. */
export const LINK_ELEMENTS: ReadonlySet<string> = new Set(['linkId'])
export const CODING_ELEMENTS: ReadonlySet<string> = new Set(['code'])

function partsAt(holder: Part, name: string): Part[] | undefined {
  if (`_${name}` in holder) return undefined
  const parts = holder[name]
  if (parts === undefined) return []
  return Array.isArray(parts) && parts.every(isPart) ? parts : undefined
}

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value)
