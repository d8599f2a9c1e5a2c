import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Access } from '../access/access.ts'
import { narrow, parseScopes } from '../access/scopes.ts'
import { findEnded } from '../authorization-server/find-ended.ts'
import type { Queryable } from '../db/pool.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** Keeps by what right somebody is told. The same access is kept once. @returns the id of it */
export async function keepBasis(db: Queryable, given: Access): Promise<string> {
  // Who somebody is here is looked up each time; only by whose word and how far is kept.
  const { standing: _, ...access } = given
  const text = JSON.stringify(access)
  const id = hash('sha256', text, 'hex').slice(0, 40)
  await db.query(
    prepared(sql`INSERT INTO subscription_basis (id, access) VALUES (${id}, ${text}::jsonb) ON CONFLICT DO NOTHING`),
  )
  return id
}

/** What a basis gives now: an access, or nothing any more, and why. */
export type BasisNow = { access: Access } | { ended: string }

export type BasisRooms = {
  pool: Queryable
  /** Whether clients and people of the demo count. */
  demo: boolean
  standingOf: (access: Access) => Promise<Access>
}

export type Bases = {
  /** What it gives, as it was looked up at most two seconds ago. */
  now(id: string): Promise<BasisNow>
  /** Forgets what was looked up, because some token may have ended. */
  forget(): void
  /** Looks all of these up at once, anew. @returns what one of them gives */
  lookUp(ids: readonly string[]): Promise<(id: string) => Promise<BasisNow>>
}

const REMEMBERED_MILLISECONDS = 2_000
const REMEMBERED_COUNT_MAX = 10_000

/** `given` as it was when it was kept; `access` is what of it the client may have now. */
type Kept = { given: Access; access: Access; allowedScope: string | null }

export function createBases({ pool, demo, standingOf }: BasisRooms): Bases {
  /** An Access is a value, and is looked up by who it is: it stays one and the same for as long as nothing of it has changed. */
  const known = new Map<string, Kept>()
  let remembered = new Map<string, { now: Promise<BasisNow>; until: number }>()

  /** Held by whoever has asked: what is forgotten meanwhile is not gone. */
  async function keptOf(ids: readonly string[]): Promise<Map<string, Kept>> {
    const kept = new Map<string, Kept>()
    for (const id of ids) {
      const one = known.get(id)
      if (one) kept.set(id, one)
    }
    const unknown = ids.filter((id) => !kept.has(id))
    if (unknown.length === 0) return kept
    const { rows } = await pool.query<{ id: string; access: Access }>(
      prepared(sql`SELECT id, access FROM subscription_basis WHERE id = ANY (${unknown}::text[])`),
    )
    if (known.size > REMEMBERED_COUNT_MAX) known.clear()
    for (const { id, access } of rows) {
      const one = { given: access, access, allowedScope: null }
      known.set(id, one)
      kept.set(id, one)
    }
    return kept
  }

  async function lookUp(ids: readonly string[]): Promise<(id: string) => Promise<BasisNow>> {
    const kept = await keptOf(ids)
    const ended = new Map<string, string>()
    const asked = [...kept].map(([id, { access }]) => ({ id, access }))
    for (const { id, reason, allowedScope } of await findEnded(pool, asked, demo)) {
      const before = known.get(id) ?? kept.get(id)
      if (reason) ended.set(id, reason)
      else if (before) {
        const now = narrowed(before, allowedScope)
        known.set(id, now)
        kept.set(id, now)
      }
    }
    return async (id) => {
      const reason = ended.get(id)
      if (reason !== undefined) return { ended: reason }
      const one = kept.get(id)
      return one ? { access: await standingOf(one.access) } : { ended: 'The access is not known any more.' }
    }
  }

  return {
    now(id) {
      const before = remembered.get(id)
      const at = Date.now()
      if (before && before.until > at) return before.now
      const now = lookUp([id]).then((give) => give(id))
      if (remembered.size > REMEMBERED_COUNT_MAX) remembered = new Map()
      remembered.set(id, { now, until: at + REMEMBERED_MILLISECONDS })
      // A fault of the database is not remembered.
      now.catch(() => remembered.delete(id))
      return now
    },
    forget() {
      remembered = new Map()
    },
    lookUp,
  }
}

/** A client that may do less now does less, also by what it was given before; and no more than that, should it be given more again. */
function narrowed(kept: Kept, allowedScope: string | null): Kept {
  const { given } = kept
  if (kept.allowedScope === allowedScope) return kept
  const scopes = allowedScope === null ? given.scopes : narrow(given.scopes, parseScopes(allowedScope))
  const access = isDeepStrictEqual(scopes, given.scopes) ? given : { ...given, scopes }
  return { given, access, allowedScope }
}
