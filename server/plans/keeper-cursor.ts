import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { FeedEvent, Position } from '../outbox/feed.ts'

/** Locks the keeper's place in the feed until `tx` ends; undefined while another keeper has it. */
export async function claimKeeperCursor(tx: Tx): Promise<Position | undefined> {
  const { rows } = await tx.query<Position>(
    prepared(sql`SELECT xid, seq FROM plan_keeper_cursor FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

/** What happened to enrolments and their goals after this place, by an index of nothing else. See outbox/feed.ts for where it ends. */
export async function readEnrolmentEvents(tx: Tx, { xid, seq }: Position, countMax: number): Promise<FeedEvent[]> {
  const { rows } = await tx.query<FeedEvent>(
    prepared(sql`
      SELECT xid, seq, bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor FROM event
       WHERE type IN ('CarePlan', 'Goal') AND (xid, seq) > (${xid}::xid8, ${seq}::bigint)
         AND xid < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY xid, seq LIMIT ${countMax}`),
  )
  return rows
}

export async function moveKeeperCursor(tx: Tx, { xid, seq }: Position): Promise<void> {
  await tx.query(prepared(sql`UPDATE plan_keeper_cursor SET xid = ${xid}::xid8, seq = ${seq}::bigint`))
}

/** For a database that was restored into another cluster: as `rewindCursors` of the engine. What was read is read once more. */
export async function rewindKeeperCursor(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE plan_keeper_cursor c SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (c.xid, c.seq)), (SELECT max(e.seq) FROM event e), 0)`)
}
