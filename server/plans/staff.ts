import type { CareTeam, HealthcareService, PractitionerRole, Schedule, Slot } from '@medplum/fhirtypes'
import { NOBODY, namesOf, type Staff } from '../core/decide/task/staff.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'
import { OPEN_TASK_HASHES } from './facts.ts'

const TYPES = ['CareTeam', 'HealthcareService', 'PractitionerRole', 'Schedule']
/** A shift that began before is over. */
const SHIFT_HOURS_MAX = 48

/** Everybody who could be given a Task now: teams with their hours, roles, shifts around now, and how much each person has to do. */
export async function readStaff(tx: Tx, now: Date): Promise<Staff> {
  const staff = await readStaffOver(tx, now, now)
  const names = [...new Set(staff.roles.flatMap(namesOf))].flatMap((name) => name ?? [])
  return { ...staff, load: await readLoad(tx, names) }
}

/** The same with the shifts of a whole time, and without what anybody has to do. */
export async function readStaffOver(db: Queryable, start: Date, end: Date): Promise<Staff> {
  const from = new Date(start.getTime() - SHIFT_HOURS_MAX * 3_600_000)
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = ANY (${TYPES}::text[]) AND NOT deleted
      UNION ALL
      SELECT content FROM resource WHERE type = 'Slot' AND NOT deleted AND rk > 0
         AND date_low BETWEEN ${from.toISOString()}::timestamptz AND ${end.toISOString()}::timestamptz`),
  )
  const found = rows.map(({ content }) => JSON.parse(content) as Staffing)
  return {
    ...NOBODY,
    roles: found.filter((one) => one.resourceType === 'PractitionerRole'),
    careTeams: found.filter((one) => one.resourceType === 'CareTeam'),
    services: found.filter((one) => one.resourceType === 'HealthcareService'),
    schedules: found.filter((one) => one.resourceType === 'Schedule'),
    slots: found.filter((one) => one.resourceType === 'Slot'),
  }
}

type Staffing = CareTeam | HealthcareService | PractitionerRole | Schedule | Slot

/** How many open Tasks each of these has. */
async function readLoad(tx: Tx, names: string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map()
  const { rows } = await tx.query<{ name: string; count: number }>(
    prepared(sql`
      SELECT w.name, count(*)::int AS count
        FROM unnest(${names}::text[], ${names.map((name) => tokenHash(referenceToken('Task.owner', name)))}::bigint[])
               AS w(name, hash)
        JOIN resource r ON r.type = 'Task' AND NOT r.deleted AND r.tokens @> ARRAY[w.hash]
         AND r.tokens && ${OPEN_TASK_HASHES}::bigint[]
       GROUP BY w.name`),
  )
  return new Map(rows.map(({ name, count }) => [name, count]))
}
