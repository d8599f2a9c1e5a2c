import { isDeepStrictEqual } from 'node:util'
import type { Access } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { sortedJson } from '../lifecycle/frozen.ts'
import type { Store } from '../store/store.ts'
import { loadPathways, loadProfiles } from './load-pathways.ts'

/** Each of them waits for a connection, and on a busy machine the last of some hundred would wait for too long. */
const TOGETHER_COUNT_MAX = 16

export type Storing = { db: Queryable; store: Pick<Store, 'write'>; access: Access }

/**
 * Stores the profiles and pathways that come with the server, each only if the store has none of it or an older one. What people here have
 * changed and given a later version stays as it is, and so does what they have deleted. Can be run at every start: what is there is read by
 * one statement.
 * @param others definitions of the server's own beside them: those of its operations
 * @returns how many were stored
 */
export async function storePathways({ db, store, access }: Storing, others: Resource[] = []): Promise<number> {
  const ours = [...loadProfiles(), ...others, ...loadPathways()]
  const stored = await readStored(db, ours)
  const toStore = ours.filter((resource) => {
    const before = stored.get(keyOf(resource))
    return before === undefined || (before !== 'deleted' && isToReplace(before, resource))
  })
  for (let from = 0; from < toStore.length; from += TOGETHER_COUNT_MAX) {
    const together = toStore.slice(from, from + TOGETHER_COUNT_MAX)
    await Promise.all(
      together.map((resource) => store.write(access, { interaction: 'update', resource, id: String(resource.id) })),
    )
  }
  return toStore.length
}

const keyOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id}`

/** What is there of them, as JSON; `deleted`: people here did not want it. */
async function readStored(db: Queryable, ours: Resource[]): Promise<Map<string, string>> {
  const types = ours.map(({ resourceType }) => resourceType)
  const ids = ours.map(({ id }) => String(id))
  const { rows } = await db.query<{ key: string; content: string; deleted: boolean }>(sql`
    SELECT r.type || '/' || r.id AS key, r.content, r.deleted
      FROM unnest(${types}::text[], ${ids}::text[]) AS ours(type, id)
      JOIN placed_id USING (type, id)
      JOIN resource r USING (bucket, rk)`)
  return new Map(rows.map(({ key, content, deleted }) => [key, deleted ? 'deleted' : content]))
}

function isToReplace(stored: string, ours: Resource): boolean {
  if (isSameText(stored, ours)) return false
  const before = JSON.parse(stored) as Resource
  const order = String(ours.version ?? '').localeCompare(String(before.version ?? ''), 'en', { numeric: true })
  if (order !== 0) return order > 0
  const { meta: _, ...content } = before
  const { meta: __, ...same } = ours
  // What differs may still mean the same.
  return !isDeepStrictEqual(content, same) && sortedJson(content) !== sortedJson(same)
}

/** At most starts they are the same letter by letter but for what the store says of a version, and need not be parsed to see it. */
function isSameText(stored: string, { meta: _, ...ours }: Resource): boolean {
  return stored.replace(OWN_META, '') === JSON.stringify(ours)
}
/** Without tags or labels, which are objects. */
const OWN_META = /"meta":\{[^{}]*\},/
