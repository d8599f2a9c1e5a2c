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

/** Looks up what people are here, and remembers it for two seconds. Relations and restrictions themselves are never remembered. */
export function followStandings(
  db: Queryable,
  now: () => Date,
  prepare: (access: Access) => Promise<void> = async () => {},
): Standings {
  let remembered = new WeakMap<Access, { access: Promise<Access>; until: number }>()
  return {
    of(access) {
      const known = remembered.get(access)
      const at = Date.now()
      if (known && known.until > at) return known.access
      const looked = look(db, access, now(), prepare)
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

async function look(
  db: Queryable,
  access: Access,
  now: Date,
  prepare: (access: Access) => Promise<void>,
): Promise<Access> {
  await prepare(access)
  const standing = await readStanding(db, access, now)
  return standing ? { ...access, standing } : access
}
