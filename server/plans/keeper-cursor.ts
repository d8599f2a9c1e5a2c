import { prepared, type Tx } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import { type FeedEvent, IS_READABLE, type Position, readFeed } from '../outbox/feed.ts'

/** A part of the feed that one keeper after the other reads, from where the last has stopped. */
export type FollowedFeed = {
  /** The table of one row that holds the place. */
  cursor: SqlFragment
  /** Which events; there is an index of these and of nothing else. */
  only: SqlFragment
}

/** What happens to enrolments and their goals. */
export const ENROLMENTS: FollowedFeed = { cursor: sql`plan_keeper_cursor`, only: sql`type IN ('CarePlan', 'Goal')` }

/** What happens to measurements that are stored already: corrections, withdrawals, deletions. */
export const CHANGED_MEASUREMENTS: FollowedFeed = {
  cursor: sql`score_cursor`,
  only: sql`type = 'Observation' AND version > 1`,
}

/**
 * Locks the keeper's place in the feed until `tx` ends; undefined while another keeper has it, and where nothing is to be read after it.
 * In order, so that PostgreSQL goes by the index, and not through all that ever happened. Keepers look after each commit: one that locks nothing has no transaction id, holds back nobody's events and waits for no disk.
 */
export async function claimKeeperCursor(tx: Tx, { cursor, only }: FollowedFeed): Promise<Position | undefined> {
  const { rows } = await tx.query<Position>(
    prepared(sql`
      SELECT xid, seq FROM ${cursor} c
       WHERE (SELECT true FROM event WHERE (xid, seq) > (c.xid, c.seq) AND ${only} AND ${IS_READABLE} ORDER BY xid, seq LIMIT 1)
         FOR UPDATE SKIP LOCKED`),
  )
  return rows[0]
}

/** What happened after this place. */
export const readFollowed = (tx: Tx, { only }: FollowedFeed, place: Position, countMax: number): Promise<FeedEvent[]> =>
  readFeed(tx, place, { countMax, only })

export async function moveKeeperCursor(tx: Tx, { cursor }: FollowedFeed, { xid, seq }: Position): Promise<void> {
  await tx.query(prepared(sql`UPDATE ${cursor} SET xid = ${xid}::xid8, seq = ${seq}::bigint`))
}

/** For a database that was restored into another cluster: as `rewindCursors` of the engine. What was read is read once more. */
export async function rewindKeeperCursors(tx: Tx): Promise<void> {
  for (const { cursor } of [ENROLMENTS, CHANGED_MEASUREMENTS]) {
    await tx.query(sql`
      UPDATE ${cursor} c SET xid = '0', seq = coalesce(
        (SELECT min(e.seq) - 1 FROM event e WHERE (e.xid, e.seq) > (c.xid, c.seq)), (SELECT max(e.seq) FROM event e), 0)`)
  }
}
