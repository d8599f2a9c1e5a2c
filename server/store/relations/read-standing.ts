import type { Access } from '../../access/access.ts'
import { POLICY, type Role } from '../../access/policy/policy.ts'
import { rolesOf } from '../../access/policy/rules-for.ts'
import type { Attest, OwnRecord, Standing } from '../../access/standing.ts'
import { prepared, type Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { INACTIVE } from './relation-row.ts'
import { isStaffsWord } from './whose-word.ts'

/** How far groups lie within groups: person, role, ward, clinic, hospital, trust, and some to spare. */
const DEPTH_MAX = 10

/**
 * What a person is here at this moment: the closure of the groups that they are a member of, and for the patient's family the
 * patient. Two short queries.
 * @returns undefined for a system
 */
export async function readStanding(db: Queryable, { actor }: Access, now: Date): Promise<Standing | undefined> {
  const [type = '', id = ''] = actor.split('/')
  switch (type) {
    case 'Patient':
      return standingOf({ actor, roles: ['patient'], keys: [], records: [{ patient: id, as: 'self' }] })
    case 'RelatedPerson':
      return readKin(db, actor, now)
    case 'Practitioner':
    case 'PractitionerRole':
      return readStaff(db, actor, now)
    default:
      return undefined
  }
}

type Known = { actor: string; roles: Role[]; keys: string[]; records: OwnRecord[]; organizations?: string[] }

function standingOf({ actor, roles, keys, records, organizations = [] }: Known): Standing {
  const grantees = keys.filter((key) => !key.startsWith('code:'))
  const [pointOfCare] = organizations
  const legalEntity = organizations.at(-1)
  const attest: Attest = {
    ...{ who: actor, roles, policyVersion: POLICY.version },
    practitionerRoles: grantees.filter((key) => key.startsWith('PractitionerRole/')),
    ...(pointOfCare ? { pointOfCare } : {}),
    ...(legalEntity ? { legalEntity } : {}),
  }
  return { roles, grantees, records, attest }
}

async function readStaff(db: Queryable, actor: string, now: Date): Promise<Standing> {
  const isRole = actor.startsWith('PractitionerRole/')
  const { rows } = await db.query<{ key: string; depth: number }>(
    prepared(sql`
      WITH RECURSIVE mine(key, depth) AS (
        SELECT ${actor}::text COLLATE "C", 0
        UNION
        SELECT m.grp, mine.depth + 1 FROM mine JOIN membership m ON m.member = mine.key
         WHERE mine.depth < ${DEPTH_MAX} AND m.from_at <= ${now.toISOString()}::timestamptz AND m.to_at > ${now.toISOString()}::timestamptz
           -- Whoever has signed in as one of their roles acts in that one.
           AND NOT (${isRole}::boolean AND m.member LIKE 'Practitioner/%' AND m.grp LIKE 'PractitionerRole/%'))
      SELECT key, min(depth) AS depth FROM mine GROUP BY key ORDER BY min(depth), key`),
  )
  const groups = rows.map(({ key }) => key)
  const keys = groups.includes(INACTIVE) ? [] : groups
  return standingOf({
    ...{ actor, keys, records: [] },
    roles: rolesOf(keys.flatMap((key) => (key.startsWith('code:') ? key.slice('code:'.length) : []))),
    organizations: keys.filter((key) => key.startsWith('Organization/')),
  })
}

/** Where somebody works by one PractitionerRole, and as what: that by which they are something elsewhere is no part of it. */
export type Workplace = {
  /** The organisation of the role, and all above it: `Organization/ward`. */
  organizations: string[]
  roles: Role[]
}

/** @param practitionerRoles `PractitionerRole/…` of one person that are in force */
export async function readWorkplaces(
  db: Queryable,
  practitionerRoles: readonly string[],
  now: Date,
): Promise<Workplace[]> {
  if (practitionerRoles.length === 0) return []
  const at = now.toISOString()
  const { rows } = await db.query<{ keys: string[] }>(
    prepared(sql`
      WITH RECURSIVE reached(role, key, depth) AS (
        SELECT role COLLATE "C", role COLLATE "C", 0 FROM unnest(${[...practitionerRoles]}::text[]) AS role
        UNION
        SELECT reached.role, m.grp, reached.depth + 1 FROM reached JOIN membership m ON m.member = reached.key
         WHERE reached.depth < ${DEPTH_MAX} AND m.from_at <= ${at}::timestamptz AND m.to_at > ${at}::timestamptz
           AND (m.grp LIKE 'Organization/%' OR (reached.depth = 0 AND m.grp LIKE 'code:%')))
      SELECT array_agg(DISTINCT key) AS keys FROM reached GROUP BY role`),
  )
  return rows.map(({ keys }) => ({
    organizations: keys.filter((key) => key.startsWith('Organization/')),
    roles: rolesOf(keys.flatMap((key) => (key.startsWith('code:') ? key.slice('code:'.length) : []))),
  }))
}

/**
 * What an organisation is that receives messages: itself, and what it is part of. It has the part of a nurse, since nothing here says more
 * of who will read it there.
 */
export async function readOrganizationStanding(db: Queryable, organization: string, now: Date): Promise<Standing> {
  const staff = await readStaff(db, organization, now)
  return { ...staff, roles: ['nurse'], attest: { ...staff.attest, roles: ['nurse'] } }
}

/** The patient whose family it is, and for a child how much a parent may see. https://lovdata.no/lov/1999-07-02-63 §3-4, §4-4 */
async function readKin(db: Queryable, actor: string, now: Date): Promise<Standing> {
  const at = now.toISOString()
  const { rows } = await db.query<{ patient: string; is_guardian: boolean; born_at: Date | null }>(
    prepared(sql`
      SELECT k.patient, bool_or(k.kind = 'guardian' AND ${isStaffsWord('k')}) AS is_guardian,
             (SELECT b.from_at FROM relation b WHERE b.grantee = '@birth' AND b.patient = k.patient LIMIT 1) AS born_at
        FROM relation k
       WHERE k.grantee = ${actor} AND k.kind IN ('kin', 'guardian') AND k.from_at <= ${at}::timestamptz AND k.to_at > ${at}::timestamptz
       GROUP BY k.patient`),
  )
  const records = rows.map(({ patient, is_guardian, born_at }): OwnRecord => {
    // Without a birth date nobody can say that it is a child.
    const age = born_at ? ageAt(born_at, now) : Number.POSITIVE_INFINITY
    if (!is_guardian || age >= POLICY.family.ofHealthAge) return { patient, as: 'kin' }
    return { patient, as: age < POLICY.family.youthAge ? 'guardian' : 'guardian-of-youth' }
  })
  return standingOf({ actor, roles: ['next-of-kin'], keys: [actor], records })
}

/** Whole years; a birthday begins at midnight in Norway, as `born` does. */
function ageAt(born: Date, now: Date): number {
  const years = now.getUTCFullYear() - born.getUTCFullYear()
  const birthday = new Date(born)
  birthday.setUTCFullYear(born.getUTCFullYear() + years)
  return birthday <= now ? years : years - 1
}
