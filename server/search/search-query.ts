import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { incompleteIssues } from './being-indexed.ts'
import { type Parameter, typeIndex } from './parameters.ts'
import { parseFilter } from './parse-filter.ts'
import { parseFilterExpression } from './parse-filter-expression.ts'
import { type Include, parseInclude } from './parse-include.ts'
import type { Filter } from './search-filter.ts'
import { splitUnescaped } from './split.ts'

/** A search as it was understood: everything is parsed and checked, nothing is SQL yet. */
export type SearchQuery = {
  type: string
  /** All must hold. */
  filters: Filter[]
  sort: SortKey[]
  /** Matches per page; 0 asks for the total alone. */
  count: number
  /** The page's start, from the link `next`. */
  cursor?: string
  includes: Include[]
  total?: Total
  summary?: Summary
  elements?: string[]
  /** Only what is in this patient's compartment: `GET /Patient/123/Observation`. */
  compartment?: string
  /** What was left out, and why; for an entry of mode `outcome`. */
  issues: Issue[]
  /** The query string of the `self` link: what was understood, and no more. */
  understood: string
}

export type SortKey = { by: '_id' | '_lastUpdated' | Parameter; descending: boolean }
export type Total = (typeof TOTALS)[number]
export type Summary = (typeof SUMMARIES)[number]

const TOTALS = ['none', 'estimate', 'accurate'] as const
const SUMMARIES = ['true', 'false', 'text', 'data', 'count'] as const
const COUNT_DEFAULT = 20
const COUNT_MAX = 1000

/** Parameters that say how the answer is written; `http/` obeys them. */
const OF_THE_ANSWER = new Set(['_format', '_pretty'])

/**
 * Parses and checks a query string.
 * @param handling `lenient` leaves unknown parameters out and says so in `issues`; `strict` refuses them. Bad values are refused by both.
 * @throws Refusal with all that is wrong; each issue's expression is the parameter's name
 * @see https://hl7.org/fhir/R4/search.html#errors
 */
export function parseSearch(
  definitions: Definitions,
  type: string,
  params: URLSearchParams,
  handling: 'strict' | 'lenient' = 'lenient',
): SearchQuery {
  const query: SearchQuery = {
    type,
    filters: [],
    sort: [],
    count: COUNT_DEFAULT,
    includes: [],
    issues: [],
    understood: '',
  }
  const errors: Issue[] = []
  const understood: string[] = []
  for (const [name, value] of params) {
    try {
      const issue = take(definitions, query, name, value)
      if (issue && handling === 'strict') errors.push(issue)
      else if (issue) query.issues.push(leftOut(issue))
      else if (name !== '_cursor' && !OF_THE_ANSWER.has(name)) understood.push(`${encode(name)}=${encode(value)}`)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push(...error.issues)
    }
  }
  if (errors.length > 0) throw new Refusal(errors.map((issue) => ({ ...issue, severity: 'error' })))
  query.understood = understood.join('&')
  query.issues.push(...incompleteIssues(definitions, query))
  return query
}

/** Takes one parameter into the query. @returns an issue when it means nothing to us */
function take(definitions: Definitions, query: SearchQuery, name: string, value: string): Issue | undefined {
  // PostgreSQL's text cannot hold it, and no FHIR string does.
  if (value.includes('\u0000')) throw refuse('value', `${name} has a NUL character in its value.`, name)
  if (value === '') return warning('value', `${name} has no value.`, name)
  switch (name) {
    case '_sort':
      query.sort.push(...splitUnescaped(value, ',').map((key) => parseSortKey(definitions, query.type, key)))
      return
    case '_count':
      query.count = parseCount(value)
      return
    case '_cursor':
      query.cursor = value
      return
    case '_total':
      query.total = oneOf(name, value, TOTALS)
      return
    case '_summary':
      query.summary = oneOf(name, value, SUMMARIES)
      return
    case '_elements':
      query.elements = value.split(',').map((element) => element.trim())
      return
  }
  if (OF_THE_ANSWER.has(name)) return
  const includes = parseInclude(definitions, query.type, name, value)
  if (includes) {
    query.includes.push(...includes)
    return
  }
  const filter =
    name === '_filter'
      ? parseFilterExpression(definitions, query.type, value)
      : parseFilter(definitions, query.type, name, value)
  if (!filter) return warning('not-supported', `${query.type} has no search parameter ${name}.`, name)
  query.filters.push(filter)
}

/** What lenient handling does with it. */
export const leftOut = (issue: Issue): Issue => ({ ...issue, diagnostics: `${issue.diagnostics} It was left out.` })

const warning = (code: 'value' | 'not-supported', diagnostics: string, name: string): Issue => ({
  severity: 'warning',
  code,
  diagnostics,
  expression: [name],
})

function parseSortKey(definitions: Definitions, type: string, text: string): SortKey {
  const descending = text.startsWith('-')
  const code = descending ? text.slice(1) : text
  if (code === '_id' || code === '_lastUpdated') return { by: code, descending }
  const parameter = typeIndex(definitions, type).parameters.get(code)
  if (!parameter || parameter.keys.length === 0) {
    throw refuse('not-supported', `${type} cannot be sorted by ${code}.`, '_sort')
  }
  return { by: parameter, descending }
}

function parseCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw refuse('value', `_count must be a whole number from 0, not ${value}.`, '_count')
  return Math.min(Number(value), COUNT_MAX)
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw refuse('value', `${name} must be one of ${allowed.join(', ')}, not ${value}.`, name)
  return found
}

/** Percent-encoded, but for what is readable and allowed in a query. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:2C|3A|2F|24)/g, (escaped) => decodeURIComponent(escaped))
