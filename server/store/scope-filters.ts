import type { Access, Query } from '../access/access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type CodesAsked, resolveTerms } from '../search/resolve-terms.ts'
import type { Filter } from '../search/search-filter.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'

/** How long the codes of a value set that a scope names are taken as known. */
const TERMS_MILLISECONDS = 2_000
const COUNT_MAX = 5_000

export type ScopeFilters = {
  /** What a scope's parameters mean for a type; undefined where they mean nothing for it, and so are met by nothing. */
  filtersOf(type: string, query: Query): Filter[] | undefined
  /** Looks up the value sets that a caller's scopes name, before anything is decided by them. */
  prepare(access: Access): Promise<void>
}

/**
 * The search parameters of granular scopes, understood as a search understands them.
 * @see https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
 */
export function createScopeFilters(definitions: () => Definitions, codesAsked: CodesAsked): ScopeFilters {
  let parsed = new Map<string, SearchQuery | undefined>()
  let parsedFor: Definitions | undefined
  let resolved = new Map<string, { filters: Filter[] | undefined; until: number }>()

  function parse(type: string, query: Query): SearchQuery | undefined {
    const current = definitions()
    if (parsedFor !== current || parsed.size > COUNT_MAX) {
      parsed = new Map()
      parsedFor = current
    }
    const name = nameOf(type, query)
    if (!parsed.has(name)) parsed.set(name, understood(current, type, query))
    return parsed.get(name)
  }

  return {
    filtersOf(type, query) {
      const found = parse(type, query)
      if (!found || !asksTerms(found)) return found?.filters
      return resolved.get(nameOf(type, query))?.filters
    },
    async prepare({ scopes }) {
      for (const { type, filter } of scopes) {
        if (!filter || type === '*') continue
        const found = parse(type, filter)
        const name = nameOf(type, filter)
        if (!found || !asksTerms(found) || (resolved.get(name)?.until ?? 0) > Date.now()) continue
        const filters = await resolveTerms(found, codesAsked).then(
          (query) => query.filters,
          (error: unknown) => {
            // A value set that is not here is met by nothing; a fault is ours.
            if (error instanceof Refusal) return undefined
            throw error
          },
        )
        if (resolved.size > COUNT_MAX) resolved = new Map()
        resolved.set(name, { filters, until: Date.now() + TERMS_MILLISECONDS })
      }
    },
  }
}

const nameOf = (type: string, query: Query) => `${type}?${new URLSearchParams(query)}`

/** Each parameter must be a condition: `_count` in a scope would promise what it does not keep. */
function understood(definitions: Definitions, type: string, query: Query): SearchQuery | undefined {
  try {
    const parsed = parseSearch(definitions, type, new URLSearchParams(query), 'strict')
    return parsed.filters.length === query.length ? parsed : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const asksTerms = ({ filters }: SearchQuery): boolean => JSON.stringify(filters).includes('"kind":"terms"')
