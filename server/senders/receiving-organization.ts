import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { ORGANIZATION_NUMBER } from '../national-numbers/systems.ts'
import { systemCodeToken, tokenHash } from '../search/token-hash.ts'
import { readOrganizationStanding } from '../store/relations/read-standing.ts'
import type { RelationKind } from '../store/relations/relation-row.ts'

const SCOPES = parseScopes('user/*.rs')

/** The Organization whose number this is; undefined where none or several are known here. */
export async function findOrganization(db: Queryable, number: string): Promise<string | undefined> {
  const hash = tokenHash(systemCodeToken('Organization.identifier', ORGANIZATION_NUMBER, number))
  const { rows } = await db.query<{ id: string }>(
    prepared(sql`
      SELECT id FROM resource WHERE type = 'Organization' AND NOT deleted AND tokens @> ARRAY[${hash}]::bigint[] LIMIT 2`),
  )
  const [only, ...others] = rows
  return only && others.length === 0 ? `Organization/${only.id}` : undefined
}

/**
 * What a receiving organisation may see: what a nurse could who works there and has to do with the patient by the organisation alone. It
 * passes the one access decision as any person's does, with relations, consents and what patients have closed, at this moment.
 * @param organization `Organization/ward`
 * @see docs/decisions/0109-what-closes-is-sent.md
 */
export async function accessOfOrganization(db: Queryable, organization: string, now: Date): Promise<Access> {
  const standing = await readOrganizationStanding(db, organization, now)
  return { actor: organization, clientId: 'fylgje-sender', scopes: SCOPES, standing }
}

/** As long as what a person is here is remembered: relations, consents and what is closed are asked for each time. */
const REMEMBERED_MILLISECONDS = 2_000

/**
 * The same for one receiver whose messages come one after the other; what it reaches is then worked out once for many of them.
 * @param number organisation number @returns gives it; undefined where none or several are known here
 */
export function followOrganization(db: Queryable, number: string, now: () => Date): () => Promise<Access | undefined> {
  let known: { access: Promise<Access | undefined>; until: number } | undefined
  const look = async () => {
    const organization = await findOrganization(db, number)
    return organization ? accessOfOrganization(db, organization, now()) : undefined
  }
  return () => {
    if (known && known.until > Date.now()) return known.access
    const access = look()
    known = { access, until: Date.now() + REMEMBERED_MILLISECONDS }
    // A fault of the database is not remembered.
    access.catch(() => {
      known = undefined
    })
    return access
  }
}

/** The relations by which an organisation follows a patient. A Task in its queue is none, nor is an emergency. */
export const FOLLOWING: readonly RelationKind[] = ['care-team', 'care-plan', 'episode', 'gp', 'granted']

/** Those of the patients whom the organisation follows now. */
export async function followedBy(
  db: Queryable,
  { standing }: Access,
  patients: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (patients.length === 0 || !standing) return new Set()
  const at = now.toISOString()
  const { rows } = await db.query<{ patient: string }>(
    prepared(sql`
      SELECT DISTINCT patient FROM relation
       WHERE patient = ANY (${[...new Set(patients)]}::text[]) AND grantee = ANY (${standing.grantees}::text[])
         AND kind = ANY (${[...FOLLOWING]}::text[]) AND from_at <= ${at}::timestamptz AND to_at > ${at}::timestamptz`),
  )
  return new Set(rows.map(({ patient }) => patient))
}
