import type { Definitions } from '../definitions/definitions.ts'
import { type Issue, Refusal, refuse } from '../fhir/outcome.ts'
import type { TypesQuery } from './compile-types.ts'
import { parseSearch } from './search-query.ts'

/** What every type is searched by, in one way. The rest means something else, or nothing, from type to type. */
export const OF_ALL_TYPES = new Set(['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source'])
const OF_THE_PAGE = new Set(['_count', '_cursor', '_total', '_summary', '_elements', '_format', '_pretty'])

/**
 * Parses a search of several types: `_type`, the parameters that all types have, and how the page is to be.
 * @param types those that may be searched; `_type` chooses among them
 * @throws Refusal value for what is no type, and whatever `parseSearch` refuses
 */
export function parseTypesSearch(
  definitions: Definitions,
  types: readonly string[],
  params: URLSearchParams,
  handling: 'strict' | 'lenient',
): TypesQuery {
  const known = new URLSearchParams()
  const issues: Issue[] = []
  for (const [name, value] of params) {
    if (name === '_type') continue
    if (isOfAllTypes(name, value)) known.append(name, value)
    else issues.push(unknown(name))
  }
  if (issues.length > 0 && handling === 'strict') {
    throw new Refusal(issues.map((issue) => ({ ...issue, severity: 'error' })))
  }
  const query = parseSearch(definitions, 'Basic', known, handling)
  const asked = params.getAll('_type').flatMap((list) => list.split(',').filter(Boolean))
  const wrong = asked.find((type) => !definitions.resourceTypes.has(type))
  if (wrong !== undefined) throw refuse('value', `_type: R4 has no resource type ${wrong}.`, '_type')
  const chosen = asked.length > 0 ? types.filter((type) => asked.includes(type)) : types
  const understood = [asked.length > 0 ? `_type=${asked.join(',')}` : '', query.understood].filter(Boolean).join('&')
  return { ...query, types: chosen, understood, issues: [...query.issues, ...issues] }
}

function isOfAllTypes(name: string, value: string): boolean {
  if (name === '_sort') return value.split(',').every((key) => /^-?_(?:id|lastUpdated)$/.test(key))
  return OF_THE_PAGE.has(name) || OF_ALL_TYPES.has(name.split(':', 1)[0] ?? '')
}

const unknown = (name: string): Issue => ({
  severity: 'warning',
  code: 'not-supported',
  diagnostics: `A search of several types has no parameter ${name}, or not with this value; it was left out.`,
  expression: [name],
})
