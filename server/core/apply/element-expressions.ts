import type { Expression } from '@medplum/fhirtypes'

const CQF_EXPRESSION = 'http://hl7.org/fhir/StructureDefinition/cqf-expression'

type Extended = { extension?: { url?: string; valueExpression?: Expression }[] }

/** Gives the values of an expression that stands at `path`; undefined when it failed, which has then been told. */
export type Answer = (expression: Expression, path: string) => unknown[] | undefined

/**
 * An element of a definition in which each value that is worked out (extension cqf-expression, on an element or on a primitive's
 * `_element`) stands in its place. What gives nothing stays as it was written.
 * @param skip names of elements that are left alone, such as actions within an action, which are asked in their own turn
 * @see https://hl7.org/fhir/R4/clinicalreasoning-topics-using-expressions.html
 */
export function withElementExpressions<T extends object>(
  element: T,
  path: string,
  answer: Answer,
  skip: string[] = [],
): T {
  if (!JSON.stringify(element).includes(CQF_EXPRESSION)) return element
  const fill = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((one, i) => fill(one, `${at}[${i}]`))
    if (typeof value !== 'object' || value === null) return value
    const expression = expressionOn(value)
    const [found] = (expression && answer(expression, at)) ?? []
    if (found !== undefined) return found
    return fillFields(value as Record<string, unknown>, at)
  }
  const fillFields = (holder: Record<string, unknown>, at: string): Record<string, unknown> => {
    const filled: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(holder)) {
      if (at === path && skip.includes(name)) filled[name] = value
      else if (!name.startsWith('_')) filled[name] = fill(value, `${at}.${name}`)
    }
    for (const [name, value] of Object.entries(holder)) {
      if (!name.startsWith('_') || (at === path && skip.includes(name.slice(1)))) continue
      const own = name.slice(1)
      const there = filled[own]
      const list = Array.isArray(value)
        ? value.map((one, i) => primitive(one, Array.isArray(there) ? there[i] : undefined, `${at}.${own}[${i}]`))
        : primitive(value, there, `${at}.${own}`)
      if (Array.isArray(list) ? list.some((one) => one !== null) : list !== undefined) filled[own] = list
      // What else is said of the primitive stays with it.
      if (!isExpressionAlone(value)) filled[name] = value
    }
    return filled
  }
  const primitive = (extended: unknown, written: unknown, at: string): unknown => {
    const expression = expressionOn(extended)
    const [found] = (expression && answer(expression, at)) ?? []
    return found ?? written ?? (at.endsWith(']') ? null : undefined)
  }
  return fillFields(element as Record<string, unknown>, path) as T
}

function expressionOn(value: unknown): Expression | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { extension } = value as Extended
  return Array.isArray(extension) ? extension.find(({ url }) => url === CQF_EXPRESSION)?.valueExpression : undefined
}

/** Nothing is said of the primitive but how it is worked out. */
function isExpressionAlone(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => one === null || isExpressionAlone(one))
  if (typeof value !== 'object' || value === null) return false
  const { extension = [] } = value as Extended
  return Object.keys(value).length === 1 && extension.every(({ url }) => url === CQF_EXPRESSION)
}
