import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { compartmentCondition, filterCondition, reachCondition } from './compile-filter.ts'
import { orderBy, sortColumns } from './compile-sort.ts'
import { afterCursor, type CursorRow, toCursor } from './cursor.ts'
import type { SearchQuery } from './search-query.ts'
import type { SearchScope } from './search-scope.ts'

/** A row of a page: what is sent, and what the cursor needs. `bigint` and sort values come as text. */
export type SearchRow = CursorRow & {
  bucket: number
  type: string
  id: string
  version: number
  last_updated: Date
  deleted: boolean
  content: string
}

export type CompiledSearch = {
  /** One row more than the page holds; its presence means that there is a next page. */
  page(cursor?: string): SqlFragment
  /** One row with `total`, a number. */
  total(): SqlFragment
  /** Where the page after this row starts; for the link `next`. */
  cursorOf(row: SearchRow): string
}

/**
 * A query as SQL. Nothing outside the reach is matched, counted, or looked at on the way through a chain.
 * @throws Refusal when it is asked to sort by something that has no order
 */
export function compileSearch(query: SearchQuery, scope: SearchScope): CompiledSearch {
  const columns = sortColumns(query)
  const conditions = [
    sql`r.type = ${query.type}`,
    sql`NOT r.deleted`,
    ...reachCondition(scope.reachOf(query.type), 'r'),
    ...(query.compartment === undefined ? [] : [compartmentCondition(query.compartment, 'r')]),
    ...query.filters.map((filter) => filterCondition(filter, { alias: 'r', type: query.type, depth: 0 }, scope)),
  ]
  const where = join(conditions, '\n   AND ')
  return {
    page(cursor = query.cursor) {
      const sorted = columns.map(({ expression }, i) => sql`, ${expression} AS ${raw(`sort_${i}`)}`)
      const shown = columns.map((_, i) => sql`, ${raw(`q.sort_${i}::text AS cursor_${i}`)}`)
      return sql`
SELECT q.bucket, q.rk, q.type, q.id, q.version, q.last_updated, q.deleted, q.content${join(shown, '')}
  FROM (SELECT r.bucket, r.rk, r.type, r.id, r.version, r.last_updated, r.deleted, r.content${join(sorted, '')}
          FROM resource r
         WHERE ${where}) q
 WHERE ${afterCursor(cursor, columns)}
 ORDER BY ${orderBy(columns)}
 LIMIT ${query.count + 1}`
    },
    total: () => sql`SELECT count(*)::int AS total FROM resource r WHERE ${where}`,
    cursorOf: (row) => toCursor(row, columns.length),
  }
}
