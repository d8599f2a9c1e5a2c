import type { Access } from '../access/access.ts'
import { prepared } from '../db/pool.ts'
import { compileSearch } from '../search/compile.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { StoreRooms } from './rooms.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

export type SearchPage = {
  matches: Version[]
  included: Version[]
  total?: number
  /** Opaque; put back as `_cursor`. Absent on the last page. */
  next?: string
}

/** One page of what the caller may see. https://hl7.org/fhir/R4/search.html */
export async function searchPage(_rooms: StoreRooms, _access: Access, _query: SearchQuery): Promise<SearchPage> {
  void [prepared, compileSearch, toVersion]
  throw new Error('to come')
}
export type { VersionRow }
