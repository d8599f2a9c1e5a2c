import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import {
  compartmentCondition,
  filterCondition,
  isByPatient,
  onePatientOf,
  reachCondition,
  type Subject,
} from './compile-filter.ts'
import { compilePage, type PageRow } from './compile-page.ts'
import { type SortColumn, sortColumns } from './compile-sort.ts'
import { toCursor } from './cursor.ts'
import { tokenTokensOf } from './filter-tokens.ts'
import { loincAsked } from './loinc-column.ts'
import type { Parameter } from './parameters.ts'
import type { Filter } from './search-filter.ts'
import type { SearchQuery } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'
import { tokenHash } from './token-hash.ts'
import { findsTold, withheldBasis } from './withheld-condition.ts'

export type CompiledSearch = {
  /**
   * One plan is good whatever the values are. Where a code or a text decides, PostgreSQL must see the value to know whether it is
   * common (walk the newest until there are enough) or rare (ask the index by token): a prepared plan is wrong for one of them.
   */
  steady?: boolean
  /** What a page is taken from, and its order; for a search that several types answer, each by its own. */
  found: SqlFragment[]
  columns: SortColumn[]
  /** One row more than the page holds; its presence means that there is a next page. */
  page(cursor?: string): SqlFragment
  /** One row with `total`, a number. */
  total(): SqlFragment
  /** Where the page after this row starts; for the link `next`. */
  cursorOf(row: PageRow): string
}

/**
 * A query as SQL. Nothing outside the reach is matched, counted, or looked at on the way through a chain.
 * @throws Refusal when it is asked to sort by something that has no order
 */
export function compileSearch(query: SearchQuery, scope: SearchScope): CompiledSearch {
  const columns = sortColumns(query, scope)
  const reach = scope.reachOf(query.type)
  const byPatient = query.filters.some((filter) => isByPatient(filter, scope))
  const subject: Subject = { alias: 'r', type: query.type, depth: 0, byPatient }
  const standing = [
    sql`r.type = ${query.type}`,
    sql`NOT r.deleted`,
    // What the index by type and date asks for; not to be had where the patient's own index must answer.
    ...(byPatient ? [] : [sql`r.rk > 0`]),
    ...reachCondition(reach, subject, scope),
    ...(query.compartment === undefined ? [] : [compartmentCondition(query.compartment, subject)]),
  ]
  const allOf = (filters: Filter[]) =>
    join([...standing, ...filters.map((filter) => filterCondition(filter, subject, scope))], '\n   AND ')
  const where = allOf(query.filters)
  const byLoinc = byPatient && isNewestFirst(columns) ? query.filters.find((filter) => loincAsked(filter)) : undefined
  const fewFirst = !byPatient && (reach.kind === 'compartment' || isSelective(query, scope))
  const sorted = columns.map(({ expression }, i) => sql`, ${expression} AS ${raw(`sort_${i}`)}`)
  const select = (
    within: SqlFragment,
  ) => sql`SELECT r.rk, r.type, r.id, r.content${withheldBasis(scope, subject)}${join(sorted, '')}
          FROM resource r
         WHERE ${within}`
  // By the column, and where it says that the tokens must be asked.
  const others = query.filters.filter((filter) => filter !== byLoinc)
  const found = byLoinc
    ? [
        sql`(${select(allOf(others))} AND r.loinc = ${loincAsked(byLoinc)}::bigint) q`,
        sql`(${select(where)} AND r.loinc = 0) q`,
      ]
    : [sql`(${select(where)}${raw(fewFirst ? FEW_FIRST : '')}) q`]
  const isTold = query.filters.some((filter) => findsTold(filter, query.type))
  const ofAll = { type: query.type, patient: onePatientOf(query.filters, scope) }
  return {
    ...{ found, columns },
    steady: byPatient || query.filters.some(({ kind }) => kind === 'id'),
    page: (cursor = query.cursor) => compilePage(found, columns, { count: query.count, cursor, ofAll, isTold }, scope),
    total: () => sql`SELECT count(*)::int AS total FROM resource r WHERE ${where}`,
    cursorOf: (row) => toCursor(row, columns.length),
  }
}

/**
 * Gathers all matches before it orders them. Without it the LIMIT makes PostgreSQL walk a whole type in order until it has met
 * enough, because it cannot know how rare one identifier is: 80 ms instead of 0.1 ms among 200,000.
 */
const FEW_FIRST = '\n        OFFSET 0'

const isNewestFirst = ([first, ...rest]: SortColumn[]): boolean =>
  first?.column === 'date' && first.descending && rest.length === 0

/** Whether some filter finds few by its nature: what names one thing, or one person's things. */
function isSelective({ filters, compartment }: SearchQuery, scope: SearchScope): boolean {
  return compartment !== undefined || filters.some((filter) => findsFew(filter, scope))
}

function findsFew(filter: Filter, scope: SearchScope): boolean {
  switch (filter.kind) {
    case 'id':
    case 'reference':
    case 'uri':
      return !filter.not
    case 'token':
      return !filter.not && (isNaming(filter.parameter) || isRare(filter, scope))
    case 'string':
      return filter.match !== 'contains'
    case 'chain':
    case 'has':
    case 'words':
      return true
    case 'all':
      return filter.filters.some((one) => findsFew(one, scope))
    case 'any':
      return filter.filters.every((one) => findsFew(one, scope))
    default:
      return false
  }
}

const NAMING = new Set(['Identifier', 'ContactPoint'])
const isNaming = ({ keys }: Parameter): boolean =>
  keys.every(({ key }) => key.leaves.some(({ type }) => NAMING.has(type)))

/**
 * PostgreSQL adds up the share of each value, and takes ten codes that nobody has for something common: it walked 1,000,000 rows for
 * 500 of them (37 s). Which values are common is in its statistics.
 */
function isRare(filter: Extract<Filter, { kind: 'token' }>, { isCommon }: SearchScope): boolean {
  return isCommon !== undefined && tokenTokensOf(filter).every((token) => !isCommon(tokenHash(token)))
}
