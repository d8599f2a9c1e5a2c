import { isDeepStrictEqual } from 'node:util'
import type { Identifier, RelatedPerson } from '@medplum/fhirtypes'
import { restored } from '../../access/address/restore.ts'
import { isWithheld } from '../../access/address/withhold.ts'
import { POLICY } from '../../access/policy/policy.ts'
import { isSystem } from '../../access/reach.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { nationalSystem } from '../../national-numbers/system-names.ts'
import { D_NUMBER, FNR } from '../../national-numbers/systems.ts'
import { parseServerId } from '../resource-key.ts'
import type { Guard } from '../rooms.ts'
import { isGuardian } from './access-rows.ts'
import { isStaffsWord, OF_THE_FAMILY } from './whose-word.ts'

/**
 * Patients change whom they have named themselves. Of whom staff have put down without a national number they may tell it, so that these can sign in,
 * and take it back when it was somebody else's; not of a child's parent or guardian, who sees by it what nobody has shared.
 */
export const kinGuard = (now: () => Date): Guard => ({
  types: ['RelatedPerson'],
  admitNew() {},
  async admit(db, { access, before, after }) {
    if (isSystem(access) || !access.actor.startsWith('Patient/') || !after) return
    const becomes = isWithheld(after) ? restored(after, before) : after
    const staffs = await wordOfStaff(db, before, now())
    const changed = staffs && changedIn(staffs, becomes as unknown as RelatedPerson)
    if (changed === undefined) return
    throw refuse(
      'business-rule',
      'Staff have put down who this is; a patient adds the national number where it is missing, and changes nothing else.',
      `RelatedPerson.${changed}`,
    )
  },
})

type Word = { said: RelatedPerson; isParentOfChild: boolean }

/** What differs from what staff have said, beyond a number that they have not: the name of an element. */
function changedIn({ said, isParentOfChild }: Word, becomes: RelatedPerson): string | undefined {
  const { meta: metaOfStaff, identifier: ofStaff = [], ...own } = said
  const { meta, identifier = [], ...after } = becomes
  const isNumberFree = !isParentOfChild && !ofStaff.some(isNational)
  const [fields, given]: Record<string, unknown>[] = [{ ...own }, { ...after }]
  // Whoever has the number that a patient has told by mistake is let in no more.
  const isEnded = becomes.active === false && isNumberFree && identifier.some(isNational)
  const changed = [...new Set([...Object.keys(own), ...Object.keys(after)])].find(
    (name) => name !== 'id' && !(name === 'active' && isEnded) && !isDeepStrictEqual(fields?.[name], given?.[name]),
  )
  if (changed !== undefined) return changed
  if (!isDeepStrictEqual(metaOfStaff?.security ?? [], meta?.security ?? [])) return 'meta.security'
  const others = isNumberFree ? identifier.filter((one) => !isNational(one)) : identifier
  return isDeepStrictEqual(others, ofStaff) ? undefined : 'identifier'
}

const isNational = ({ system = '' }: Identifier): boolean => [FNR, D_NUMBER].includes(nationalSystem(system))

/** What staff have said last of somebody whom they have put down; undefined of whom the patient has. */
async function wordOfStaff(db: Queryable, { id }: Resource, now: Date): Promise<Word | undefined> {
  const key = parseServerId(String(id))
  const row = key
    ? sql`(SELECT ${key.bucket}::smallint AS bucket, ${key.rk}::bigint AS rk)`
    : sql`(SELECT bucket, rk FROM placed_id WHERE type = 'RelatedPerson' AND id = ${String(id)})`
  const { rows } = await db.query<{ is_staffs: boolean; content: string | null; is_childs: boolean }>(
    prepared(sql`
      SELECT ${isStaffsWord('x')} AS is_staffs,
             (SELECT v.content
                FROM (SELECT s.version, s.last_updated, s.content FROM resource s WHERE s.bucket = x.bucket AND s.rk = x.rk
                      UNION ALL
                      SELECT o.version, o.last_updated, o.content FROM resource_version o WHERE o.bucket = x.bucket AND o.rk = x.rk) v
                JOIN event e ON e.type = 'RelatedPerson' AND e.recorded_at = v.last_updated AND e.rk = x.rk AND e.version = v.version
               WHERE e.actor !~ ${OF_THE_FAMILY} AND v.content IS NOT NULL
               ORDER BY v.version DESC LIMIT 1) AS content,
             EXISTS (SELECT FROM resource p JOIN relation b ON b.patient = p.patient AND b.grantee = '@birth'
                      WHERE p.bucket = x.bucket AND p.rk = x.rk
                        AND b.from_at > ${now.toISOString()}::timestamptz - make_interval(years => ${POLICY.family.ofHealthAge})) AS is_childs
        FROM ${row} x`),
  )
  const [found] = rows
  if (!found?.is_staffs || found.content === null) return undefined
  const said = JSON.parse(found.content) as RelatedPerson
  return { said, isParentOfChild: found.is_childs && isGuardian(said) }
}
