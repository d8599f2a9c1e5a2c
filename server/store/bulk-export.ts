import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { isUuid } from '../db/uuid.ts'
import type { SearchQuery } from '../search/search-query.ts'
import {
  deletedRows,
  findNarrowed,
  isBehind,
  isNarrowed,
  isUpTo,
  orderOf,
  rowsOf,
  scopesOf,
  typesThere,
} from './export-rows.ts'
import { markMoment } from './moments.ts'
import { withinReaches } from './reach-sql.ts'
import type { ResourceKey } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'

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
  /** Of each resource only these elements, and what none is without. */
  elements?: string[] | undefined
  /** With the Provenances, which are not asked for by their type, that tell of the types that are. */
  isWithProvenance?: boolean | undefined
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
/** `count`: how many resources there are in it. */
export type ExportFile = ExportPart & { type: string; count: number }
/** Files of a size that is soon fetched again: each resource is in one of those of its type, and a type of which there is nothing has none. */
export type ExportContents = { files: ExportFile[]; hasDeleted: boolean }
/** With the scopes by which it was worked out: whoever comes with others does not see the same. */
type KeptContents = ExportContents & { scopes?: string[] }
/** Some of the resources of one type. */
export type ExportPage = { lines: string[]; patients: string[]; next?: ResourceKey }

/** Some of what was deleted: `Goal/1`. */
export type DeletedPage = { references: string[]; next?: ResourceKey }

/** How far the working out is, in types. */
export type ExportProgress = { done: number; count: number }

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
  /**
   * The same for those who ask again: the walk goes on while nobody waits, and is begun anew by whichever process is asked after the
   * one that was at it has gone.
   */
  contentsWithin(
    access: Access,
    job: ExportJob,
    milliseconds: number,
  ): Promise<{ contents: ExportContents | undefined } | { progress: ExportProgress }>
  /** @throws Refusal not-found where the export was removed, or its time is over: what was sent is not all of it */
  page(access: Access, job: ExportJob, type: string, part?: ExportPart): Promise<ExportPage>
  /** What was deleted between `since` and the moment of the export, whatever searches it was narrowed by. Nothing without `since`. */
  deleted(access: Access, job: ExportJob, after?: ResourceKey): Promise<DeletedPage>
  /** @returns whether there was one */
  remove(access: Access, id: string): Promise<boolean>
}

/** So long at most a write has its time before its transaction begins. What takes longer is told by the export after it. */
const SETTLING_SECONDS = 2
const PAGE_COUNT = 500
/** A page ends with the resource that makes it so large, so that large documents are not all held at once. */
const PAGE_BYTES = 4 * 1024 * 1024
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
type LineRow = ResourceKey & { patient: string | null; content: string; found: number }
type Walk = { work: Promise<ExportContents | undefined>; progress: ExportProgress }

export type ExportSettings = {
  /** A search as the request has it: of this type, by this query string. @throws Refusal */
  parse: (type: string, query: string) => SearchQuery
  keptHours: number
  /** How many resources a part has. */
  partCount?: number
}

export function createBulkExports(
  rooms: ReaderRooms,
  { parse, keptHours, partCount = PART_COUNT }: ExportSettings,
): BulkExports {
  const { pool, now } = rooms
  const walks = new Map<string, Walk>()
  const isTheirs = ({ clientId, actor }: Access, id: string) =>
    sql`id = ${id}::uuid AND client = ${clientId} AND actor = ${actor} AND expires_at > now()`
  /** None where there is nothing. One statement: the borders and the counts are of one snapshot. */
  async function filesOf(access: Access, job: ExportJob, type: string): Promise<ExportFile[]> {
    if (isNarrowed(job, type)) await findNarrowed(rooms, access, job, { type, parse })
    const { rows } = await pool.query<ResourceKey & { place: number; total: number }>(
      prepared(sql`
        SELECT bucket, rk, place::int AS place, total::int AS total
          FROM (SELECT bucket, rk, row_number() OVER (ORDER BY rk, bucket) AS place, count(*) OVER () AS total
                  FROM (${rowsOf(rooms, access, job, type, { columns: sql`r.bucket, r.rk` })}) there) numbered
         WHERE place % ${partCount}::int = 0 OR place = total ORDER BY place`),
    )
    return rows.map(({ rk, bucket, place, total }, i) => {
      const before = rows[i - 1]
      return {
        type,
        ...(before && { after: { rk: before.rk, bucket: before.bucket } }),
        ...(place < total && { until: { rk, bucket } }),
        count: place - (before?.place ?? 0),
      }
    })
  }
  async function deleted(access: Access, job: ExportJob, after = FIRST): Promise<DeletedPage> {
    const { types, since } = job.asked
    if (since === undefined) return { references: [] }
    const columns = sql`r.bucket, r.rk, r.type, r.id`
    const tail = sql`ORDER BY rk, bucket LIMIT ${PAGE_COUNT}`
    const isBehindIt = sql`r.rk >= ${after.rk}::bigint AND (r.rk, r.bucket) > (${after.rk}::bigint, ${after.bucket}::smallint)`
    const also = [isBehindIt, withinReaches(rooms, access, types, 's')]
    const { rows } = await pool.query<ResourceKey & { type: string; id: string }>(
      prepared(sql`SELECT * FROM (${deletedRows(job, since, { columns, also, tail })}) gone ${tail}`),
    )
    const last = rows.at(-1)
    return {
      references: rows.map(({ type, id }) => `${type}/${id}`),
      ...(rows.length === PAGE_COUNT && last ? { next: { rk: last.rk, bucket: last.bucket } } : {}),
    }
  }
  async function workOut(access: Access, job: ExportJob, progress?: ExportProgress): Promise<ExportContents> {
    const files: ExportFile[] = []
    const { rows } = await pool.query<{ type: string }>(prepared(typesThere(job, job.asked.types)))
    const types = rows.map(({ type }) => type)
    if (progress) progress.count = types.length
    for (const type of types.sort()) {
      files.push(...(await filesOf(access, job, type)))
      if (progress) progress.done += 1
    }
    const { references } = await deleted(access, job)
    return { files, hasDeleted: references.length > 0 }
  }
  async function contentsOf(access: Access, job: ExportJob, progress?: ExportProgress) {
    const scopes = scopesOf(access)
    if (job.contents && isDeepStrictEqual(job.contents.scopes, scopes)) return withoutScopes(job.contents)
    const contents = JSON.stringify({ ...(await workOut(access, job, progress)), scopes })
    // Of two that were asked at the same time, the first to be there is what both tell.
    const { rows } = await pool.query<{ contents: KeptContents }>(sql`
      UPDATE bulk_export SET contents = CASE WHEN contents->'scopes' = ${JSON.stringify(scopes)}::jsonb THEN contents ELSE ${contents}::jsonb END
       WHERE ${isTheirs(access, job.id)} RETURNING contents`)
    return rows[0] && withoutScopes(rows[0].contents)
  }
  function walkFor(access: Access, job: ExportJob): Walk {
    const key = JSON.stringify([job.id, scopesOf(access)])
    const known = walks.get(key)
    if (known) return known
    const progress = { done: 0, count: job.asked.types.length }
    const walk = { progress, work: contentsOf(access, job, progress) }
    walks.set(key, walk)
    const forget = () => void walks.delete(key)
    walk.work.then(forget, forget)
    return walk
  }
  async function mustBeThere(access: Access, { id }: ExportJob): Promise<void> {
    const { rowCount } = await pool.query(prepared(sql`SELECT FROM bulk_export WHERE ${isTheirs(access, id)}`))
    if (rowCount !== 1) throw refuse('not-found', `The export ${id} ended while it was fetched.`)
  }
  return {
    async begin({ clientId, actor }, asked) {
      const id = randomUUID()
      const takenAt = now()
      await pool.query(sql`DELETE FROM bulk_export WHERE expires_at <= now()`)
      await markMoment(pool, takenAt)
      await pool.query(sql`
        INSERT INTO bulk_export (id, client, actor, asked, taken_at, expires_at)
        VALUES (${id}, ${clientId}, ${actor}, ${JSON.stringify(asked)}::jsonb, ${takenAt.toISOString()},
                now() + make_interval(hours => ${keptHours}))`)
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
    contentsOf: (access, job) => contentsOf(access, job),
    async contentsWithin(access, job, milliseconds) {
      const { work, progress } = walkFor(access, job)
      const stop = new AbortController()
      const late = sleep(milliseconds, { progress }, { signal: stop.signal }).catch(() => ({ progress }))
      return Promise.race([work.then((contents) => ({ contents })), late]).finally(() => stop.abort())
    },
    async page(access, job, type, { after = FIRST, until } = {}) {
      // Whoever comes with scopes for which it was not worked out yet is not told that there is nothing.
      if (isNarrowed(job, type)) await findNarrowed(rooms, access, job, { type, parse })
      const columns = sql`r.bucket, r.rk, r.patient, coalesce(old.content, r.content) AS content`
      const also = [isBehind(job, type, after), ...(until ? [isUpTo(until)] : [])]
      const tail = sql`${orderOf(job, type)} LIMIT ${PAGE_COUNT}`
      const [{ rows }] = await Promise.all([
        pool.query<LineRow>(
          prepared(sql`
            SELECT bucket, rk, patient, content, found::int AS found
              FROM (SELECT p.*, count(*) OVER () AS found, coalesce(sum(octet_length(content)) OVER (
                             ORDER BY rk, bucket ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
                      FROM (SELECT * FROM (${rowsOf(rooms, access, job, type, { columns, also, tail })}) there
                             ORDER BY rk, bucket LIMIT ${PAGE_COUNT}) p) measured
             WHERE bytes_before < ${PAGE_BYTES}::bigint ORDER BY rk, bucket`),
        ),
        mustBeThere(access, job),
      ])
      const last = rows.at(-1)
      const isMore = last && (rows.length < last.found || last.found === PAGE_COUNT)
      return {
        lines: rows.map(({ content }) => content),
        patients: [...new Set(rows.flatMap(({ patient }) => patient ?? []))],
        ...(isMore ? { next: { rk: last.rk, bucket: last.bucket } } : {}),
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

const withoutScopes = ({ scopes: _, ...contents }: KeptContents): ExportContents => contents

const toJob = ({ id, asked, taken_at, expires_at, is_settled, contents }: JobRow): ExportJob => ({
  ...{ id, asked, transactionTime: taken_at, expiresAt: expires_at, isSettled: is_settled === true },
  ...(contents ? { contents } : {}),
})
