import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** A place in the feed: everything up to and including it has been read. Compare with `isAfter`, never as text. */
export type Position = { xid: string; seq: string }

export const BEGINNING: Position = { xid: '0', seq: '0' }

export type FeedEvent = Position & {
  bucket: number
  rk: string
  version: number
  type: string
  id: string
  interaction: 'create' | 'update' | 'delete'
  /** id of the Patient whose compartment it is in, if it can only be one */
  patient: string | null
  recorded_at: Date
  depth: number
  actor: string
}

/**
 * The events after `position`, oldest first, none left out, whatever commits while we read.
 *
 * Sequence numbers are given before the commit, so a reader that follows them alone can pass a number whose transaction
 * commits later, and never come back. Transaction ids tell more: every transaction below the oldest that is still running
 * has ended, so what it wrote can be read, and nothing can appear below that line any more. The feed is therefore ordered
 * by (transaction, sequence) and ends at the line. An event waits for the transactions that began before its own did.
 * @see docs/decisions/0004-change-feed-by-transaction-id.md
 */
export async function readFeed(db: Queryable, position: Position, countMax: number): Promise<FeedEvent[]> {
  const { rows } = await db.query<FeedEvent>(sql`
    SELECT xid, seq, bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor FROM event
     WHERE (xid, seq) > (${position.xid}::xid8, ${position.seq}::bigint)
       AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY xid, seq LIMIT ${countMax}`)
  return rows
}

export function isAfter(one: Position, other: Position): boolean {
  const [xid, otherXid] = [BigInt(one.xid), BigInt(other.xid)]
  return xid > otherXid || (xid === otherXid && BigInt(one.seq) > BigInt(other.seq))
}
