import { prepared, type Queryable } from '../db/pool.ts'
import { raw, type SqlFragment, sql } from '../db/sql.ts'

/**
 * Whoever follows what changes by time (`_since`) is told a moment and asks from there on the next time. Time alone leaves gaps: a
 * version gets its time before it is committed, so one that is being written while somebody reads may bear an earlier time than the
 * moment that they are told. So with each moment it is kept which transactions could be seen; what the others wrote belongs to what is
 * asked for since that moment, whatever time stands on it.
 * @see docs/decisions/0097-since-a-moment-without-gaps.md
 */

/** A moment that was told to somebody less than this before is told again: reading must not write each time. */
const SHARED_MILLISECONDS = 1_000
/** Whoever was away for longer takes out everything anew. */
const KEPT_DAYS = 30
/**
 * A write has its time at most so long before its transaction begins, so that beyond it nobody looks for late ones. Waiting for a
 * connection ends after ten seconds.
 */
const LATE_MINUTES_MAX = 10

type Moment = { at: Date; isNew: boolean }

/**
 * A moment at which everything that is not yet seen is either later or belongs to what was still being written.
 * Who reads after it has been answered, and asks again with `_since` of it, misses nothing.
 * @param now by the clock of the resources
 */
export async function tellMoment(db: Queryable, now: Date): Promise<Date> {
  const { rows } = await db.query<Moment>(
    prepared(sql`
      WITH shared AS (
        SELECT at FROM told_moment WHERE at <= ${now.toISOString()}::timestamptz
           AND at > ${new Date(now.getTime() - SHARED_MILLISECONDS).toISOString()}::timestamptz ORDER BY at DESC LIMIT 1),
      told AS (${insertMoment(now, sql`WHERE NOT EXISTS (SELECT FROM shared)`)})
      SELECT at, false AS "isNew" FROM shared UNION ALL SELECT at, true FROM told`),
  )
  const [moment] = rows
  if (moment?.isNew) await forgetOld(db, now)
  return moment?.at ?? now
}

/** The same of this moment and no other, for those who want what was written a moment ago. */
export async function markMoment(db: Queryable, now: Date): Promise<void> {
  await db.query(prepared(insertMoment(now, sql``)))
}

/** Of two processes that name the same millisecond, the first counts: what it has seen, the other sees too. */
const insertMoment = (now: Date, where: SqlFragment): SqlFragment => sql`
  INSERT INTO told_moment AS told (at, seen)
  SELECT ${now.toISOString()}::timestamptz, pg_current_snapshot() ${where}
  ON CONFLICT (at) DO UPDATE SET seen = told.seen RETURNING at`

async function forgetOld(db: Queryable, now: Date): Promise<void> {
  const until = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString()
  await db.query(prepared(sql`DELETE FROM told_moment WHERE at < ${until}::timestamptz`))
}

/**
 * Events `e` whose time is before `since` and that could not be seen when that moment was told; none for a time that nobody was told.
 * Read by the order of transactions, so that only what was written about then is looked at.
 */
export const isLateSince = (since: string): SqlFragment => sql`
  (e.recorded_at < ${since}::timestamptz
   AND e.xid >= pg_snapshot_xmin(${seenAt(since)}) AND NOT pg_visible_in_snapshot(e.xid, ${seenAt(since)})
   AND e.xid < coalesce((SELECT pg_snapshot_xmax(seen) FROM told_moment
                          WHERE at >= ${since}::timestamptz + make_interval(mins => ${raw(String(LATE_MINUTES_MAX))}) ORDER BY at LIMIT 1),
                        ${raw(`'${LAST_XID}'`)}::xid8))`

const seenAt = (since: string): SqlFragment => sql`(SELECT seen FROM told_moment WHERE at = ${since}::timestamptz)`

const LAST_XID = '18446744073709551615'
