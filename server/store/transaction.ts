import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Tx } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'
import { OTHER_NAMES } from '../national-numbers/systems.ts'
import { compileSearch } from '../search/compile.ts'
import { resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { tokenHash } from '../search/token-hash.ts'
import { scopeOf } from './reach-sql.ts'
import { currentOf, findRows, hold, readForChange } from './read.ts'
import type { ReaderRooms } from './rooms.ts'
import { codesFor } from './search.ts'
import type { Store } from './store.ts'
import { type Found, toVersion, type Version, type VersionRow } from './version.ts'

/** The store inside one database transaction: what it reads includes what it has written, and nobody else sees that yet. */
export type StoreTransaction = Store & {
  /**
   * Until the end of the transaction, nobody else who asks for the same criteria goes on, on any process. Asked for once and for
   * all that are needed, so that two transactions never wait for each other.
   */
  lockCriteria(queries: SearchQuery[]): Promise<void>
  /** The one resource that matches, if there is one. @throws Refusal multiple-matches */
  findOne(access: Access, query: SearchQuery): Promise<Version | undefined>
  /** Nobody else changes these before the end. What is gone meanwhile, or not the caller's to see, is passed over. */
  hold(access: Access, type: string, ids: string[]): Promise<void>
  /** The current version, which nobody else changes before the end. @throws Refusal not-found, deleted */
  readForChange(access: Access, type: string, id: string): Promise<Version>
}

/** @param store of rooms whose `pool` is this transaction's connection */
export function inside(rooms: ReaderRooms, tx: Tx, store: Store): StoreTransaction {
  return {
    ...store,
    lockCriteria: (queries) => lockCriteria(tx, queries),
    findOne: (access, query) => findOne(rooms, tx, access, query),
    hold: (access, type, ids) => hold(rooms, access, type, ids),
    readForChange: (access, type, id) => readForChange(rooms, access, type, id),
  }
}

export async function lockCriteria(tx: Tx, queries: SearchQuery[]): Promise<void> {
  if (queries.length === 0) return
  const keys = [...new Set(queries.map((query) => tokenHash(`unless|${criteriaOf(query)}`)))].sort()
  await tx.query(sql`SELECT pg_advisory_xact_lock(key) FROM unnest(${keys}::bigint[]) AS wanted(key)`)
}

/** What is asked for, the same whichever of its names a national system goes by. Two that are the same without need only wait for each other. */
export function criteriaOf({ type, understood }: Pick<SearchQuery, 'type' | 'understood'>): string {
  const criteria = [...new URLSearchParams(understood)].map(([name, value]) => `${name}=${value}`).join('&')
  return Object.entries(OTHER_NAMES).reduce(
    (text, [other, name]) => text.replaceAll(other, name),
    `${type}?${criteria}`,
  )
}

export async function findOne(
  rooms: ReaderRooms,
  tx: Tx,
  access: Access,
  query: SearchQuery,
): Promise<Version | undefined> {
  const resolved = await resolveTerms(query, codesFor(rooms, access))
  // A page of one holds one row more, if there is one.
  const { rows } = await tx.query<Found>(compileSearch({ ...resolved, count: 1 }, scopeOf(rooms, access)).page())
  if (rows.length > 1) {
    throw refuse(
      'multiple-matches',
      `More than one ${query.type} matches ${query.understood}; the criteria must single one out.`,
    )
  }
  const [found] = rows
  if (!found) return undefined
  // The search has said that the caller may see it; it brings back what is sent, not the version.
  const within = { ...rooms, pool: tx }
  const read = (key: SqlFragment) => sql`SELECT ${currentOf(rooms, access, query.type)} FROM resource r WHERE ${key}`
  const [row] = await findRows<VersionRow>(within, found.type, found.id, read)
  return row && toVersion(row)
}
