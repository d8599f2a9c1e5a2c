import { parseJson } from '../../core/fhir/json.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { prepared, type Tx } from '../../db/pool.ts'
import { join, raw, sql } from '../../db/sql.ts'
import { type IndexRow, SIDE_TABLES } from '../../search/index-row.ts'
import type { AccessRows } from '../relations/relation-row.ts'
import { accessCleared, accessParts } from '../relations/statements.ts'
import type { ResourceKey } from '../resource-key.ts'
import { sideParts } from '../statements.ts'
import { type Job, takeJobs } from './jobs.ts'

/** Without content: it was deleted while we waited for it, and there is nothing to find in it. */
type Stored = ResourceKey & { tokens: string[]; content: string | null }
type Indexed = ResourceKey & { type: string; tokens: string[]; index: IndexRow; relations: AccessRows | undefined }

/** What is put down of a resource: its index, and what it says of who has to do with whom. */
export type Indexing = {
  index: (resource: Resource) => IndexRow
  relations?: (resource: Resource) => AccessRows | undefined
}

/** Resources in one transaction: some tens of milliseconds in which a writer of one of them has to wait. */
const BATCH_COUNT = 200

/**
 * Takes the next resources through the index: one transaction, in which they are locked, so that a change of one of them comes
 * wholly before or wholly after.
 * @param indexing with the definitions that the jobs were made for
 * @returns how many resources it looked at and which jobs are finished now; undefined when there is nothing to do
 */
export async function reindexBatch(
  tx: Tx,
  { index, relations }: Indexing,
  countMax = BATCH_COUNT,
): Promise<{ count: number; finished: Job[] } | undefined> {
  // One worker at a time, on whatever process; the others look again later.
  const { rows } = await tx.query<{ mine: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtext('reindex')) AS mine`)
  if (!rows[0]?.mine) return undefined
  const jobs = await takeJobs(tx)
  const first = jobs[0]
  if (!first) return undefined
  await countTotals(tx, jobs)
  const stored = await lockNext(tx, first, countMax)
  const last = stored.reduce<ResourceKey>((end, row) => (isBeyond(row, end) ? row : end), first)
  const reached = jobs.filter((job) => !isBeyond(job, last))
  const keys = [...new Set(reached.flatMap((job) => job.keys))]
  const indexedOf = (row: Omit<Stored, 'content'>, resource: Resource): Indexed => ({
    ...{ ...row, type: first.type, index: index(resource), relations: relations?.(resource) },
  })
  const indexed = stored.flatMap(({ content, ...row }) =>
    content === null ? [] : [indexedOf(row, parseJson(content) as Resource)],
  )
  if (indexed.length > 0) await writeIndex(tx, indexed, keys)
  const isEnd = stored.length < countMax
  await moveOn(tx, reached, last, stored.length, isEnd)
  return { count: stored.length, finished: isEnd ? reached : [] }
}

const isBeyond = (one: ResourceKey, other: ResourceKey): boolean =>
  BigInt(one.rk) > BigInt(other.rk) || (one.rk === other.rk && one.bucket > other.bucket)

/** Locked in the order in which writers lock, so that the two never wait for each other. */
async function lockNext(tx: Tx, { type, rk, bucket }: Job, countMax: number): Promise<Stored[]> {
  const { rows } = await tx.query<Stored>(
    prepared(sql`
      WITH next AS (
        SELECT bucket, rk FROM resource
         WHERE type = ${type} AND NOT deleted AND rk >= ${rk}::bigint AND (rk, bucket) > (${rk}::bigint, ${bucket}::smallint)
         ORDER BY rk LIMIT ${countMax})
      SELECT r.bucket, r.rk, r.tokens, r.content FROM resource r JOIN next USING (bucket, rk)
       ORDER BY r.bucket, r.rk FOR UPDATE OF r`),
  )
  return rows
}

/** Tokens are replaced where they differ; of the side tables only the rows of these keys. */
async function writeIndex(tx: Tx, rows: Indexed[], keys: number[]): Promise<void> {
  const changed = rows.filter(({ tokens, index }) => !isSame(tokens, index.tokens))
  const ofKeys = rows.map((row) => ({ ...row, index: { ...row.index, side: sideOf(row.index, new Set(keys)) } }))
  const where = sql`unnest(${rows.map(({ bucket }) => bucket)}::smallint[], ${rows.map(({ rk }) => rk)}::bigint[]) AS k(bucket, rk)`
  const parts = [
    ...SIDE_TABLES.map(
      ({ name }) => sql`${raw(`${name}_cleared`)} AS (
        DELETE FROM ${raw(name)} s USING ${where} WHERE s.bucket = k.bucket AND s.rk = k.rk AND s.key = ANY(${keys}::int[]))`,
    ),
    ...sideParts(ofKeys),
    ...(rows.some(({ relations }) => relations !== undefined) ? [...accessCleared(rows), ...accessParts(rows)] : []),
    sql`tokens_replaced AS (
      UPDATE resource r SET tokens = n.tokens::bigint[]
        FROM unnest(${changed.map(({ bucket }) => bucket)}::smallint[], ${changed.map(({ rk }) => rk)}::bigint[],
                    ${changed.map(({ index }) => `{${index.tokens.join(',')}}`)}::text[]) AS n(bucket, rk, tokens)
       WHERE r.bucket = n.bucket AND r.rk = n.rk)`,
  ]
  await tx.query(prepared(sql`WITH ${join(parts, ',\n')} SELECT 1`))
}

function isSame(before: string[], after: string[]): boolean {
  const known = new Set(before)
  return known.size === after.length && after.every((token) => known.has(token))
}

function sideOf({ side }: IndexRow, keys: ReadonlySet<number>): IndexRow['side'] {
  return Object.fromEntries(
    Object.entries(side).map(([table, rows]) => [table, rows.filter(([key]) => keys.has(Number(key)))]),
  )
}

async function countTotals(tx: Tx, jobs: Job[]): Promise<void> {
  const uncounted = jobs.filter(({ total }) => total === null)
  if (uncounted.length === 0) return
  await tx.query(sql`
    UPDATE reindex_job SET total = (SELECT count(*) FROM resource r WHERE r.type = reindex_job.type AND NOT r.deleted)
     WHERE type = ${uncounted[0]?.type} AND parameter = ANY(${uncounted.map(({ parameter }) => parameter)}::text[])`)
}

async function moveOn(tx: Tx, jobs: Job[], { rk, bucket }: ResourceKey, count: number, isEnd: boolean): Promise<void> {
  await tx.query(sql`
    UPDATE reindex_job SET rk = ${rk}::bigint, bucket = ${bucket}::smallint, done = done + ${count},
           finished_at = CASE WHEN ${isEnd}::boolean THEN now() END
     WHERE type = ${jobs[0]?.type} AND parameter = ANY(${jobs.map(({ parameter }) => parameter)}::text[])`)
}
