import { prepared, type Queryable } from '../db/pool.ts'
import { sql, words } from '../db/sql.ts'

/** An event is stamped before it is committed, so later ones may overtake it: by as long as a transaction may last, or clocks differ. */
const OVERTAKEN = sql`interval '60 seconds'`

/**
 * What tells that a resource of these types changed, by any process: of each type when that was last, and how many there were up to then,
 * between which numbers: of one moment, the one that is committed last need not have the last number. A few index look-ups for each type.
 */
export async function readChangeStamp(db: Queryable, types: readonly string[]): Promise<string> {
  const { rows } = await db.query<{ stamp: string | null }>(
    prepared(sql`
      SELECT string_agg(concat_ws(':', d.type, extract(epoch FROM last.at), e.count, e.first, e.last), ' ') AS stamp
        FROM unnest(ARRAY[${words(types)}]) AS d(type)
        CROSS JOIN LATERAL (SELECT max(recorded_at) AS at FROM event WHERE type = d.type) last
        CROSS JOIN LATERAL (
          SELECT count(*) AS count, min(seq) AS first, max(seq) AS last FROM event
           WHERE type = d.type AND recorded_at > last.at - ${OVERTAKEN}) e`),
  )
  return rows[0]?.stamp ?? ''
}
