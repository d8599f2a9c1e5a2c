import { hash } from 'node:crypto'
import type { Access } from '../access/access.ts'
import { toScopeText } from '../access/scopes.ts'
import { prepared } from '../db/pool.ts'
import { join, raw, type SqlFragment, sql } from '../db/sql.ts'
import { filterCondition, reachCondition, type Subject } from '../search/compile-filter.ts'
import { allOf } from '../search/reach-condition.ts'
import { resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { ABOUT_SOMEBODY, aboutToken, compartmentToken, tokenHash } from '../search/token-hash.ts'
import type { ExportJob } from './bulk-export.ts'
import { isLateSince } from './moments.ts'
import { scopeOf, withinReach } from './reach-sql.ts'
import type { ResourceKey } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'
import { codesFor } from './search.ts'

// The rows of an export, in SQL: `r` is a resource as it is now, `old` the version that it had at the moment of the export, where it has
// changed since.

/** Of a type of which only some are taken out, these have been found and written down beforehand. */
export const isNarrowed = ({ asked: { filters = {} } }: ExportJob, type: string): boolean => type in filters

export type RowsAsked = {
  columns: SqlFragment
  /** Beside what this caller gets of the type. */
  also?: SqlFragment[]
  /** Order and limit, of each part. */
  tail?: SqlFragment
}

/**
 * What this caller gets of a type. Two parts, what is there and what was deleted since, because each has an index of its own, in the
 * order of the keys: without, each page of 500 would be a walk over all.
 */
export function rowsOf(
  rooms: ReaderRooms,
  access: Access,
  job: ExportJob,
  type: string,
  { columns, also = [], tail = sql`` }: RowsAsked,
): SqlFragment {
  const conditions = join([isWanted(rooms, access, job, type), ...also], ' AND ')
  const at = sql`${job.transactionTime.toISOString()}::timestamptz`
  const wasThere = sql`(r.last_updated <= ${at} AND NOT r.deleted OR r.last_updated > ${at} AND old.content IS NOT NULL)`
  if (isNarrowed(job, type))
    return sql`
      SELECT ${columns} FROM bulk_export_found k JOIN resource r ON r.bucket = k.bucket AND r.rk = k.rk ${thenOf(job)}
       WHERE ${conditions} AND ${wasThere} ${tail}`
  return sql`
    (SELECT ${columns} FROM ${everyRow(job)} WHERE NOT r.deleted AND ${wasThere} AND ${conditions} ${tail}) UNION ALL
    (SELECT ${columns} FROM ${everyRow(job)} WHERE r.deleted AND ${wasThere} AND ${conditions} ${tail})`
}

const everyRow = (job: ExportJob): SqlFragment => sql`resource r ${thenOf(job)}`

/** The condition stands inside, so that for what has not changed nothing is looked for. */
function thenOf({ transactionTime }: ExportJob): SqlFragment {
  const at = sql`${transactionTime.toISOString()}::timestamptz`
  return sql`
    LEFT JOIN LATERAL (
      SELECT v.* FROM resource_version v
       WHERE r.last_updated > ${at} AND v.bucket = r.bucket AND v.rk = r.rk AND v.last_updated <= ${at}
       ORDER BY v.version DESC LIMIT 1) old ON true`
}

/** The types of which there is something, of anybody: the others need not be walked over. */
export function typesThere({ transactionTime }: ExportJob, types: string[]): SqlFragment {
  return sql`
    SELECT t.type FROM unnest(${types}::text[]) AS t(type)
     WHERE EXISTS (SELECT FROM resource r WHERE r.type = t.type AND NOT r.deleted)
        OR EXISTS (SELECT FROM resource r WHERE r.type = t.type AND r.deleted
                      AND r.last_updated > ${transactionTime.toISOString()}::timestamptz)`
}

/** What was gone then, and had gone since the export before: what is still gone, and what has come again. */
export function deletedRows(
  job: ExportJob,
  since: string,
  { columns, also = [], tail = sql`` }: RowsAsked,
): SqlFragment {
  const { types } = job.asked
  const at = sql`${job.transactionTime.toISOString()}::timestamptz`
  const asked = isAskedFor({ ...job, asked: { ...job.asked, since } })
  const conditions = join([sql`r.type = ANY(${types}::text[])`, ...asked, ...also], ' AND ')
  return sql`
    (SELECT ${columns} FROM ${everyRow(job)}
      WHERE r.deleted AND (r.last_updated <= ${at} OR old.deleted) AND ${conditions} ${tail}) UNION ALL
    (SELECT ${columns} FROM ${everyRow(job)}
      WHERE NOT r.deleted AND r.last_updated > ${at} AND old.deleted AND ${conditions} ${tail})`
}

/** What this caller gets of a type: by what it is now, and by what it was then, for it may have moved between patients. */
const isWanted = (rooms: ReaderRooms, access: Access, job: ExportJob, type: string): SqlFragment =>
  join(
    [
      sql`r.type = ${type}`,
      ...(isNarrowed(job, type)
        ? [sql`k.export = ${job.id}::uuid AND k.scopes = ${scopesKey(access)}::uuid AND k.type = ${type}`]
        : []),
      ...(isAssociated(job, type) ? [...isAskedFor(ofEverybody(job)), tellsOfTypes(job)] : isAskedFor(job)),
      withinReach(rooms, access, type, 's'),
      ...withinReachThen(rooms, access, type),
    ],
    ' AND ',
  )

function withinReachThen(rooms: ReaderRooms, access: Access, type: string): SqlFragment[] {
  const conditions = reachCondition(rooms.reachOf(access, type, 's'), { ...OLD, type }, scopeOf(rooms, access))
  return conditions.length === 0 ? [] : [sql`(old.rk IS NULL OR ${allOf(conditions)})`]
}

const OLD = { alias: 'old', depth: 0, byPatient: false }

/** The first condition is the index's. */
export function isBehind(job: ExportJob, type: string, { rk, bucket }: ResourceKey): SqlFragment {
  const key = raw(isNarrowed(job, type) ? 'k' : 'r')
  return sql`${key}.rk >= ${rk}::bigint AND (${key}.rk, ${key}.bucket) > (${rk}::bigint, ${bucket}::smallint)`
}

export const isUpTo = ({ rk, bucket }: ResourceKey): SqlFragment =>
  sql`r.rk <= ${rk}::bigint AND (r.rk, r.bucket) <= (${rk}::bigint, ${bucket}::smallint)`

export const orderOf = (job: ExportJob, type: string): SqlFragment =>
  isNarrowed(job, type) ? sql`ORDER BY k.rk, k.bucket` : sql`ORDER BY r.rk, r.bucket`

/** Of those whose records are taken out, and stored since the moment that was told the last time. */
function isAskedFor({ asked: { whose, since } }: ExportJob): SqlFragment[] {
  return [
    ...(since === undefined ? [] : [isSince(since)]),
    ...(whose === 'all' ? [] : [ofPatients('r', whose), sql`(old.rk IS NULL OR ${ofPatients('old', whose)})`]),
  ]
}

const isSince = (since: string): SqlFragment => sql`
  (coalesce(old.last_updated, r.last_updated) >= ${since}::timestamptz
   OR (r.bucket, r.rk) IN (SELECT e.bucket, e.rk FROM event e WHERE ${isLateSince(since)}))`

function ofPatients(alias: 'r' | 'old', whose: 'patients' | string[]): SqlFragment {
  const row = raw(alias)
  if (whose === 'patients')
    return sql`(${row}.patient IS NOT NULL OR ${row}.tokens && ${[tokenHash(ABOUT_SOMEBODY)]}::bigint[])`
  const tokens = whose.flatMap((id) => [compartmentToken(id), aboutToken(id)].map(tokenHash))
  return sql`(${row}.patient = ANY(${whose}::text[]) OR ${row}.tokens && ${tokens}::bigint[])`
}

/** Provenances that nobody asked for by their type. */
const isAssociated = ({ asked: { isWithProvenance } }: ExportJob, type: string): boolean =>
  type === PROVENANCE && isWithProvenance === true

/** A Provenance is in the compartment of a patient only where it tells of the Patient itself. */
const ofEverybody = (job: ExportJob): ExportJob => ({ ...job, asked: { ...job.asked, whose: 'all' } })

/** Those that tell of something of the types that are taken out. */
function tellsOfTypes({ asked: { types } }: ExportJob): SqlFragment {
  const targets = `(^|/)(${types.filter((one) => one !== PROVENANCE).join('|')})/[^/]+(/_history/[^/]+)?$`
  return sql`EXISTS (SELECT FROM jsonb_array_elements(coalesce(old.content, r.content)::jsonb -> 'target') t
                      WHERE t ->> 'reference' ~ ${targets}::text)`
}

export const PROVENANCE = 'Provenance'

export const scopesOf = ({ scopes }: Access): string[] => scopes.map(toScopeText).sort()

/** The scopes as the tables have them. */
const scopesKey = (access: Access): string => hash('sha256', scopesOf(access).join(' '), 'hex').slice(0, 32)

/**
 * Writes down what the searches of a type find, in one statement: all of it is of one snapshot. Done once for these scopes, by whichever
 * process is there first; the others wait for it.
 * @param parse a search as the request has it: of this type, by this query string @throws Refusal
 */
export async function findNarrowed(
  rooms: ReaderRooms,
  access: Access,
  job: ExportJob,
  { type, parse }: { type: string; parse: (type: string, query: string) => SearchQuery },
): Promise<void> {
  const key = sql`${job.id}::uuid, ${scopesKey(access)}::uuid, ${type}::text`
  const { rowCount } = await rooms.pool.query(
    prepared(sql`SELECT FROM bulk_export_narrowed WHERE (export, scopes, type) = (${key})`),
  )
  if (rowCount === 1) return
  const codes = codesFor(rooms, access)
  const queries = job.asked.filters?.[type] ?? []
  const resolved = await Promise.all(queries.map((query) => resolveTerms(parse(type, query), codes)))
  const subject: Subject = { alias: 'r', type, depth: 0, byPatient: false }
  const scope = scopeOf(rooms, access)
  const each = resolved.map(({ filters }) => allOf(filters.map((filter) => filterCondition(filter, subject, scope))))
  const whole = { ...job, asked: { ...job.asked, filters: {} } }
  // Whoever is second waits at the mark until the first has ended; where the export was removed there is nothing to do.
  await rooms.pool.query(sql`
    WITH mark AS (
      INSERT INTO bulk_export_narrowed (export, scopes, type)
      SELECT ${key} FROM bulk_export WHERE id = ${job.id}::uuid FOR KEY SHARE
      ON CONFLICT DO NOTHING RETURNING type)
    INSERT INTO bulk_export_found (export, scopes, type, rk, bucket)
    SELECT ${key}, found.rk, found.bucket FROM (
      ${rowsOf(rooms, access, whole, type, { columns: sql`r.rk, r.bucket`, also: [sql`(${join(each, ' OR ')})`] })}) found
     WHERE EXISTS (SELECT FROM mark)
    ON CONFLICT DO NOTHING`)
}
