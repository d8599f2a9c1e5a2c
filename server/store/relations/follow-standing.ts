import type { Access } from '../../access/access.ts'
import type { Queryable } from '../../db/pool.ts'
import { readStanding } from './read-standing.ts'

/** How long an ended role or membership may still count in a process that has not heard of it. */
const REMEMBERED_MILLISECONDS = 2_000

/** What is written of these may change what somebody is here. */
export const STANDING_TYPES: ReadonlySet<string> = new Set([
  ...['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam', 'RelatedPerson', 'Patient'],
])

export type Standings = {
  /** The access with what the person is here. One and the same value for as long as it is remembered, so that what it reaches is worked out once. */
  of(access: Access): Promise<Access>
  /** Forgets everybody, because somebody's role or team may have changed. */
  forget(): void
}

export type StandingRooms = {
  /** What must be known of an access before it is judged. */
  prepare?: (access: Access) => Promise<void>
  /** What somebody is called now, by `Practitioner/kari`; for the audit. */
  nameOf?: (reference: string) => Promise<string | undefined>
}

/** Looks up what people are here, and remembers it for two seconds. Relations and restrictions themselves are never remembered. */
export function followStandings(db: Queryable, now: () => Date, rooms: StandingRooms = {}): Standings {
  let remembered = new WeakMap<Access, { access: Promise<Access>; until: number }>()
  return {
    of(access) {
      const known = remembered.get(access)
      const at = Date.now()
      if (known && known.until > at) return known.access
      const looked = look(db, access, now(), rooms)
      const entry = { access: looked, until: at + REMEMBERED_MILLISECONDS }
      remembered.set(access, entry)
      // A fault of the database is not remembered.
      looked.catch(() => remembered.delete(access))
      return looked
    },
    forget() {
      remembered = new WeakMap()
    },
  }
}

async function look(db: Queryable, access: Access, now: Date, { prepare, nameOf }: StandingRooms): Promise<Access> {
  await prepare?.(access)
  const standing = await readStanding(db, access, now)
  if (!standing) return access
  const name = await nameOf?.(access.actor)
  return { ...access, standing: name ? { ...standing, attest: { ...standing.attest, name } } : standing }
}
