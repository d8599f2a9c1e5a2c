import { prepared, type Queryable } from '../db/pool.ts'
import { raw, type SqlFragment, sql } from '../db/sql.ts'

/** A place in the feed: everything up to and including it has been read. Two are compared by the database, never as text. */
export type Position = { xid: string; seq: string }

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

/** The columns of a FeedEvent. */
export const EVENT_COLUMNS = sql`xid, seq, bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor`
/** As many columns with nothing in them, for a row of something else beside events. */
export const NO_EVENT = raw(EVENT_COLUMNS.text.replace(/\w+/g, 'NULL'))

/**
 * Where the feed ends: below the oldest transaction that still runs.
 *
 * Sequence numbers are given before the commit, so a reader that follows them alone can pass a number whose transaction
 * commits later, and never come back. Transaction ids tell more: every transaction below the oldest that is still running
 * has ended, so what it wrote can be read, and nothing can appear below that line any more. The feed is therefore ordered
 * by (transaction, sequence) and ends at the line. An event waits for the transactions that began before its own did.
 * @see docs/decisions/0004-change-feed-by-transaction-id.md
 */
export const IS_READABLE = sql`xid < pg_snapshot_xmin(pg_current_snapshot())`

type Reading = {
  countMax: number
  /** A condition on columns of the event; without one, all of them. */
  only?: SqlFragment
}

/** The events after `position`, oldest first, none left out, whatever commits while we read. */
export async function readFeed(
  db: Queryable,
  position: Position,
  { countMax, only = sql`true` }: Reading,
): Promise<FeedEvent[]> {
  const { rows } = await db.query<FeedEvent>(
    prepared(sql`
      SELECT ${EVENT_COLUMNS} FROM event
       WHERE (xid, seq) > (${position.xid}::xid8, ${position.seq}::bigint) AND ${only} AND ${IS_READABLE}
       ORDER BY xid, seq LIMIT ${countMax}`),
  )
  return rows
}
