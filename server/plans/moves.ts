import type { Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** Begins to take back every move of patients to this version that stands. @returns how many moves */
export async function undoMoves(tx: Tx, canonical: string): Promise<number> {
  const { rowCount } = await tx.query(sql`
    UPDATE plan_migration SET state = 'undoing', finished_at = NULL
     WHERE to_plan = ${canonical} AND state IN ('moving', 'moved')`)
  return rowCount ?? 0
}
