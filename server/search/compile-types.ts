import { refuse } from '../core/fhir/outcome.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { type CompiledSearch, compileSearch } from './compile.ts'
import { compartmentCondition, filterCondition, reachOfTypes } from './compile-filter.ts'
import { compilePage } from './compile-page.ts'
import { orderBy, type SortColumn, sortColumns } from './compile-sort.ts'
import { afterCursor, toCursor } from './cursor.ts'
import type { Filter } from './search-filter.ts'
import type { SearchQuery } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'
import { withheldBasis } from './withheld-condition.ts'

/**
 * A search of several types at once, by what all of them have. `each` is there when that includes parameters which mean something
 * of its own in each type (`patient`, `code`, `date`): the search as it is of one type after the other.
 * @see https://hl7.org/fhir/R4/http.html#search
 */
export type TypesQuery = SearchQuery & { types: readonly string[]; each?: SearchQuery[] }

/** What finds its rows by an index of its own, of whatever type they are. */
const FINDING: ReadonlySet<Filter['kind']> = new Set(['id', 'words'])

const SUBJECT = { alias: 'r', type: 'Resource', depth: 0, byPatient: false }

/**
 * The same for several types as `compileSearch` for one. Where one compartment, a few ids or words are asked for, all that match are
 * gathered first; otherwise each type gives its first ones from its own index, and the first of these are the page.
 */
export function compileTypesSearch(query: TypesQuery, scope: SearchScope): TypesSearch {
  if (query.each) return compileEach(query, query.each, scope)
  const columns = sortColumns(query, scope)
  const reaches = query.types.map((type) => ({ type, reach: scope.reachOf(type) }))
  const open = reaches.flatMap(({ type, reach }) => (reach.kind === 'all' ? [type] : []))
  const visible = reachOfTypes(query.types, SUBJECT, scope)
  const conditions = [
    sql`NOT r.deleted`,
    visible,
    ...(query.compartment === undefined ? [] : [compartmentCondition(query.compartment, SUBJECT)]),
    ...query.filters.map((filter) => conditionOf(filter, query.types, scope)),
  ]
  const where = join(conditions, '\n   AND ')
  const findsFew =
    query.compartment !== undefined || open.length === 0 || query.filters.some(({ kind }) => FINDING.has(kind))
  const sorted = columns.map(({ expression }, i) => sql`, ${expression} AS ${raw(`sort_${i}`)}`)
  const selected = sql`SELECT r.rk, r.type, r.id, r.content${withheldBasis(scope, { alias: 'r' })}${join(sorted, '')}`
  const limit = sql`ORDER BY ${orderBy(columns)} LIMIT ${query.count + 1}`
  return {
    page(cursor = query.cursor) {
      const after = afterCursor(cursor, columns)
      const rows = findsFew
        ? sql`(${selected} FROM resource r WHERE r.type = ANY(${query.types}::text[]) AND ${where} OFFSET 0) q`
        : sql`unnest(${query.types}::text[]) AS t(asked_type) CROSS JOIN LATERAL (
                SELECT * FROM (${selected} FROM resource r WHERE r.type = t.asked_type AND ${where}) q WHERE ${after} ${limit}) q`
      return compilePage([rows], columns, { count: query.count, cursor }, scope)
    },
    total: () =>
      sql`SELECT count(*)::int AS total FROM resource r WHERE r.type = ANY(${query.types}::text[]) AND ${where}`,
    cursorOf: (row) => toCursor(row, columns.length),
  }
}

type TypesSearch = Omit<CompiledSearch, 'found' | 'columns'>

/** Each type finds its own, and gives its first ones. */
function compileEach(query: TypesQuery, each: SearchQuery[], scope: SearchScope): TypesSearch {
  const { count, compartment } = query
  const searches = each.map((one) => compileSearch(compartment === undefined ? one : { ...one, compartment }, scope))
  const columns = columnsOfAll(searches.map((search) => search.columns))
  const found = searches.flatMap((search) => search.found)
  const totals = searches.map((search) => sql`(${search.total()})`)
  return {
    page: (cursor = query.cursor) => compilePage(found, columns, { count, cursor }, scope),
    total: () => sql`SELECT ${join(totals, ' + ')} AS total`,
    cursorOf: (row) => toCursor(row, columns.length),
  }
}

/** @throws Refusal where types are ordered by what cannot be compared: a name here, a time there */
function columnsOfAll([first = [], ...rest]: SortColumn[][]): SortColumn[] {
  return first.map((column, i) => {
    const others = rest.flatMap((columns) => columns[i] ?? [])
    if (others.some(({ type }) => type !== column.type)) {
      throw refuse('not-supported', 'The types that are searched have no common order of this name.', '_sort')
    }
    return { ...column, always: column.always && others.every(({ always }) => always) }
  })
}

function conditionOf(filter: Filter, types: readonly string[], scope: SearchScope): SqlFragment {
  if (filter.kind !== 'id') return filterCondition(filter, SUBJECT, scope)
  const { ids, not } = filter
  const located = ids.flatMap((id) => scope.locate(id) ?? [])
  const found = sql`(r.id = ANY(${ids}::text[]) AND (r.bucket, r.rk) IN (
      SELECT * FROM unnest(${located.map(({ bucket }) => bucket)}::smallint[], ${located.map(({ rk }) => rk)}::bigint[])
      UNION ALL SELECT p.bucket, p.rk FROM placed_id p WHERE p.type = ANY(${types}::text[]) AND p.id = ANY(${ids}::text[])))`
  return not ? sql`NOT ${found}` : found
}
