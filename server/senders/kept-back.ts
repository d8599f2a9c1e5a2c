import { arrayLiteral } from '../db/array-literal.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { OF_LABELS } from '../store/relations/relation-row.ts'
import { Withheld } from './read-as-receiver.ts'

/** Why something is not sent now. @property until when it may be after all, where that is known beforehand */
export type KeptBack = { code: 'closed' | 'delayed'; until?: Date }

type Row = { id: string; closed: boolean; until: Date | null }

/**
 * Those of some resources that are kept from anybody who might read them where they are sent: there they stand for every organisation, and the
 * patient sees them; what keeps them does not go with them. What is closed to next of kin, all or some of them by name, is not kept back:
 * they have no way there by what they are to the patient here.
 * @param ids of one type
 */
export async function findKeptBack(
  db: Queryable,
  type: 'Observation' | 'DocumentReference',
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, KeptBack>> {
  const at = now.toISOString()
  const { rows } = await db.query<Row>(
    prepared(sql`
      SELECT r.id, bool_or(c.rule < ${OF_LABELS}) AS closed,
             nullif(max(c.to_at) FILTER (WHERE c.rule >= ${OF_LABELS}), 'infinity') AS until
        FROM resource r JOIN restriction c ON c.patient = r.patient
       WHERE r.type = ${type} AND r.id = ANY (${arrayLiteral([...ids])}::text[]) AND NOT c.exception
         AND c.from_at <= ${at}::timestamptz AND c.to_at > ${at}::timestamptz
         AND EXISTS (SELECT FROM unnest(c.whom) AS w WHERE w <> '@next-of-kin' AND w NOT LIKE 'RelatedPerson/%')
         AND (c.types IS NULL OR r.type = ANY (c.types)) AND (c.codes IS NULL OR c.codes && r.tokens)
         AND (c.labels IS NULL OR c.labels && r.tokens) AND (c.data IS NULL OR (r.type || '/' || r.id) = ANY (c.data))
         AND (c.low IS NULL OR r.date_low IS NULL OR (r.date_low < c.high AND r.date_high > c.low))
       GROUP BY r.id`),
  )
  return new Map(
    rows.map(({ id, closed, until }) => [id, { code: closed ? 'closed' : 'delayed', ...(until ? { until } : {}) }]),
  )
}

/** @throws Withheld where it is kept back */
export function mustBeOpen(kept: KeptBack | undefined): void {
  if (kept) throw new Withheld(kept.code, kept.until)
}
