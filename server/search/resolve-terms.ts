import { Refusal } from '../core/fhir/outcome.ts'
import type { Filter, TermsAsked, TokenValue } from './search-filter.ts'
import type { SearchQuery } from './search-query.ts'

/** The codes that are meant, from whoever knows terminology. @throws Refusal when it is not known here */
export type CodesAsked = (asked: TermsAsked) => Promise<TokenValue[]>

/**
 * The query with `:in`, `:not-in`, `:above` and `:below` as the tokens that they stand for. One without them costs nothing.
 * @throws Refusal whose expression is the parameter; a value set that is not here is the sender's mistake, so 400 and not 404
 */
export async function resolveTerms(query: SearchQuery, codesAsked: CodesAsked | undefined): Promise<SearchQuery> {
  if (!codesAsked || !query.filters.some(needsTerms)) return query
  return { ...query, filters: await Promise.all(query.filters.map((filter) => resolve(filter, codesAsked))) }
}

function needsTerms(filter: Filter): boolean {
  switch (filter.kind) {
    case 'terms':
      return true
    case 'chain':
      return filter.targets.some((target) => needsTerms(target.filter))
    case 'has':
    case 'not':
      return needsTerms(filter.filter)
    case 'all':
    case 'any':
      return filter.filters.some(needsTerms)
    default:
      return false
  }
}

async function resolve(filter: Filter, codesAsked: CodesAsked): Promise<Filter> {
  switch (filter.kind) {
    case 'terms': {
      const { parameter, asked, not } = filter
      const values = await Promise.all(asked.map(codesAsked)).catch((error: unknown) => {
        throw error instanceof Refusal ? ofParameter(error, parameter.code) : error
      })
      return { kind: 'token', parameter, values: values.flat(), not }
    }
    case 'chain': {
      const targets = filter.targets.map(async ({ type, filter: inner }) => ({
        type,
        filter: await resolve(inner, codesAsked),
      }))
      return { ...filter, targets: await Promise.all(targets) }
    }
    case 'has':
    case 'not':
      return { ...filter, filter: await resolve(filter.filter, codesAsked) }
    case 'all':
    case 'any':
      return { ...filter, filters: await Promise.all(filter.filters.map((one) => resolve(one, codesAsked))) }
    default:
      return filter
  }
}

const ofParameter = ({ issues, status }: Refusal, name: string) =>
  new Refusal(
    issues.map((issue) => ({ ...issue, expression: [name] })),
    status === 404 ? 400 : status,
  )
