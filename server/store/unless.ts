import type { Access } from '../access/access.ts'
import type { Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { refuse } from '../fhir/outcome.ts'
import { compileSearch } from '../search/compile.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { tokenHash } from '../search/token-hash.ts'
import type { StoreRooms } from './rooms.ts'
import { scopeOf } from './search.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

/**
 * The one resource that a conditional create would repeat, if there is one. Two that ask the same wait for each other,
 * on every process, so that a measurement sent twice at once is stored once.
 * @throws Refusal multiple-matches
 * @see https://hl7.org/fhir/R4/http.html#ccreate
 */
export async function findUnlessMatch(
  rooms: StoreRooms,
  tx: Tx,
  access: Access,
  query: SearchQuery,
): Promise<Version | undefined> {
  await tx.query(sql`SELECT pg_advisory_xact_lock(${tokenHash(`unless|${query.type}?${query.understood}`)}::bigint)`)
  const { rows } = await tx.query<VersionRow>(compileSearch({ ...query, count: 1 }, scopeOf(rooms, access)).page())
  if (rows.length > 1) {
    throw refuse('multiple-matches', `If-None-Exist found more than one ${query.type} with ${query.understood}.`)
  }
  return rows[0] && { ...toVersion(rows[0]), found: true }
}
