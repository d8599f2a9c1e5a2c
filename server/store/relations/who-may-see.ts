import { POLICY } from '../../access/policy/policy.ts'
import { EVERYONE, NEXT_OF_KIN } from '../../access/vocabulary.ts'
import { prepared } from '../../db/pool.ts'
import { raw, sql } from '../../db/sql.ts'
import { isInForce } from '../../search/reach-condition.ts'
import type { ReaderRooms } from '../rooms.ts'
import { CLOSES_ITSELF, type RelationKind } from './relation-row.ts'
import { isStaffsWord } from './whose-word.ts'

/** Somebody who has to do with a patient now, such that the policy lets them see something. */
export type MaySee = {
  /** `CareTeam/copd`, `Organization/ward`, `RelatedPerson/maja` */
  grantee: string
  kind: RelationKind
  /** What says so: `Consent/7`. */
  source: string
  /** undefined: whatever their role may see. */
  types: string[] | undefined
  /** Instant; undefined: nobody has said when. */
  until: string | undefined
  /** The patient has closed the whole record to them. */
  isClosed: boolean
}

/** Whose next of kin somebody is says nothing yet; an opening of what is closed adds to another way in. */
const SEEING: readonly RelationKind[] = [
  ...(['care-team', 'care-plan', 'episode', 'gp', 'task', 'asked', 'granted', 'guardian', 'break-glass'] as const),
]

/** Everybody who may see something of a patient at this moment, by the rows that the decision on access itself asks. @param patient id */
export async function whoMaySee({ pool, now }: Pick<ReaderRooms, 'pool' | 'now'>, patient: string): Promise<MaySee[]> {
  const at = now().toISOString()
  const isWhole = sql`c.types IS NULL AND c.codes IS NULL AND c.labels IS NULL AND c.data IS NULL AND c.low IS NULL`
  const isForThem = (alias: string) => sql`${raw(alias)}.whom && ARRAY[x.grantee, ${EVERYONE}::text,
      CASE WHEN x.grantee LIKE 'RelatedPerson/%' THEN ${NEXT_OF_KIN}::text ELSE x.grantee END]`
  const { rows } = await pool.query<Omit<MaySee, 'types' | 'until'> & { types: string[] | null; to_at: Date | number }>(
    prepared(sql`
      SELECT DISTINCT x.grantee, x.kind, r.type || '/' || r.id AS source, x.types, x.to_at,
             EXISTS (SELECT FROM restriction c
                      WHERE c.patient = x.patient AND NOT c.exception AND c.rule < ${CLOSES_ITSELF} AND ${isWhole}
                        AND ${isForThem('c')} AND ${isInForce('c', at)}
                        AND NOT EXISTS (SELECT FROM restriction e WHERE e.bucket = c.bucket AND e.rk = c.rk AND e.exception AND e.rule = c.rule
                                           AND ${isForThem('e')} AND ${isInForce('e', at)})) AS "isClosed"
        FROM relation x JOIN resource r USING (bucket, rk)
       WHERE x.patient = ${patient} AND x.kind = ANY(${[...SEEING]}::text[]) AND ${isInForce('x', at)}
         AND (x.kind <> 'guardian' OR ${isStaffsWord('x')} AND EXISTS (SELECT FROM relation b
               WHERE b.patient = x.patient AND b.grantee = '@birth' AND b.from_at > ${at}::timestamptz - make_interval(years => ${POLICY.family.ofHealthAge})))
       ORDER BY x.kind, x.grantee, source`),
  )
  return rows.map(({ types, to_at, ...rest }) => ({
    ...rest,
    types: types ?? undefined,
    until: to_at instanceof Date ? to_at.toISOString() : undefined,
  }))
}
