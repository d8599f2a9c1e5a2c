import type { Access, Reach } from '../access/access.ts'
import { withholdingOf } from '../access/address/withholding.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { SqlFragment } from '../db/sql.ts'
import { reachCondition, reachOfTypes } from '../search/compile-filter.ts'
import type { IndexRow } from '../search/index-row.ts'
import { allOf } from '../search/reach-condition.ts'
import type { SearchScope } from '../search/search-scope.ts'
import { compartmentToken, tokenHash } from '../search/token-hash.ts'
import { withheldColumn } from '../search/withheld-condition.ts'
import { parseServerId } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'

/** What this caller may see of every type by one kind of interaction; for searches, of all that they lead to. */
export const scopeOf = (rooms: ReaderRooms, access: Access, letter: ScopeLetter = 's'): SearchScope => ({
  reachOf: (type) => rooms.reachOf(access, type, letter),
  locate: parseServerId,
  isCommon: rooms.commonTokens?.(),
  baseUrl: rooms.baseUrl,
  reaching: rooms.reaching,
  withholding: withholdingOf(access),
})

/** The column that says whether addresses of a row `r` are kept from this caller. */
export const withheldFrom = (rooms: ReaderRooms, access: Access, type?: string): SqlFragment =>
  withheldColumn({ alias: 'r', ...(type === undefined ? {} : { type }) }, scopeOf(rooms, access))

const ROW = { alias: 'r', depth: 0, byPatient: false }

/** The condition that a row `r` of this type must meet for this caller. Part of every statement that lets something out. */
export const withinReach = (rooms: ReaderRooms, access: Access, type: string, letter: ScopeLetter): SqlFragment =>
  allOf(reachCondition(rooms.reachOf(access, type, letter), { ...ROW, type }, scopeOf(rooms, access, letter)))

/** The same for rows of several types, each within its own reach. */
export const withinReaches = (
  rooms: ReaderRooms,
  access: Access,
  types: readonly string[],
  letter: ScopeLetter,
): SqlFragment => reachOfTypes(types, ROW, scopeOf(rooms, access, letter))

/** Whether a row is within a reach, where that follows from the row alone; undefined where the database must be asked. */
export function isWithin(reach: Reach, index: Pick<IndexRow, 'tokens'>): boolean | undefined {
  switch (reach.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'compartment':
      return index.tokens.includes(tokenHash(compartmentToken(reach.patient)))
    case 'parts':
      return undefined
  }
}
