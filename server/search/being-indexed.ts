import type { Issue } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { TEXT_KEYS } from './extract-text.ts'
import type { Filter } from './search-filter.ts'
import type { SearchQuery } from './search-query.ts'

/**
 * A warning for each search parameter that does not find everything yet, wherever in the query it stands. No refusal, not even
 * when strict: what is found is right, and it cannot be found otherwise.
 */
export function incompleteIssues(definitions: Definitions, { type, filters, sort }: SearchQuery): Issue[] {
  if (!definitions.isBeingIndexed) return []
  const sorted = sort.flatMap(({ by }) => (typeof by === 'string' ? [] : [`${by.type}.${by.code}`]))
  const names = new Set([...filters.flatMap((filter) => namesIn(filter, type)), ...sorted])
  return [...names].flatMap((name) => {
    const [of = '', code = ''] = name.split('.')
    return definitions.isBeingIndexed?.(of, code) ? [incomplete(of, code)] : []
  })
}

/** `Type.code` of every parameter that a condition on resources of `type` looks at. */
function namesIn(filter: Filter, type: string): string[] {
  switch (filter.kind) {
    case 'id':
    case 'lastUpdated':
      return []
    case 'words':
      return [`${type}.${filter.key === TEXT_KEYS._text ? '_text' : '_content'}`]
    case 'all':
    case 'any':
      return filter.filters.flatMap((one) => namesIn(one, type))
    case 'not':
      return namesIn(filter.filter, type)
    case 'chain':
      return [nameOf(filter), ...filter.targets.flatMap((target) => namesIn(target.filter, target.type))]
    case 'has':
      return [nameOf(filter), ...namesIn(filter.filter, filter.type)]
    default:
      return [nameOf(filter)]
  }
}

const nameOf = ({ parameter }: { parameter: { type: string; code: string } }) => `${parameter.type}.${parameter.code}`

const incomplete = (type: string, code: string): Issue => ({
  severity: 'warning',
  code: 'incomplete',
  diagnostics: `${type} is still being indexed for ${code}: resources older than that search parameter may be missing.`,
  expression: [code],
})
