import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** How many messages to one receiver are in one state: queued, sent, failed or dead. */
export type Standing = {
  receiver: string
  organization: string
  state: string
  count: number
  /** When the oldest was put down that is not taken; of one state of each receiver alone, so that it is told once. */
  oldestWaitsSince?: Date
}

type Row = Omit<Standing, 'oldestWaitsSince'> & { oldest: Date | null }

/**
 * Of what waits, and of what is dead: by their indexes, because what is done with is never deleted and grows with each measurement.
 */
export async function readStanding(db: Queryable): Promise<Standing[]> {
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT receiver, organization, state, count(*)::int AS count,
             CASE WHEN row_number() OVER (PARTITION BY receiver, organization ORDER BY state) = 1
                  THEN min(min(waits_since)) OVER (PARTITION BY receiver, organization)
             END AS oldest
        FROM (SELECT receiver, organization, state, caused_at AS waits_since FROM outgoing_message
               WHERE state IN ('queued', 'sent', 'failed')
              UNION ALL
              SELECT receiver, organization, state, NULL FROM outgoing_message WHERE state = 'dead') m
       GROUP BY receiver, organization, state ORDER BY receiver, organization, state`),
  )
  return rows.map(({ oldest, ...row }) => ({ ...row, ...(oldest ? { oldestWaitsSince: oldest } : {}) }))
}
