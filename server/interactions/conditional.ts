import { Refusal } from '../core/fhir/outcome.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchQuery } from '../search/search-query.ts'

/** PUT, PATCH and DELETE of a type mean the one resource that their criteria single out; without any they mean nothing. */
export function withCriteria({ query, type }: Exchange, parse: () => SearchQuery): SearchQuery {
  if (query.size > 0) return parse()
  const diagnostics = `This is not supported for ${type} as a whole; name an id, or criteria such as ?identifier=system|value.`
  const refusal = new Refusal([{ severity: 'error', code: 'not-supported', diagnostics }], 405)
  throw Object.assign(refusal, { allowed: ['GET', 'POST'] })
}
