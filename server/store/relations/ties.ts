import type { Access } from '../../access/access.ts'
import type { CareRelation } from '../../access/standing.ts'
import { EVERYONE } from '../../access/vocabulary.ts'
import { prepared } from '../../db/pool.ts'
import { raw, sql } from '../../db/sql.ts'
import { isInForce, isOpenedBy } from '../../search/reach-condition.ts'
import { isPatientWithheld } from '../../search/withheld-condition.ts'
import { scopeOf } from '../reach-sql.ts'
import type { ReaderRooms } from '../rooms.ts'
import { CLOSES_ITSELF } from './relation-row.ts'

/** How a person stands to a patient at this moment. */
export type Ties = {
  /** Every way in which they have to do with each other; for the audit, the care relation and the decision. */
  relations: CareRelation[]
  /** `Consent/…` by which something of the record is closed to the person, whatever it is. */
  closedBy: string[]
  /** Addresses of one of them are kept from the person. */
  isAddressWithheld: boolean
}

/**
 * How a caller stands to some patients, taken together. A system stands to nobody in any way.
 * @param patients ids
 */
export async function tiesTo(rooms: ReaderRooms, access: Access, patients: readonly string[]): Promise<Ties> {
  const { pool, now } = rooms
  const { standing } = access
  const { grantees = [], records = [] } = standing ?? {}
  const own = records
    .filter(({ patient }) => patients.includes(patient))
    .map(
      ({ patient, as }): CareRelation => ({
        patient,
        kind: as,
        grantee: standing?.attest.who ?? '',
        source: `Patient/${patient}`,
      }),
    )
  if (grantees.length === 0 || patients.length === 0) return { relations: own, closedBy: [], isAddressWithheld: false }
  const at = now().toISOString()
  const isForThem = (alias: string) =>
    sql`${raw(alias)}.whom && ${[...grantees, EVERYONE]}::text[] AND ${isInForce(alias, at)}`
  const { rows } = await pool.query<{
    what: string
    patient: string
    kind: string
    grantee: string
    source: string
    is_limited: boolean
    to_at: Date | number | null
  }>(
    prepared(sql`
      SELECT 'relation' AS what, x.patient, x.kind, x.grantee, r.type || '/' || r.id AS source,
             (x.types IS NOT NULL OR x.codes IS NOT NULL) AS is_limited, x.to_at
        FROM relation x JOIN resource r USING (bucket, rk)
       WHERE x.patient = ANY(${patients}::text[]) AND x.grantee = ANY(${grantees}::text[]) AND x.kind NOT IN ('kin', 'guardian')
         AND ${isInForce('x', at)}
      UNION ALL
      SELECT DISTINCT 'closed', c.patient, '', '', r.type || '/' || r.id, false, c.to_at
        FROM restriction c JOIN resource r USING (bucket, rk)
       WHERE c.patient = ANY(${patients}::text[]) AND NOT c.exception AND c.rule < ${CLOSES_ITSELF} AND ${isForThem('c')}
         AND NOT EXISTS (SELECT FROM restriction e WHERE e.bucket = c.bucket AND e.rk = c.rk AND e.exception AND e.rule = c.rule
                            AND ${isForThem('e')}
                            AND e.types IS NULL AND e.codes IS NULL AND e.labels IS NULL AND e.data IS NULL AND e.low IS NULL)
         AND NOT ${isOpenedBy(grantees, at)}
      UNION ALL
      SELECT 'address', p.patient, '', '', '', false, NULL FROM unnest(${patients}::text[]) AS p(patient)
       WHERE ${isPatientWithheld('p', scopeOf(rooms, access)) ?? sql`false`}`),
  )
  return {
    relations: [
      ...own,
      ...rows
        .filter(({ what }) => what === 'relation')
        .map(({ patient, kind, grantee, source, is_limited, to_at }) => ({
          ...{ patient, kind, grantee, source },
          ...(is_limited ? { isLimited: true as const } : {}),
          ...(to_at instanceof Date ? { to: to_at.toISOString() } : {}),
        })),
    ],
    isAddressWithheld: rows.some(({ what }) => what === 'address'),
    closedBy: [...new Set(rows.flatMap(({ what, source }) => (what === 'closed' ? [source] : [])))],
  }
}

/** Ways of having to do with a patient that let somebody see the record. */
export const opensRecord = ({ kind }: CareRelation): boolean => !OPENS_NONE.has(kind)
/** The whole of it: of what lies elsewhere nothing says by type and code what it is, and so a part of it opens nothing there. */
export const opensWholeRecord = (relation: CareRelation): boolean => opensRecord(relation) && !relation.isLimited
const OPENS_NONE: ReadonlySet<string> = new Set(['opened', 'birth', 'asked'])
