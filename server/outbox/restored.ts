import { inTransaction, type Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/**
 * A database that was restored from a dump holds transaction ids of another cluster, which may lie ahead of this one's: new
 * events would sort before old ones. All that was restored has ended, so its order is the sequence's: transaction 0 for all.
 * Cursors that point behind the end are set to the end of what was restored and had been read.
 * @returns how many events were of another cluster
 */
export async function adoptRestoredEvents(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ ahead: boolean }>(sql`
    SELECT EXISTS (SELECT 1 FROM event WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) AS ahead`)
  if (!rows[0]?.ahead) return 0
  return inTransaction(pool, async (tx) => {
    await tx.query('LOCK TABLE event IN EXCLUSIVE MODE')
    await tx.query(sql`
      UPDATE engine_cursor c SET xid = '0', seq = coalesce((
        SELECT max(e.seq) FROM event e WHERE (e.xid, e.seq) <= (c.xid, c.seq)), 0)`)
    const { rowCount } = await tx.query(sql`UPDATE event SET xid = '0' WHERE xid <> '0'`)
    return rowCount ?? 0
  })
}
