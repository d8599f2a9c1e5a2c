import { isDeepStrictEqual } from 'node:util'
import type { Identifier, RelatedPerson } from '@medplum/fhirtypes'
import { restored } from '../../access/address/restore.ts'
import { isWithheld } from '../../access/address/withhold.ts'
import { isSystem } from '../../access/reach.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { D_NUMBER, FNR } from '../../national-numbers/systems.ts'
import { parseServerId } from '../resource-key.ts'
import type { Guard } from '../rooms.ts'
import { isGuardian } from './access-rows.ts'
import { isStaffsWord } from './whose-word.ts'

/**
 * Patients change whom they have named themselves. Of whom staff have put down they may tell the national number that is missing, so that these can
 * sign in; not of a parent or guardian, who sees by it what nobody has shared.
 */
export const kinGuard: Guard = {
  types: ['RelatedPerson'],
  admitNew() {},
  async admit(db, { access, before, after }) {
    if (isSystem(access) || !access.actor.startsWith('Patient/')) return
    const [was, becomes] = [before, after && isWithheld(after) ? restored(after, before) : after] as unknown as [
      RelatedPerson,
      RelatedPerson | undefined,
    ]
    const changed = changedIn(was, becomes)
    if (changed === undefined || !(await isMadeByStaff(db, before))) return
    throw refuse(
      'business-rule',
      'Staff have put down who this is; a patient adds the national number where it is missing, and changes nothing else.',
      `RelatedPerson.${changed}`,
    )
  },
}

/** What a patient would change of it beyond the number that is missing: the name of an element. */
function changedIn(was: RelatedPerson, becomes: RelatedPerson | undefined): string | undefined {
  if (!becomes) return 'id'
  const { meta: metaWas, identifier: had = [], ...before } = was
  const { meta, identifier: has = [], ...after } = becomes
  const fields: [Record<string, unknown>, Record<string, unknown>] = [{ ...before }, { ...after }]
  const names = new Set(fields.flatMap((one) => Object.keys(one)))
  const changed = [...names].find((name) => name !== 'id' && !isDeepStrictEqual(fields[0][name], fields[1][name]))
  if (changed !== undefined) return changed
  if (!isDeepStrictEqual(metaWas?.security ?? [], meta?.security ?? [])) return 'meta.security'
  const added = has.slice(had.length)
  if (!isDeepStrictEqual(has.slice(0, had.length), had)) return 'identifier'
  const isMissing = !had.some(isNational) && !isGuardian(was)
  return added.length === 0 || (isMissing && added.every(isNational)) ? undefined : 'identifier'
}

const isNational = ({ system }: Identifier): boolean => system === FNR || system === D_NUMBER

async function isMadeByStaff(db: Queryable, { id }: Resource): Promise<boolean> {
  const key = parseServerId(String(id))
  const row = key
    ? sql`(SELECT ${key.bucket}::smallint AS bucket, ${key.rk}::bigint AS rk)`
    : sql`(SELECT bucket, rk FROM placed_id WHERE type = 'RelatedPerson' AND id = ${String(id)})`
  const { rows } = await db.query<{ by_staff: boolean }>(
    prepared(sql`SELECT ${isStaffsWord('x')} AS by_staff FROM ${row} x`),
  )
  return rows[0]?.by_staff ?? true
}
