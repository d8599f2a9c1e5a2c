import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { TypesQuery } from './compile-types.ts'
import { leftOut, parseSearch } from './search-query.ts'

/** What every type is searched by, in one way. The rest means something else, or nothing, from type to type. */
export const OF_ALL_TYPES = new Set([
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_source',
  '_text',
  '_content',
])
const OF_THE_PAGE = new Set(['_count', '_cursor', '_total', '_summary', '_elements', '_format', '_pretty'])

/**
 * Parses a search of several types: `_type`, the parameters that they all have, and how the page is to be. Where `_type` chooses,
 * these are also what the chosen ones share: `?_type=Observation,Condition&patient=1&code=…`.
 * @param types those that may be searched; `_type` chooses among them
 * @throws Refusal value for what is no type, and whatever `parseSearch` refuses
 */
export function parseTypesSearch(
  definitions: Definitions,
  types: readonly string[],
  params: URLSearchParams,
  handling: 'strict' | 'lenient',
): TypesQuery {
  const asked = params.getAll('_type').flatMap((list) => list.split(',').filter(Boolean))
  const wrong = asked.find((type) => !definitions.resourceTypes.has(type))
  if (wrong !== undefined) throw refuse('value', `_type: R4 has no resource type ${wrong}.`, '_type')
  const chosen = asked.length > 0 ? types.filter((type) => asked.includes(type)) : types
  const known = new URLSearchParams()
  const issues: Issue[] = []
  let isOfEach = false
  for (const [name, value] of params) {
    if (name === '_type') continue
    const ofAll = isOfAllTypes(name, value)
    if (!ofAll && !(asked.length > 0 && isShared(definitions, asked, name, value))) {
      issues.push(unknown(name, asked))
    } else {
      known.append(name, value)
      isOfEach ||= !ofAll
    }
  }
  if (issues.length > 0 && handling === 'strict') {
    throw new Refusal(issues.map((issue) => ({ ...issue, severity: 'error' })))
  }
  const each = isOfEach ? chosen.map((type) => parseSearch(definitions, type, known, handling)) : []
  // Who may search none of the types finds nothing, and is told nothing.
  const query = each[0] ?? parseSearch(definitions, isOfEach ? (asked[0] ?? '') : 'Basic', known, handling)
  const understood = [asked.length > 0 ? `_type=${asked.join(',')}` : '', query.understood].filter(Boolean).join('&')
  return {
    ...query,
    types: chosen,
    understood,
    issues: [...(isOfEach ? each.flatMap((one) => one.issues) : query.issues), ...issues.map(leftOut)],
    includes: each.flatMap(({ includes }) => includes),
    ...(each.length > 0 ? { each } : {}),
  }
}

/** Whether a parameter means something in each of the types. @throws Refusal for a value that is bad in any of them */
const isShared = (definitions: Definitions, types: string[], name: string, value: string): boolean =>
  types.every((type) => parseSearch(definitions, type, new URLSearchParams([[name, value]])).understood !== '')

function isOfAllTypes(name: string, value: string): boolean {
  if (name === '_sort') return value.split(',').every((key) => /^-?_(?:id|lastUpdated)$/.test(key))
  return OF_THE_PAGE.has(name) || OF_ALL_TYPES.has(name.split(':', 1)[0] ?? '')
}

const unknown = (name: string, asked: string[]): Issue => ({
  severity: 'warning',
  code: 'not-supported',
  diagnostics:
    asked.length > 0
      ? `${asked.join(' and ')} have no parameter ${name} in common, or not with this value.`
      : `A search of all types has no parameter ${name}; name the types that are meant by _type.`,
  expression: [name],
})
