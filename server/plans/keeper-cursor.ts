import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { type FeedEvent, type Position, readFeed } from '../outbox/feed.ts'

/** Locks the keeper's place in the feed until `tx` ends; undefined while another keeper has it. */
export async function claimKeeperCursor(tx: Tx): Promise<Position | undefined> {
  const { rows } = await tx.query<Position>(
    prepared(sql`SELECT xid, seq FROM plan_keeper_cursor FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

/** What happens to enrolments and their goals; there is an index of nothing else. */
const OF_ENROLMENTS = sql`type IN ('CarePlan', 'Goal')`

/** What happened to enrolments and their goals after this place. */
export const readEnrolmentEvents = (tx: Tx, place: Position, countMax: number): Promise<FeedEvent[]> =>
  readFeed(tx, place, { countMax, only: OF_ENROLMENTS })

export async function moveKeeperCursor(tx: Tx, { xid, seq }: Position): Promise<void> {
  await tx.query(prepared(sql`UPDATE plan_keeper_cursor SET xid = ${xid}::xid8, seq = ${seq}::bigint`))
}

/** For a database that was restored into another cluster: as `rewindCursors` of the engine. What was read is read once more. */
export async function rewindKeeperCursor(tx: Tx): Promise<void> {
  await tx.query(sql`
    UPDATE plan_keeper_cursor c SET xid = '0', seq = coalesce(
      (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (c.xid, c.seq)), (SELECT max(e.seq) FROM event e), 0)`)
}
