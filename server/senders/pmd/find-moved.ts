import { arrayLiteral } from '../../db/array-literal.ts'
import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

type About = { to: { name: string; organization: string }; patient: string }

/**
 * Those of some measurements that are not the patient's any more.
 * @param observations ids
 * @returns by id: whether the receiver is told of it as the other's, which replaces what it has
 */
export async function findMoved(
  db: Queryable,
  { to: { name, organization }, patient }: About,
  observations: readonly string[],
): Promise<ReadonlyMap<string, { isReplaced: boolean }>> {
  const { rows } = await db.query<{ id: string; replaced: boolean }>(
    prepared(sql`
      SELECT r.id, EXISTS (SELECT FROM outgoing_message o
                            WHERE o.receiver = ${name} AND o.organization = ${organization} AND o.patient = r.patient
                              AND o.cause >= 'Observation/' || r.id COLLATE "C" || '/_history/'
                              AND o.cause < 'Observation/' || r.id COLLATE "C" || '/_history0' AND o.state <> 'withheld') AS replaced
        FROM resource r
       WHERE r.type = 'Observation' AND r.id = ANY (${arrayLiteral([...observations])}::text[]) AND NOT r.deleted
         AND r.patient IS DISTINCT FROM ${patient}`),
  )
  return new Map(rows.map(({ id, replaced }) => [id, { isReplaced: replaced }]))
}
