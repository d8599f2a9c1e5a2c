import { refuse } from '../core/fhir/outcome.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { keyDescends, type SortColumn } from './compile-sort.ts'

/** A row's place in the order: its sort values as text (`cursor_0`, …) and its key, if it is the last of its page. */
export type CursorRow = { rk: string | null; [cursor: `cursor_${number}`]: string | null }

type Cursor = { rk: string; values: (string | null)[] }

/**
 * The place after a row, for the link `next`. It says where the row stood and nothing of how many came before, so pages
 * neither repeat nor skip what was there throughout, whatever is written meanwhile.
 */
export function toCursor(row: CursorRow, columnCount: number): string {
  const values = Array.from({ length: columnCount }, (_, i) => row[`cursor_${i}`] ?? null)
  return Buffer.from(JSON.stringify([row.rk, ...values])).toString('base64url')
}

/** The rows after a cursor, in the order of `orderBy`; all when there is none. @throws Refusal for a cursor that is not ours */
export function afterCursor(cursor: string | undefined, columns: SortColumn[]): SqlFragment {
  if (cursor === undefined) return sql`true`
  const { rk, values } = parseCursor(cursor, columns)
  const keyAfter = sql`q.rk ${raw(keyDescends(columns) ? '<' : '>')} ${rk}::bigint`
  // From the last column to the first: after it here, or equal here and after it in what follows.
  return columns.reduceRight((rest, column, i) => {
    const name = raw(`q.sort_${i}`)
    const value = values[i] ?? null
    // Those without a value come last: after them there are only their equals.
    if (value === null) return sql`(${name} IS NULL AND ${rest})`
    const typed = sql`${value}::${raw(column.type)}`
    const beyond = sql`${name} ${raw(column.descending ? '<' : '>')} ${typed}`
    const later = column.always ? [beyond] : [beyond, sql`${name} IS NULL`]
    return sql`(${join([...later, sql`(${name} = ${typed} AND ${rest})`], ' OR ')})`
  }, keyAfter)
}

const VALUE: Record<SortColumn['type'], RegExp> = {
  text: /^/,
  float8: /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?Infinity)$/,
  timestamptz: /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00(?: BC)?|-?infinity)$/,
}

function parseCursor(cursor: string, columns: SortColumn[]): Cursor {
  const [rk, ...values] = parseList(cursor)
  const fits = columns.every(({ type }, i) => {
    const value = values[i]
    return value === null || (typeof value === 'string' && VALUE[type].test(value) && !value.includes('\u0000'))
  })
  if (typeof rk !== 'string' || !/^\d{1,18}$/.test(rk) || values.length !== columns.length || !fits) {
    throw refuse('value', '_cursor is not from a link of this search.', '_cursor')
  }
  return { rk, values: values as (string | null)[] }
}

function parseList(cursor: string): unknown[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}
