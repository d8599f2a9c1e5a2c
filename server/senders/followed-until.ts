import type { Access } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { arrayLiteral } from '../db/array-literal.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { AccessRows, MembershipRow, RelationRow } from '../store/relations/relation-row.ts'
import type { Cause } from './message-table.ts'
import { FOLLOWING } from './receiving-organization.ts'

/** What says who follows a patient. */
const SAYING = ['EpisodeOfCare', 'CareTeam', 'CarePlan', 'Consent', 'Patient']

type Ground = {
  organization: Access
  accessRows: (resource: Resource) => AccessRows | undefined
}
type Row = { patient: string; recorded_at: Date; content: string }

/**
 * Those causes that came while the organisation followed the patient, where it does not any more: an enrolment that ends with its last alert, in one
 * transaction or a moment later, must not take the alert with it unseen. What followed is told by the versions before those that have changed since.
 * By when it was recorded, and not by its place in the feed: what ended the following can stand before the place from which was read, in the
 * transaction of its last alert or in an older one that was longer in coming.
 * @param causes of patients whom the organisation does not follow now
 */
export async function followedUntil(
  tx: Tx,
  { organization, accessRows }: Ground,
  causes: readonly Cause[],
): Promise<ReadonlySet<string>> {
  if (causes.length === 0 || !organization.standing) return new Set()
  const patients = [...new Set(causes.map(({ patient }) => patient))]
  const first = new Date(Math.min(...causes.map(({ causedAt }) => causedAt.getTime())))
  const { rows } = await tx.query<Row>(
    prepared(sql`
      SELECT e.patient, e.recorded_at, p.content
        FROM event e JOIN resource_version p ON p.bucket = e.bucket AND p.rk = e.rk AND p.version = e.version - 1
       WHERE e.type = ANY (${arrayLiteral(SAYING)}::text[]) AND e.recorded_at >= ${first.toISOString()}::timestamptz
         AND e.patient = ANY (${arrayLiteral(patients)}::text[]) AND p.content IS NOT NULL`),
  )
  const before = rows.flatMap(({ content, recorded_at, patient }) => {
    const said = accessRows(JSON.parse(content) as Resource)
    return said ? [{ said, endedAt: recorded_at, patient }] : []
  })
  const own = new Set(organization.standing.grantees)
  return new Set(
    causes
      .filter(({ patient, causedAt }) => {
        const then = before.filter((one) => one.patient === patient && one.endedAt >= causedAt)
        const teams = then.flatMap(({ said }) =>
          said.membership.filter((one) => own.has(one.member) && isAt(one, causedAt)),
        )
        const grantees = new Set([...own, ...teams.map(({ grp }) => grp)])
        return then.some(({ said }) => said.relation.some((one) => follows(one, grantees, causedAt)))
      })
      .map(({ cause }) => cause),
  )
}

const follows = (row: RelationRow, grantees: ReadonlySet<string>, at: Date): boolean =>
  grantees.has(row.grantee) && FOLLOWING.includes(row.kind) && isAt(row, at)

/** The bounds may be infinite, as PostgreSQL writes that. */
const isAt = ({ from_at, to_at }: Pick<MembershipRow, 'from_at' | 'to_at'>, at: Date): boolean =>
  (from_at === '-infinity' || Date.parse(from_at) <= at.getTime()) &&
  (to_at === 'infinity' || Date.parse(to_at) > at.getTime())
