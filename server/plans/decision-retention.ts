import { type Phase, STEERED_TYPES, statusOf } from '../core/requests/activity-life.ts'
import { inTransaction, prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { codeToken, tokenHash } from '../search/token-hash.ts'
import { parseServerId } from '../store/resource-key.ts'
import { OPEN_TASK_HASHES } from './facts.ts'
import type { KeeperRooms } from './keeper.ts'

/** Records looked at in one transaction. */
const BATCH_COUNT_MAX = 500
/** When all that is old has been looked at, it is looked at again after this: a Task may have been closed meanwhile. */
const SWEEP_MILLISECONDS = 3_600_000
const DAY_MILLISECONDS = 86_400_000

/** Under these tokens whatever is still to be done is indexed: open Tasks, and requests that run, rest or wait. */
const OPEN_HASHES = [
  ...OPEN_TASK_HASHES,
  ...STEERED_TYPES.flatMap((type) =>
    (['active', 'held', 'paused'] satisfies Phase[]).flatMap((phase) => {
      const status = statusOf(type, phase)
      return status ? [tokenHash(codeToken(`${type}.status`, status))] : []
    }),
  ),
]

/**
 * Deletes the records of decisions that are older than so many days, batch by batch; never one that explains a Task that is open, or a
 * request that is in force. Any number of keepers may do so.
 */
export function createDecisionPruning(days: number): (rooms: KeeperRooms) => Promise<boolean> {
  let after = '0'
  let restUntil = 0
  return async ({ pool, now }) => {
    if (Date.now() < restUntil) return false
    const before = new Date(now().getTime() - days * DAY_MILLISECONDS)
    const last = await inTransaction(pool, (tx) => pruneBatch(tx, { after, before }))
    after = last ?? '0'
    if (last === undefined) restUntil = Date.now() + SWEEP_MILLISECONDS
    return last !== undefined
  }
}

type Row = { id: string; decided_at: Date; tasks: string[] }

/** @returns the last record looked at; undefined when nothing older is left */
async function pruneBatch(tx: Tx, { after, before }: { after: string; before: Date }): Promise<string | undefined> {
  // By number, which grows with time: no index of times has to be kept for every decision that is written.
  const { rows } = await tx.query<Row>(
    prepared(sql`
      SELECT id, decided_at, tasks FROM decision WHERE id > ${after}::bigint
       ORDER BY id LIMIT ${BATCH_COUNT_MAX} FOR UPDATE SKIP LOCKED`),
  )
  const old = rows.filter(({ decided_at }) => decided_at < before)
  const open = await readOpen(tx, new Set(old.flatMap(({ tasks }) => tasks)))
  const gone = old.filter(({ tasks }) => !tasks.some((id) => open.has(id))).map(({ id }) => id)
  if (gone.length > 0) await deleteDecisions(tx, gone)
  return old.length > 0 && rows.length === BATCH_COUNT_MAX ? rows.at(-1)?.id : undefined
}

async function deleteDecisions(tx: Tx, ids: string[]): Promise<void> {
  await tx.query(
    prepared(sql`
      WITH gone AS (DELETE FROM decision WHERE id = ANY (${ids}::bigint[]) RETURNING care_plan, patient, decided_at)
      INSERT INTO decision_pruned AS p (care_plan, patient, decision_count, decided_until)
      SELECT care_plan, max(patient), count(*), max(decided_at) FROM gone GROUP BY care_plan ORDER BY care_plan
      ON CONFLICT (care_plan) DO UPDATE
         SET decision_count = p.decision_count + excluded.decision_count,
             decided_until = greatest(p.decided_until, excluded.decided_until)`),
  )
}

/** Those of the Tasks and requests that somebody still has something to do with. */
async function readOpen(tx: Tx, ids: ReadonlySet<string>): Promise<Set<string>> {
  if (ids.size === 0) return new Set()
  const keys = [...ids].map((id) => ({ id, key: parseServerId(id) }))
  const { rows } = await tx.query<{ id: string }>(
    prepared(sql`
      SELECT r.id
        FROM unnest(${keys.map(({ id }) => id)}::text[], ${keys.map(({ key }) => key?.bucket ?? null)}::smallint[],
                    ${keys.map(({ key }) => key?.rk ?? null)}::bigint[]) AS w(id, bucket, rk)
        LEFT JOIN placed_id p ON p.type = ANY (${STEERED_TYPES}::text[]) AND p.id = w.id
        JOIN resource r ON r.bucket = coalesce(p.bucket, w.bucket) AND r.rk = coalesce(p.rk, w.rk)
       WHERE r.id = w.id AND NOT r.deleted AND r.tokens && ${OPEN_HASHES}::bigint[]`),
  )
  return new Set(rows.map(({ id }) => id))
}

/** @returns when the newest of the patient's decisions whose records were deleted was made, as an instant; undefined when none were */
export async function readPrunedUntil(db: Queryable, patient: string): Promise<string | undefined> {
  const { rows } = await db.query<{ until: Date | null }>(
    prepared(sql`SELECT max(decided_until) AS until FROM decision_pruned WHERE patient = ${patient}`),
  )
  return rows[0]?.until?.toISOString()
}
