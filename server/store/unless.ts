import type { Access } from '../access/access.ts'
import type { Tx } from '../db/pool.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { ReaderRooms } from './rooms.ts'
import { findOne, lockCriteria } from './transaction.ts'
import type { Version } from './version.ts'

/**
 * The one resource that a conditional create would repeat, if there is one. Two that ask the same wait for each other,
 * on every process, so that a measurement sent twice at once is stored once.
 * @throws Refusal multiple-matches
 * @see https://hl7.org/fhir/R4/http.html#ccreate
 */
export async function findUnlessMatch(
  rooms: ReaderRooms,
  tx: Tx,
  access: Access,
  query: SearchQuery,
): Promise<Version | undefined> {
  await lockCriteria(tx, [query])
  const found = await findOne(rooms, tx, access, query)
  return found && { ...found, found: true }
}
