import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { isTransaction, prepared } from '../db/pool.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { isLateSince, tellMoment } from './moments.ts'
import { withheldFrom, withinReach, withinReaches } from './reach-sql.ts'
import { CURRENT, findRows, isThere } from './read.ts'
import { notFound } from './refusals.ts'
import type { ReaderRooms } from './rooms.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

/** Which versions, and how many at a time. https://hl7.org/fhir/R4/http.html#history */
export type HistoryQuery = {
  /** Versions per page; 0 asks for the total alone. */
  count: number
  /** Only what was made at or after this instant. */
  since?: string
  /** Only what was current at some point within [low, high). */
  at?: { low: string; high: string }
  /** The page's start, from the link `next`. */
  cursor?: string
  /** How many there are in all is asked for, which for a type or for all means counting. */
  wantsTotal?: boolean
}

export type HistoryPage = {
  versions: Version[]
  /** Of one resource's versions always; of a type or of all when it was asked for. */
  total?: number
  next?: string
  /** Of a first page of a type or of all: who asks from there on (`since`) the next time misses nothing. Instant. */
  until?: string
}

type HistoryRow = VersionRow & { bucket: number; rk: string }

/** Everything that happened to one resource, newest first, deletions included. @throws Refusal not-found */
export async function historyOfResource(
  rooms: ReaderRooms,
  access: Access,
  { type, id }: { type: string; id: string },
  query: HistoryQuery,
): Promise<HistoryPage> {
  const visible = withinReach(rooms, access, type, 'r')
  const rows = await findRows<VersionRow & { total: number }>(rooms, type, id, (key) =>
    versionsOf(key, { visible, withheld: withheldFrom(rooms, access, type) }, query),
  )
  // A cursor or a time may leave nothing of what is there.
  if (rows.length === 0 && !(await isThere(rooms, access, type, id))) throw notFound(type, id)
  const shown = rows.slice(0, query.count)
  const last = shown.at(-1)
  return {
    versions: shown.map(toVersion),
    ...(query.cursor === undefined && { total: rows[0]?.total ?? 0 }),
    ...(rows.length > shown.length && last && { next: toCursor([last.version]) }),
  }
}

/** A version is shown to those who may see that version, and the resource as it is now: it may have moved between patients. */
function versionsOf(
  key: SqlFragment,
  { visible, withheld }: Record<'visible' | 'withheld', SqlFragment>,
  { count, since, at, cursor }: HistoryQuery,
): SqlFragment {
  const which = join(
    [
      visible,
      ...(since === undefined ? [] : [sql`r.last_updated >= ${since}::timestamptz`]),
      ...(at === undefined
        ? []
        : [
            sql`r.last_updated < ${at.high}::timestamptz`,
            sql`(r.replaced_at IS NULL OR r.replaced_at > ${at.low}::timestamptz)`,
          ]),
    ],
    ' AND ',
  )
  const after = cursor === undefined ? sql`true` : sql`r.version < ${parseCursor(cursor, [VERSION])[0]}::int`
  const columns = raw(
    'bucket, rk, version, type, id, last_updated, deleted, patient, date_low, date_high, tokens, content',
  )
  return sql`
    WITH now AS (SELECT * FROM resource r WHERE ${key} AND ${visible}),
    spans AS (
      SELECT *, lead(last_updated) OVER (ORDER BY version) AS replaced_at
        FROM (SELECT ${columns} FROM now UNION ALL
              SELECT ${columns} FROM resource_version WHERE (bucket, rk) IN (SELECT bucket, rk FROM now)) v)
    SELECT ${CURRENT}${withheld},
           (SELECT count(*)::int FROM spans r WHERE ${which}) AS total
      FROM spans r WHERE ${which} AND ${after}
     ORDER BY version DESC LIMIT ${count + 1}`
}

/**
 * Everything that happened to all resources of these types, newest first, as far as the caller may search them. Pages start
 * where the one before ended, so what is written meanwhile neither moves nor repeats anything. With `since` it tells also what had an
 * earlier time than that moment and could not be seen yet when the moment was told.
 */
export async function historyOfTypes(
  rooms: ReaderRooms,
  access: Access,
  types: readonly string[],
  query: HistoryQuery,
): Promise<HistoryPage> {
  const kindOf = (type: string) => rooms.reachOf(access, type, 's').kind
  const open = types.filter((type) => kindOf(type) === 'all')
  const closed = types.filter((type) => kindOf(type) !== 'all' && kindOf(type) !== 'none')
  const seen = withinReaches(rooms, access, closed, 's')
  const total = query.wantsTotal ? { total: await countOfTypes(rooms, { open, closed, seen }, query) } : {}
  if (query.count === 0) return { versions: [], ...total }
  // Before anything is read. Inside of a transaction nobody follows anything.
  const isFirst = query.cursor === undefined && !isTransaction(rooms.pool)
  const until = isFirst ? { until: (await tellMoment(rooms.pool, rooms.now())).toISOString() } : {}
  const parts = [
    ...(open.length > 0 ? [fromFeed(open, query)] : []),
    ...(open.length > 0 && query.since !== undefined ? [fromLate(open, query, query.since)] : []),
    ...(closed.length > 0 ? [fromVersions(closed, seen, query)] : []),
  ]
  const withheld = withheldFrom(rooms, access)
  if (parts.length === 0) return { versions: [], ...total, ...until }
  const { rows } = await rooms.pool.query<HistoryRow>(
    prepared(
      sql`SELECT ${CURRENT}, r.bucket, r.rk${withheld}
            FROM (${join(parts, ' UNION ALL ')}) r ${newestFirst(query.count)}`,
    ),
  )
  const shown = rows.slice(0, query.count)
  const last = shown.at(-1)
  return {
    versions: shown.map(toVersion),
    ...total,
    ...until,
    ...(rows.length > shown.length &&
      last && { next: toCursor([last.last_updated.toISOString(), last.bucket, last.rk]) }),
  }
}

/** `closed`: types of which only some is seen, namely what `seen` says. */
type Counted = { open: string[]; closed: string[]; seen: SqlFragment }

/** How many versions there are, on all pages together. */
async function countOfTypes(
  { pool }: ReaderRooms,
  { open, closed, seen }: Counted,
  { cursor: _cursor, ...query }: HistoryQuery,
): Promise<number> {
  const ofFeed = sinceOrLate(
    query,
    conditions(query, 'e', 'recorded_at'),
    (rest, since) => sql`
    ${isLateSince(since)} AND ${conditions(rest, 'e', 'recorded_at')}`,
  )
  const { rows } = await pool.query<{ total: number }>(
    prepared(sql`
      SELECT (SELECT count(*) FROM event e WHERE e.type = ANY(${open}::text[]) AND ${ofFeed})::int
             + ${closed.length > 0 ? sql`(SELECT count(*) FROM ${versionsOfTypes(closed, seen)} WHERE ${seen} AND ${ofVersions(query)})::int` : sql`0`}
             AS total`),
  )
  return rows[0]?.total ?? 0
}

/** One resource has no two versions of the same instant, so time and key are an order without ties. */
const newestFirst = (count: number) => sql`ORDER BY last_updated DESC, bucket DESC, rk DESC LIMIT ${count + 1}`

/** The columns of a version, of an event `e` and what is stored of it in `r` and `v`. */
const OF_EVENT = sql`
  SELECT e.type, e.id, e.version, e.recorded_at AS last_updated, e.interaction = 'delete' AS deleted, e.bucket, e.rk,
         CASE WHEN r.version = e.version THEN r.patient ELSE v.patient END AS patient,
         CASE WHEN r.version = e.version THEN r.tokens ELSE v.tokens END AS tokens,
         CASE WHEN r.version = e.version THEN r.content ELSE v.content END AS content`
const STORED_OF_EVENT = sql`
  JOIN resource r ON r.bucket = e.bucket AND r.rk = e.rk
  LEFT JOIN resource_version v ON v.bucket = e.bucket AND v.rk = e.rk AND v.version = e.version`

/** What is older than `since` and could not be seen then: a few, found by their transactions. */
function fromLate(types: string[], { since: _since, ...query }: HistoryQuery, since: string): SqlFragment {
  return sql`(
    ${OF_EVENT}
      FROM event e ${STORED_OF_EVENT}
     WHERE ${isLateSince(since)} AND e.type = ANY(${types}::text[]) AND ${conditions(query, 'e', 'recorded_at')}
     ORDER BY e.recorded_at DESC, e.bucket DESC, e.rk DESC LIMIT ${query.count + 1})`
}

/** Each type's newest events come from the index (type, recorded_at); for all types together that is one descent for each. */
function fromFeed(types: string[], query: HistoryQuery): SqlFragment {
  return sql`(
    ${OF_EVENT}
      FROM (SELECT e.* FROM unnest(${types}::text[]) AS t(type) CROSS JOIN LATERAL (
              SELECT e.type, e.id, e.version, e.recorded_at, e.interaction, e.bucket, e.rk
                FROM event e WHERE e.type = t.type AND ${conditions(query, 'e', 'recorded_at')}
               ORDER BY e.recorded_at DESC, e.bucket DESC, e.rk DESC LIMIT ${query.count + 1}) e
             ORDER BY e.recorded_at DESC, e.bucket DESC, e.rk DESC LIMIT ${query.count + 1}) e
      ${STORED_OF_EVENT})`
}

/** From what the caller may see now, each version judged by itself too. */
function fromVersions(types: string[], seen: SqlFragment, query: HistoryQuery): SqlFragment {
  return sql`(
    SELECT r.type, r.id, r.version, r.last_updated, r.deleted, r.bucket, r.rk, r.patient, r.tokens, r.content
      FROM ${versionsOfTypes(types, seen)}
     WHERE ${seen} AND ${ofVersions(query)} ${newestFirst(query.count)})`
}

/** Here nothing is found by its time, so that the late ones can be asked for in the same breath. */
const ofVersions = (query: HistoryQuery): SqlFragment =>
  sinceOrLate(
    query,
    conditions(query, 'r', 'last_updated'),
    (rest, since) => sql`
    (r.bucket, r.rk, r.version) IN (SELECT e.bucket, e.rk, e.version FROM event e WHERE ${isLateSince(since)})
    AND ${conditions(rest, 'r', 'last_updated')}`,
  )

/** @param late the condition for what is older than `since`, of the query without it */
function sinceOrLate(
  { since, ...rest }: HistoryQuery,
  byTime: SqlFragment,
  late: (rest: HistoryQuery, since: string) => SqlFragment,
): SqlFragment {
  return since === undefined ? byTime : sql`((${byTime}) OR (${late(rest, since)}))`
}

/** Every version `r` of what is in reach now. */
function versionsOfTypes(types: string[], seen: SqlFragment): SqlFragment {
  const columns = raw(
    'type, id, version, last_updated, deleted, bucket, rk, patient, date_low, date_high, tokens, content',
  )
  return sql`(
    WITH now AS (SELECT * FROM resource r WHERE r.type = ANY(${types}::text[]) AND ${seen})
    SELECT ${columns} FROM now UNION ALL
    SELECT ${columns} FROM resource_version WHERE (bucket, rk) IN (SELECT bucket, rk FROM now)) r`
}

/** @param alias the rows that stand for versions; `instant` is the column that says when they were made */
function conditions({ since, at, cursor }: HistoryQuery, alias: 'e' | 'r', instant: string): SqlFragment {
  const row = raw(alias)
  const madeAt = raw(`${alias}.${instant}`)
  const all: SqlFragment[] = [sql`true`]
  if (since !== undefined) all.push(sql`${madeAt} >= ${since}::timestamptz`)
  if (at !== undefined) {
    const replaced = (table: string) => sql`
      EXISTS (SELECT FROM ${raw(table)} n WHERE n.bucket = ${row}.bucket AND n.rk = ${row}.rk
                 AND n.version = ${row}.version + 1 AND n.last_updated <= ${at.low}::timestamptz)`
    all.push(
      sql`${madeAt} < ${at.high}::timestamptz AND NOT ${replaced('resource')} AND NOT ${replaced('resource_version')}`,
    )
  }
  if (cursor !== undefined) {
    const [instantAt, bucket, rk] = parseCursor(cursor, [INSTANT, BUCKET, KEY])
    // The first part says nothing new; it lets the index start where the page starts.
    all.push(sql`${madeAt} <= ${instantAt}::timestamptz
      AND (${madeAt}, ${row}.bucket, ${row}.rk) < (${instantAt}::timestamptz, ${bucket}::smallint, ${rk}::bigint)`)
  }
  return join(all, ' AND ')
}

const VERSION = /^\d{1,9}$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const BUCKET = /^\d{1,4}$/
const KEY = /^\d{1,18}$/

const toCursor = (place: (string | number)[]): string => Buffer.from(JSON.stringify(place)).toString('base64url')

function parseCursor(cursor: string, forms: RegExp[]): string[] {
  const place = parseList(cursor).map(String)
  if (place.length !== forms.length || !forms.every((form, i) => form.test(place[i] ?? ''))) {
    throw refuse('value', '_cursor is not from a link of this history.', '_cursor')
  }
  return place
}

function parseList(cursor: string): unknown[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}
