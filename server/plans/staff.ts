import type { CareTeam, HealthcareService, PractitionerRole, Schedule, Slot } from '@medplum/fhirtypes'
import { NOBODY, namesOf, type Staff } from '../core/decide/task/staff.ts'
import { prepared, type Queryable, type Tx, together } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'
import { readChangeStamp } from './change-stamp.ts'
import { OPEN_TASK_HASHES } from './facts.ts'

const TYPES = ['CareTeam', 'HealthcareService', 'PractitionerRole', 'Schedule']
const STAMPED = [...TYPES, 'Slot']
/** A shift that began before is over. */
const SHIFT_HOURS_MAX = 48
const HOUR = 3_600_000
/** What was read is of use for so long: which of the shifts are now, whoever looks tells by its own clock. */
const KEPT_MILLISECONDS = HOUR

/**
 * Everybody who could be given a Task now: teams with their hours, roles, shifts around now, and, where it is asked for, how much each
 * person has to do. That is asked only where somebody is chosen: it looks through what is open of the whole house.
 */
export type ReadStaff = {
  (tx: Tx, now: Date, asked: StaffAsked): Promise<Staff>
  /** What is kept, with nothing of what anybody has to do; undefined where it must be read anew, which is left to whoever needs it. */
  kept(tx: Tx, now: Date): Promise<Staff | undefined>
}
export type StaffAsked = { withLoad: boolean }

type Kept = { stamp: string; from: Date; until: Date; staff: Staff; names: string[] }

/**
 * Keeps who works where, and reads it again once some of it has changed: a house has as many CareTeams as patients, and a Task that is
 * placed needs to know of one. What each has to do is counted anew for whoever asks for it, in the same round trip as the look whether
 * something has changed. A process has one of these.
 */
export function keepStaff(): ReadStaff {
  let kept: Kept | undefined

  /** The stamp first: a change between the two is then seen by the next reader. */
  async function read(tx: Tx, now: Date): Promise<Kept> {
    const until = new Date(now.getTime() + KEPT_MILLISECONDS)
    const [stamp, staff] = await together(tx, () => [readChangeStamp(tx, STAMPED), readStaffOver(tx, now, until)])
    const names = [...new Set(staff.roles.flatMap(namesOf))].flatMap((name) => name ?? [])
    kept = { stamp, from: now, until, staff, names }
    return kept
  }

  const keptAt = (now: Date) => (kept && kept.from <= now && now < kept.until ? kept : undefined)

  async function staffNow(tx: Tx, now: Date, { withLoad }: StaffAsked): Promise<Staff> {
    const known = keptAt(now)
    if (known) {
      const names = withLoad ? known.names : []
      const [stamp, load] = await together(tx, () => [readChangeStamp(tx, STAMPED), readLoad(tx, names)])
      if (stamp === known.stamp) return { ...known.staff, load }
    }
    const { staff, names } = await read(tx, now)
    return { ...staff, load: await readLoad(tx, withLoad ? names : []) }
  }

  return Object.assign(staffNow, {
    async kept(tx: Tx, now: Date): Promise<Staff | undefined> {
      const known = keptAt(now)
      return known && (await readChangeStamp(tx, STAMPED)) === known.stamp
        ? { ...known.staff, load: new Map() }
        : undefined
    },
  })
}

/** The same with the shifts of a whole time, and without what anybody has to do. */
export async function readStaffOver(db: Queryable, start: Date, end: Date): Promise<Staff> {
  const from = new Date(start.getTime() - SHIFT_HOURS_MAX * HOUR)
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
