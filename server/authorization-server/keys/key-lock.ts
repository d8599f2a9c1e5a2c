import { inTransaction, type Pool, type Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

// Held until COMMIT. The number is only ours by being unlikely: "keys" read as base 36.
const LOCK = 960796

/** Work with the keys that no other process does meanwhile. */
export function locked<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (tx) => {
    await tx.query(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
    return work(tx)
  })
}
