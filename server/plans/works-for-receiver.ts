import type { CareTeam, HealthcareService, PractitionerRole } from '@medplum/fhirtypes'
import { NOBODY, worksFor } from '../core/decide/task/staff.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'

/** Whether a person is who is asked, or works for them now; read from what is stored, whatever the person may see of it. */
export async function worksForReceiver(
  db: Queryable,
  actor: string,
  receiver: string | undefined,
  now: Date,
): Promise<boolean> {
  if (receiver === actor) return true
  const [type, id = ''] = receiver?.split('/') ?? []
  const practitioner = tokenHash(referenceToken('PractitionerRole.practitioner', actor))
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'PractitionerRole' AND NOT deleted AND tokens @> ARRAY[${practitioner}::bigint]
      UNION ALL
      SELECT content FROM resource WHERE type = ${type ?? ''} AND id = ${id} AND NOT deleted
      UNION ALL
      SELECT content FROM resource WHERE type = 'HealthcareService' AND NOT deleted`),
  )
  const found = rows.map(({ content }) => JSON.parse(content) as CareTeam | HealthcareService | PractitionerRole)
  const staff = {
    ...NOBODY,
    roles: found.filter((one) => one.resourceType === 'PractitionerRole'),
    careTeams: found.filter((one) => one.resourceType === 'CareTeam'),
    services: found.filter((one) => one.resourceType === 'HealthcareService'),
  }
  return worksFor(actor, receiver, staff, now)
}
