import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Access } from '../access/access.ts'
import { toScopeText } from '../access/scopes.ts'
import { prepared } from '../db/pool.ts'
import { join, type SqlFragment, sql } from '../db/sql.ts'
import { isUuid } from '../db/uuid.ts'
import { filterCondition, type Subject } from '../search/compile-filter.ts'
import { allOf } from '../search/reach-condition.ts'
import { resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { ABOUT_SOMEBODY, aboutToken, compartmentToken, tokenHash } from '../search/token-hash.ts'
import { scopeOf, withinReach, withinReaches } from './reach-sql.ts'
import type { ResourceKey } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'
import { codesFor } from './search.ts'

/** What is taken out. */
export type ExportAsked = {
  /** The whole request, as the manifest tells it. */
  request: string
  types: string[]
  /** Of everybody and everything; of patients alone; of these patients alone (ids). */
  whose: 'all' | 'patients' | string[]
  /** Instant; only what was stored then or later. */
  since?: string | undefined
  /** Of these types only what one of the searches finds: query strings. */
  filters?: Record<string, string[]> | undefined
}
export type ExportJob = {
  id: string
  asked: ExportAsked
  /** What was stored by then is in it, and nothing else. */
  transactionTime: Date
  expiresAt: Date
  /** Whatever was being written at the time has been written, so that the lines can be read. */
  isSettled: boolean
  /** What it is made of, as it was worked out for the first manifest of these scopes; undefined before. */
  contents?: KeptContents | undefined
}
/** Where some of the resources of one type stand: behind the one, up to and with the other; left out, from the first, to the last. */
export type ExportPart = { after?: ResourceKey | undefined; until?: ResourceKey | undefined }
/** Files of a size that is soon fetched again: each resource is in one of those of its type, and a type of which there is nothing has none. */
export type ExportContents = { files: (ExportPart & { type: string })[]; hasDeleted: boolean }
/** With the scopes by which it was worked out: whoever comes with others does not see the same. */
type KeptContents = ExportContents & { scopes?: string[] }
/** Some of the resources of one type. */
export type ExportPage = { lines: string[]; patients: string[]; next?: ResourceKey }

/** Some of what was deleted: `Goal/1`. */
export type DeletedPage = { references: string[]; next?: ResourceKey }

/** Many resources as they were at one moment. Every function takes the Access first; a job is only there for whoever began it. */
export type BulkExports = {
  begin(access: Access, asked: ExportAsked): Promise<string>
  find(access: Access, id: string): Promise<ExportJob | undefined>
  /**
   * What it is made of: worked out by a walk over all of it when it is asked for first, and the same from then on, in every process, for
   * whoever comes with the same scopes; with others it is worked out anew.
   * @param job one that is settled
   * @returns undefined where the export was removed meanwhile
   */
  contentsOf(access: Access, job: ExportJob): Promise<ExportContents | undefined>
  page(access: Access, job: ExportJob, type: string, part?: ExportPart): Promise<ExportPage>
  /** What was deleted between `since` and the moment of the export, whatever searches it was narrowed by. Nothing without `since`. */
  deleted(access: Access, job: ExportJob, after?: ResourceKey): Promise<DeletedPage>
  /** @returns whether there was one */
  remove(access: Access, id: string): Promise<boolean>
}

const KEPT_HOURS = 24
/** So long at most a write has its time before its transaction begins. */
const SETTLING_SECONDS = 2
const PAGE_COUNT = 500
/** Some 50 MB of Observations: half a minute. */
const PART_COUNT = 50_000
const FIRST: ResourceKey = { rk: '0', bucket: -1 }

type JobRow = {
  id: string
  asked: ExportAsked
  taken_at: Date
  expires_at: Date
  is_settled: boolean | null
  contents: KeptContents | null
}
type LineRow = ResourceKey & { patient: string | null; content: string }

/**
 * @param parse a search as the request has it: of this type, by this query string @throws Refusal
 * @param partCount how many resources a part has
 */
export function createBulkExports(
  rooms: ReaderRooms,
  parse: (type: string, query: string) => SearchQuery,
  partCount = PART_COUNT,
): BulkExports {
  const { pool, now } = rooms
  /** Of a type that searches narrow: what one of them finds. */
  async function foundBy(access: Access, { asked: { filters = {} } }: ExportJob, type: string): Promise<SqlFragment[]> {
    const queries = filters[type]
    if (!queries) return []
    const codes = codesFor(rooms, access)
    const resolved = await Promise.all(queries.map((query) => resolveTerms(parse(type, query), codes)))
    const subject: Subject = { alias: 'r', type, depth: 0, byPatient: false }
    const scope = scopeOf(rooms, access)
    const each = resolved.map(({ filters: all }) => allOf(all.map((filter) => filterCondition(filter, subject, scope))))
    return [sql`(${join(each, ' OR ')})`]
  }
  /** What this caller gets of a type, behind a place. */
  const wanted = async (access: Access, job: ExportJob, type: string, after: ResourceKey): Promise<SqlFragment> => {
    const conditions = [isIn(job), withinReach(rooms, access, type, 's'), ...(await foundBy(access, job, type))]
    return sql`r.type = ${type} AND ${isBehind(after)} AND ${join(conditions, ' AND ')}`
  }
  const isTheirs = ({ clientId, actor }: Access, id: string) =>
    sql`id = ${id}::uuid AND client = ${clientId} AND actor = ${actor} AND expires_at > now()`
  /** The types of which there is something. */
  async function typesIn(access: Access, job: ExportJob): Promise<string[]> {
    const { types, filters = {} } = job.asked
    const [narrowed, whole] = [types.filter((type) => filters[type]), types.filter((type) => !filters[type])]
    const { rows } = await pool.query<{ type: string }>(
      prepared(sql`
        SELECT t.type FROM unnest(${whole}::text[]) AS t(type)
         WHERE EXISTS (SELECT FROM ${asOf(job)} WHERE r.type = t.type AND ${isIn(job)}
                          AND ${withinReaches(rooms, access, types, 's')})`),
    )
    const found = rows.map(({ type }) => type)
    for (const type of narrowed) {
      const conditions = [isIn(job), withinReach(rooms, access, type, 's'), ...(await foundBy(access, job, type))]
      const { rowCount } = await pool.query(
        sql`SELECT FROM ${asOf(job)} WHERE r.type = ${type} AND ${join(conditions, ' AND ')} LIMIT 1`,
      )
      if (rowCount === 1) found.push(type)
    }
    return found.sort()
  }
  /** One at least. */
  async function partsOf(access: Access, job: ExportJob, type: string): Promise<ExportPart[]> {
    const parts: ExportPart[] = []
    for (let after = FIRST; ; ) {
      const { rows } = await pool.query<ResourceKey>(
        prepared(sql`
          SELECT r.bucket, r.rk FROM ${asOf(job)} WHERE ${await wanted(access, job, type, after)}
           ORDER BY r.rk, r.bucket OFFSET ${partCount - 1} LIMIT 2`),
      )
      const [until, another] = rows
      const from = after === FIRST ? {} : { after }
      // What is stored at the end of a part and has nothing behind it ends the last one.
      if (!until || !another) return [...parts, from]
      parts.push({ ...from, until })
      after = until
    }
  }
  async function deleted(access: Access, job: ExportJob, after = FIRST): Promise<DeletedPage> {
    const { types, since } = job.asked
    if (since === undefined) return { references: [] }
    const { rows } = await pool.query<ResourceKey & { type: string; id: string }>(
      prepared(sql`
        SELECT r.bucket, r.rk, r.type, r.id FROM ${asOf(job)}
         WHERE r.type = ANY(${types}::text[]) AND ${isBehind(after)}
           AND ${wasDeleted(job, since)} AND ${withinReaches(rooms, access, types, 's')}
         ORDER BY r.rk, r.bucket LIMIT ${PAGE_COUNT}`),
    )
    const last = rows.at(-1)
    return {
      references: rows.map(({ type, id }) => `${type}/${id}`),
      ...(rows.length === PAGE_COUNT && last ? { next: { rk: last.rk, bucket: last.bucket } } : {}),
    }
  }
  async function workOut(access: Access, job: ExportJob): Promise<ExportContents> {
    const files: ExportContents['files'] = []
    for (const type of await typesIn(access, job))
      files.push(...(await partsOf(access, job, type)).map((part) => ({ type, ...part })))
    const { references } = await deleted(access, job)
    return { files, hasDeleted: references.length > 0 }
  }
  return {
    async begin({ clientId, actor }, asked) {
      const id = randomUUID()
      await pool.query(sql`DELETE FROM bulk_export WHERE expires_at <= now()`)
      await pool.query(sql`
        INSERT INTO bulk_export (id, client, actor, asked, taken_at, expires_at)
        VALUES (${id}, ${clientId}, ${actor}, ${JSON.stringify(asked)}::jsonb, ${now().toISOString()},
                now() + make_interval(hours => ${KEPT_HOURS}))`)
      return id
    },
    async find(access, id) {
      if (!isUuid(id)) return undefined
      const { rows } = await pool.query<JobRow>(sql`
        UPDATE bulk_export SET settled_at = coalesce(settled_at, CASE
                 WHEN requested_at <= now() - make_interval(secs => ${SETTLING_SECONDS}) THEN pg_snapshot_xmax(pg_current_snapshot()) END)
         WHERE ${isTheirs(access, id)}
        RETURNING id, asked, taken_at, expires_at, pg_snapshot_xmin(pg_current_snapshot()) >= settled_at AS is_settled, contents`)
      return rows[0] && toJob(rows[0])
    },
    async contentsOf(access, job) {
      const scopes = access.scopes.map(toScopeText).sort()
      if (job.contents && isDeepStrictEqual(job.contents.scopes, scopes)) return withoutScopes(job.contents)
      const contents = JSON.stringify({ ...(await workOut(access, job)), scopes })
      // Of two that were asked at the same time, the first to be there is what both tell.
      const { rows } = await pool.query<{ contents: KeptContents }>(sql`
        UPDATE bulk_export SET contents = CASE WHEN contents->'scopes' = ${JSON.stringify(scopes)}::jsonb THEN contents ELSE ${contents}::jsonb END
         WHERE ${isTheirs(access, job.id)} RETURNING contents`)
      return rows[0] && withoutScopes(rows[0].contents)
    },
    async page(access, job, type, { after = FIRST, until } = {}) {
      const isUpTo = until ? sql`AND (r.rk, r.bucket) <= (${until.rk}::bigint, ${until.bucket}::smallint)` : sql``
      const { rows } = await pool.query<LineRow>(
        prepared(sql`
          SELECT r.bucket, r.rk, r.patient, coalesce(old.content, r.content) AS content FROM ${asOf(job)}
           WHERE ${await wanted(access, job, type, after)} ${isUpTo}
           ORDER BY r.rk, r.bucket LIMIT ${PAGE_COUNT}`),
      )
      const last = rows.at(-1)
      return {
        lines: rows.map(({ content }) => `${content}\n`),
        patients: [...new Set(rows.flatMap(({ patient }) => patient ?? []))],
        ...(rows.length === PAGE_COUNT && last ? { next: { rk: last.rk, bucket: last.bucket } } : {}),
      }
    },
    deleted,
    async remove(access, id) {
      if (!isUuid(id)) return false
      const { rowCount } = await pool.query(sql`DELETE FROM bulk_export WHERE ${isTheirs(access, id)}`)
      return rowCount === 1
    },
  }
}

/** The first condition is the index's. */
const isBehind = ({ rk, bucket }: ResourceKey): SqlFragment =>
  sql`r.rk >= ${rk}::bigint AND (r.rk, r.bucket) > (${rk}::bigint, ${bucket}::smallint)`

const withoutScopes = ({ scopes: _, ...contents }: KeptContents): ExportContents => contents

const toJob = ({ id, asked, taken_at, expires_at, is_settled, contents }: JobRow): ExportJob => ({
  ...{ id, asked, transactionTime: taken_at, expiresAt: expires_at, isSettled: is_settled === true },
  ...(contents ? { contents } : {}),
})

/** Rows `r` with the version `old` that they had then, where they have changed since. */
const asOf = ({ transactionTime }: ExportJob): SqlFragment => sql`
  resource r LEFT JOIN LATERAL (
    SELECT v.content, v.deleted, v.last_updated FROM resource_version v
     WHERE v.bucket = r.bucket AND v.rk = r.rk AND v.last_updated <= ${transactionTime.toISOString()}::timestamptz
     ORDER BY v.version DESC LIMIT 1) old ON r.last_updated > ${transactionTime.toISOString()}::timestamptz`

/** It was there then, and is what was asked for. */
function isIn({ transactionTime, asked: { whose, since } }: ExportJob): SqlFragment {
  const isThere = sql`CASE WHEN r.last_updated <= ${transactionTime.toISOString()}::timestamptz THEN NOT r.deleted ELSE old.content IS NOT NULL END`
  return join(
    [
      isThere,
      ...(since === undefined ? [] : [sql`coalesce(old.last_updated, r.last_updated) >= ${since}::timestamptz`]),
      ...(whose === 'all' ? [] : [ofPatients(whose)]),
    ],
    ' AND ',
  )
}

/** It was gone then, and had gone since the export before. */
function wasDeleted({ transactionTime, asked: { whose } }: ExportJob, since: string): SqlFragment {
  const wasGone = sql`CASE WHEN r.last_updated <= ${transactionTime.toISOString()}::timestamptz THEN r.deleted ELSE old.deleted END`
  const atLeast = sql`coalesce(old.last_updated, r.last_updated) >= ${since}::timestamptz`
  return join([wasGone, atLeast, ...(whose === 'all' ? [] : [ofPatients(whose)])], ' AND ')
}

function ofPatients(whose: 'patients' | string[]): SqlFragment {
  if (whose === 'patients') return sql`(r.patient IS NOT NULL OR r.tokens && ${[tokenHash(ABOUT_SOMEBODY)]}::bigint[])`
  const tokens = whose.flatMap((id) => [compartmentToken(id), aboutToken(id)].map(tokenHash))
  return sql`(r.patient = ANY(${whose}::text[]) OR r.tokens && ${tokens}::bigint[])`
}
