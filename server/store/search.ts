import type { Access } from '../access/access.ts'
import { prepared } from '../db/pool.ts'
import { compileSearch, type SearchRow } from '../search/compile.ts'
import { findIncluded } from '../search/find-included.ts'
import { type CodesAsked, resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { SearchScope } from '../search/search-scope.ts'
import { parseServerId } from './resource-key.ts'
import type { ReaderRooms } from './rooms.ts'
import { toVersion, type Version } from './version.ts'

export type SearchPage = {
  matches: Version[]
  included: Version[]
  total?: number
  /** Opaque; put back as `_cursor`. Absent on the last page. */
  next?: string
}

/** What this caller's searches may see, of every type that they lead to. */
export const scopeOf = ({ reachOf, baseUrl }: ReaderRooms, access: Access): SearchScope => ({
  reachOf: (type) => reachOf(access, type, 's'),
  locate: parseServerId,
  baseUrl,
})

/** Value sets and hierarchies as this caller sees them. */
export const codesFor = ({ codesAsked }: ReaderRooms, access: Access): CodesAsked | undefined =>
  codesAsked && ((asked) => codesAsked(access, asked))

/** One page of what the caller may see. https://hl7.org/fhir/R4/search.html */
export async function searchPage(rooms: ReaderRooms, access: Access, asked: SearchQuery): Promise<SearchPage> {
  const { pool } = rooms
  const query = await resolveTerms(asked, codesFor(rooms, access))
  const scope = scopeOf(rooms, access)
  const compiled = compileSearch(query, scope)
  const wantsTotal =
    query.summary === 'count' || query.count === 0 || query.total === 'accurate' || query.total === 'estimate'
  const totals = wantsTotal ? await pool.query<{ total: number }>(prepared(compiled.total())) : undefined
  const total = totals?.rows[0]?.total
  const counted = total === undefined ? {} : { total }
  if (query.summary === 'count' || query.count === 0) return { matches: [], included: [], ...counted }

  const { rows } = await pool.query<SearchRow>(prepared(compiled.page()))
  const shown = rows.slice(0, query.count)
  const last = shown.at(-1)
  const included = query.includes.length > 0 ? await findIncluded(pool, query, shown, scope) : []
  return {
    matches: shown.map(toVersion),
    included: included.map(toVersion),
    ...counted,
    ...(rows.length > shown.length && last ? { next: compiled.cursorOf(last) } : {}),
  }
}
