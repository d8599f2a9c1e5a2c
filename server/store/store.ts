import type { Access } from '../access/access.ts'
import type { Tx } from '../db/pool.ts'
import type { Resource } from '../fhir/resource.ts'
import type { SearchQuery } from '../search/search-query.ts'

/** One version of one resource, as it is sent: `text` is the exact JSON, absent for a deletion. */
export type Version = {
  type: string
  id: string
  versionId: number
  /** instant, UTC, milliseconds */
  lastUpdated: string
  interaction: 'create' | 'update' | 'delete'
  text?: string
}

/**
 * What a caller wants to be true.
 * `create` gets an id from the store, unless `resource.id` is kept by `idGiven` (update-as-create uses it).
 * `ifMatch` is a version number; another current version is refused with 412.
 */
export type Change =
  | { interaction: 'create'; resource: Resource; id?: string }
  | { interaction: 'update'; resource: Resource; id: string; ifMatch?: number }
  | { interaction: 'delete'; type: string; id: string; ifMatch?: number }

export type WriteOptions = {
  /** How many decisions of the engine led to this write; 0 for a caller's own. */
  depth?: number
}

export type SearchPage = {
  matches: Version[]
  included: Version[]
  total?: number
  /** Opaque; put back as `_cursor`. Absent on the last page. */
  next?: string
}

/** The truth in PostgreSQL. Every function takes the Access first, so nothing leaves or changes without one. */
export type Store = {
  /** @throws Refusal not-found (also for what the caller may not see), deleted */
  read(access: Access, type: string, id: string): Promise<Version>
  /** @throws Refusal not-found, deleted (the version that is a deletion) */
  readVersion(access: Access, type: string, id: string, versionId: number): Promise<Version>
  /** Newest first. @throws Refusal not-found */
  history(access: Access, type: string, id: string): Promise<Version[]>
  search(access: Access, query: SearchQuery): Promise<SearchPage>
  /**
   * One write. Writes that come at the same time are committed together, each with its own answer and its own failure.
   * An update without any difference is still a new version. Resolves only after the commit is on disk.
   */
  write(access: Access, change: Change, options?: WriteOptions): Promise<Version>
  /** All or nothing, in one transaction of its own. A Refusal of one change bears `changeIndex`. */
  writeAll(access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
  /** The same inside a transaction that the caller has opened, such as the engine's, which also moves its cursor there. */
  writeIn(tx: Tx, access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
}
