import { arrayLiteral } from '../db/array-literal.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/**
 * Those of some resources that the patient has closed to anybody who might read them where they are sent: there they stand for every
 * organisation, and the restriction does not go with them. What is closed to next of kin alone is not closed here, who have no way there.
 * @param ids of one type
 */
export async function findClosedToSomebody(
  db: Queryable,
  type: 'Observation' | 'DocumentReference',
  ids: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const at = now.toISOString()
  const { rows } = await db.query<{ id: string }>(
    prepared(sql`
      SELECT DISTINCT r.id FROM resource r JOIN restriction c ON c.patient = r.patient
       WHERE r.type = ${type} AND r.id = ANY (${arrayLiteral([...ids])}::text[]) AND NOT c.exception
         AND c.from_at <= ${at}::timestamptz AND c.to_at > ${at}::timestamptz
         AND NOT c.whom <@ ARRAY['@next-of-kin']
         AND (c.types IS NULL OR r.type = ANY (c.types)) AND (c.codes IS NULL OR c.codes && r.tokens)
         AND (c.labels IS NULL OR c.labels && r.tokens) AND (c.data IS NULL OR (r.type || '/' || r.id) = ANY (c.data))
         AND (c.low IS NULL OR r.date_low IS NULL OR (r.date_low < c.high AND r.date_high > c.low))`),
  )
  return new Set(rows.map(({ id }) => id))
}
