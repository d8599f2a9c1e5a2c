import { inTransaction, type Pool, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/**
 * A database that was restored from a dump holds transaction ids of another cluster, which may lie ahead of this one's: new
 * events would sort before old ones. All that was restored has ended, so its order can be the sequence's: transaction 0 for all.
 * @param moveReaders puts those who follow the feed where they miss nothing, before their places lose their meaning
 * @returns how many events were of another cluster
 */
export async function adoptRestoredEvents(pool: Pool, moveReaders: (tx: Tx) => Promise<void>): Promise<number> {
  return inTransaction(pool, async (tx) => {
    await tx.query('LOCK TABLE event IN EXCLUSIVE MODE')
    const { rows } = await tx.query<{ ahead: boolean }>(sql`
      SELECT EXISTS (SELECT 1 FROM event WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) AS ahead`)
    if (!rows[0]?.ahead) return 0
    await moveReaders(tx)
    // What could be seen at some moment is told in transactions of the other cluster.
    await tx.query('DELETE FROM told_moment')
    const { rowCount } = await tx.query(sql`UPDATE event SET xid = '0' WHERE xid <> '0'`)
    return rowCount ?? 0
  })
}
