import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { prepared } from '../db/pool.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import { tokenHash } from '../search/token-hash.ts'
import { withheldFrom, withinReaches } from './reach-sql.ts'
import { CURRENT } from './read.ts'
import type { ReaderRooms } from './rooms.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

/** What belongs together across types: a patient's compartment, or all that was done in one encounter. */
export type RecordQuery = {
  /** Search tokens; a resource that has one of them belongs to it. */
  tokens: string[]
  types: readonly string[]
  /** These are all the types that there are. */
  isEveryType: boolean
  /** `Type/id` of what the record is about; the caller has it already, so it is left out. */
  about: { type: string; id: string }
  /** Instant; only what was stored then or later. */
  since?: string
  /** Only what was done within [low, high). What has no date of its own, such as an allergy, belongs to any time. */
  done?: { low: string; high: string }
  /** Types whose date says nothing of when something was done, such as a birth date. */
  undated: readonly string[]
  count: number
  /** Says how many there are in all. Only of a first page. */
  isCounted: boolean
  cursor?: string
}

export type RecordPage = { versions: Version[]; next?: string; total?: number }

/** Before everything: for a first page that has no room for more than what it is about. */
const START = '0'

/**
 * One page of a record, as far as the caller's searches reach, oldest key first. Keys only grow, so what is stored while the
 * pages are turned comes on a later page, and nothing is repeated or skipped.
 *
 * What belongs to it is gathered by key, once, to be counted and to find the page; only what is shown is read whole. With 500
 * resources of a patient among 1,000,000 each lies on a page of its own: 2.6 ms, where sorting and counting apart took 13.
 */
export async function recordPage(rooms: ReaderRooms, access: Access, query: RecordQuery): Promise<RecordPage> {
  const where = recordCondition(rooms, access, query)
  if (!where) return { versions: [], ...(query.isCounted ? { total: 0 } : {}) }
  const total = query.isCounted ? sql`(SELECT count(*)::int FROM belonging)` : sql`NULL::int`
  const { rows } = await rooms.pool.query<VersionRow & { rk: string; total: number | null }>(
    prepared(sql`
      WITH belonging AS MATERIALIZED (SELECT r.bucket, r.rk FROM resource r WHERE ${where}),
           page AS (SELECT bucket, rk FROM belonging WHERE rk > ${parseCursor(query.cursor)}::bigint
                     ORDER BY rk LIMIT ${query.count + 1})
      SELECT r.rk, ${CURRENT}, ${total} AS total${withheldFrom(rooms, access)}
        FROM page JOIN resource r USING (bucket, rk) ORDER BY r.rk`),
  )
  const shown = rows.slice(0, query.count)
  const last = shown.at(-1)?.rk ?? query.cursor ?? START
  return {
    versions: shown.map(toVersion),
    ...(rows.length > shown.length ? { next: last } : {}),
    // Counted on a first page, which is empty only when nothing belongs to it.
    ...(query.isCounted ? { total: rows[0]?.total ?? 0 } : {}),
  }
}

/**
 * The tokens find the rows, everything else filters them. A plan that does not know the values would also read the index by type
 * from end to end, which with 64,000 resources costs ten times what the tokens cost; `IS TRUE` keeps it from being considered.
 */
function recordCondition(rooms: ReaderRooms, access: Access, query: RecordQuery): SqlFragment | undefined {
  const { tokens, types, isEveryType, about, since, done, undated } = query
  const isOpen = types.every((type) => rooms.reachOf(access, type, 's').kind === 'all')
  if (types.every((type) => rooms.reachOf(access, type, 's').kind === 'none') || tokens.length === 0) return undefined
  return join(
    [
      sql`r.tokens && ${tokens.map(tokenHash)}::bigint[]`,
      sql`NOT r.deleted`,
      ...(isEveryType && isOpen ? [] : [sql`${withinReaches(rooms, access, types, 's')} IS TRUE`]),
      sql`NOT (r.type = ${about.type} AND r.id = ${about.id})`,
      ...(since === undefined ? [] : [sql`r.last_updated >= ${since}::timestamptz`]),
      ...(done === undefined
        ? []
        : [
            sql`(r.date_low IS NULL OR r.type = ANY(${[...undated]}::text[])
              OR (r.date_low < ${done.high}::timestamptz AND r.date_high > ${done.low}::timestamptz))`,
          ]),
    ],
    ' AND ',
  )
}

function parseCursor(cursor = START): string {
  if (!/^\d{1,18}$/.test(cursor)) throw refuse('value', '_cursor is not from a link of this record.', '_cursor')
  return cursor
}
