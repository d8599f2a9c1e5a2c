import type { Access } from '../access/access.ts'
import type { Tx } from '../db/pool.ts'
import type { Resource } from '../fhir/resource.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { Change } from './change.ts'
import { chooseBucket } from './fresh.ts'
import { readHistory, readResource, readVersion } from './read.ts'
import { createKeys, toServerId } from './resource-key.ts'
import type { StoreRooms } from './rooms.ts'
import { type SearchPage, searchPage } from './search.ts'
import type { Version } from './version.ts'
import { createWriter } from './write.ts'

export type WriteOptions = {
  /** How many decisions of the engine led to this write; 0 for a caller's own. */
  depth?: number
}

/** The truth in PostgreSQL. Every function takes the Access first, so nothing leaves or changes without one. */
export type Store = {
  /** @throws Refusal not-found (also for what the caller may not see), deleted */
  read(access: Access, type: string, id: string): Promise<Version>
  /** @throws Refusal not-found, deleted (the version that is a deletion) */
  readVersion(access: Access, type: string, id: string, versionId: string): Promise<Version>
  /** Newest first, deletions included. @throws Refusal not-found */
  history(access: Access, type: string, id: string): Promise<Version[]>
  search(access: Access, query: SearchQuery): Promise<SearchPage>
  /**
   * One write. Writes that come at the same time are committed together, each with its own answer and its own failure.
   * An update without any difference is still a new version. Resolves only after the commit is on disk.
   */
  write(access: Access, change: Change, options?: WriteOptions): Promise<Version>
  /** All or nothing, in one transaction of its own. @throws ChangeRefusal, which says which change is refused */
  writeAll(access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
  /** The same inside a transaction that the caller has opened, such as the engine's, which also moves its cursor there. */
  writeIn(tx: Tx, access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
  /** An id for a resource that is to be created, for a Bundle whose other entries must refer to it. It says the patient's bucket. */
  newId(resource: Resource): string
}

export type { Change } from './change.ts'
export type { SearchPage } from './search.ts'
export type { Version } from './version.ts'

export function createStore(rooms: StoreRooms): Store {
  const nextKey = createKeys(rooms.slot)
  const writer = createWriter(rooms, nextKey)
  return {
    read: (access, type, id) => readResource(rooms, access, type, id),
    readVersion: (access, type, id, versionId) => readVersion(rooms, access, type, id, versionId),
    history: (access, type, id) => readHistory(rooms, access, type, id),
    search: (access, query) => searchPage(rooms, access, query),
    write: (access, change, { depth = 0 } = {}) => writer.write({ access, change, depth }),
    writeAll: (access, changes, { depth = 0 } = {}) =>
      writer.writeAll(changes.map((change) => ({ access, change, depth }))),
    writeIn: (tx, access, changes, { depth = 0 } = {}) =>
      writer.writeIn(
        tx,
        changes.map((change) => ({ access, change, depth })),
      ),
    newId: (resource) => {
      const rk = nextKey()
      const patient = resource.resourceType === 'Patient' ? null : rooms.index(resource).patient
      return toServerId({ bucket: chooseBucket(patient, rk), rk })
    },
  }
}
