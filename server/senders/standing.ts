import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** How many messages to one receiver are in one state. */
export type Standing = {
  receiver: string
  organization: string
  state: string
  count: number
  /** When the oldest was put down that is not taken; of one state of each receiver alone, so that it is told once. */
  oldestWaitsSince?: Date
}

type Row = Omit<Standing, 'oldestWaitsSince'> & { oldest: Date | null }

/** By the index of what is under way, and by counting. */
export async function readStanding(db: Queryable): Promise<Standing[]> {
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT receiver, organization, state, count(*)::int AS count,
             CASE WHEN row_number() OVER (PARTITION BY receiver, organization ORDER BY state) = 1
                  THEN min(min(caused_at) FILTER (WHERE state IN ('queued', 'sent', 'failed'))) OVER (PARTITION BY receiver, organization)
             END AS oldest
        FROM outgoing_message GROUP BY receiver, organization, state ORDER BY receiver, organization, state`),
  )
  return rows.map(({ oldest, ...row }) => ({ ...row, ...(oldest ? { oldestWaitsSince: oldest } : {}) }))
}
