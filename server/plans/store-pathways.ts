import { isDeepStrictEqual } from 'node:util'
import type { Access } from '../access/access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sortedJson } from '../lifecycle/frozen.ts'
import type { Store } from '../store/store.ts'
import { loadPathways, loadProfiles } from './load-pathways.ts'

/** Each of them waits for a connection, and on a busy machine the last of some hundred would wait for too long. */
const TOGETHER_COUNT_MAX = 16

/**
 * Stores the profiles and pathways that come with the server, each only if the store has none of it or an older one. What people here have
 * changed and given a later version stays as it is. Can be run at every start.
 * @param others definitions of the server's own beside them: those of its operations
 * @returns how many were stored
 */
export async function storePathways(store: Store, access: Access, others: Resource[] = []): Promise<number> {
  const ours = [...loadProfiles(), ...others, ...loadPathways()]
  let storedCount = 0
  for (let from = 0; from < ours.length; from += TOGETHER_COUNT_MAX) {
    const together = ours.slice(from, from + TOGETHER_COUNT_MAX)
    const stored = await Promise.all(together.map((resource) => storeOne(store, access, resource)))
    storedCount += stored.filter(Boolean).length
  }
  return storedCount
}

async function storeOne(store: Store, access: Access, resource: Resource): Promise<boolean> {
  const before = await findStored(store, access, resource)
  if (before === 'deleted' || (before && !isToReplace(before, resource))) return false
  await store.write(access, { interaction: 'update', resource, id: String(resource.id) })
  return true
}

/** @returns `deleted` for what people here did not want */
async function findStored(
  store: Store,
  access: Access,
  { resourceType, id }: Resource,
): Promise<Resource | 'deleted' | undefined> {
  try {
    return JSON.parse((await store.read(access, resourceType, String(id))).text ?? '') as Resource
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.status === 410) return 'deleted'
    if (error.status === 404) return undefined
    throw error
  }
}

function isToReplace(before: Resource, ours: Resource): boolean {
  const order = String(ours.version ?? '').localeCompare(String(before.version ?? ''), 'en', { numeric: true })
  if (order !== 0) return order > 0
  const { meta: _, ...content } = before
  const { meta: __, ...same } = ours
  // At most starts they are the same, which is quickly seen; what differs may still mean the same.
  return !isDeepStrictEqual(content, same) && sortedJson(content) !== sortedJson(same)
}
