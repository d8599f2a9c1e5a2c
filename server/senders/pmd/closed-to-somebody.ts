import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

/**
 * Whether the patient has closed a measurement to anybody who might read it where it is sent: there it stands for every organisation, and the
 * restriction does not go with it. What is closed to next of kin alone is not closed here, who has no way there.
 * @param observation id
 */
export async function isClosedToSomebody(db: Queryable, observation: string, now: Date): Promise<boolean> {
  const at = now.toISOString()
  const { rows } = await db.query(
    prepared(sql`
      SELECT 1 FROM resource r JOIN restriction c ON c.patient = r.patient
       WHERE r.type = 'Observation' AND r.id = ${observation} AND NOT c.exception
         AND c.from_at <= ${at}::timestamptz AND c.to_at > ${at}::timestamptz
         AND NOT c.whom <@ ARRAY['@next-of-kin']
         AND (c.types IS NULL OR r.type = ANY (c.types)) AND (c.codes IS NULL OR c.codes && r.tokens)
         AND (c.labels IS NULL OR c.labels && r.tokens) AND (c.data IS NULL OR (r.type || '/' || r.id) = ANY (c.data))
         AND (c.low IS NULL OR r.date_low IS NULL OR (r.date_low < c.high AND r.date_high > c.low))
       LIMIT 1`),
  )
  return rows.length > 0
}
