import type { QueryResultRow } from 'pg'
import type { Access } from '../access/access.ts'
import { prepared } from '../db/pool.ts'
import type { SqlFragment } from '../db/sql.ts'
import { type CompiledSearch, compileSearch } from '../search/compile.ts'
import type { PageRow } from '../search/compile-page.ts'
import { compileTypesSearch, type TypesQuery } from '../search/compile-types.ts'
import { findIncluded } from '../search/find-included.ts'
import { type CodesAsked, resolveTerms } from '../search/resolve-terms.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { scopeOf } from './reach-sql.ts'
import { isSomethingClosed } from './relations/closed-to.ts'
import type { ReaderRooms } from './rooms.ts'
import { type Found, toFound } from './version.ts'

export type SearchPage = {
  matches: Found[]
  included: Found[]
  total?: number
  /** Something in the records that were asked for is closed to the caller. */
  isClosed?: boolean
  /** Opaque; put back as `_cursor`. Absent on the last page. */
  next?: string
}

/** Value sets and hierarchies as this caller sees them. */
export const codesFor = (rooms: ReaderRooms, access: Access): CodesAsked | undefined => {
  const { codesAsked } = rooms
  return codesAsked && ((asked) => codesAsked(access, asked, (by, query) => searchPage(rooms, by, query)))
}

/** One page of what the caller may see. https://hl7.org/fhir/R4/search.html */
export async function searchPage(rooms: ReaderRooms, access: Access, asked: SearchQuery): Promise<SearchPage> {
  const query = await resolveTerms(asked, codesFor(rooms, access))
  const scope = scopeOf(rooms, access)
  const page = await pageOf(rooms, query, compileSearch(query, scope))
  const included = query.includes.length > 0 ? await findIncluded(rooms.pool, query, page.rows, scope) : []
  return { ...toPage(page), included: included.map(toFound), ...(await closedTo(rooms, access, query)) }
}

const closedTo = async (rooms: ReaderRooms, access: Access, query: SearchQuery) =>
  (await isSomethingClosed(rooms, access, query)) ? { isClosed: true } : {}

/** The same for several types at once. */
export async function searchTypesPage(rooms: ReaderRooms, access: Access, asked: TypesQuery): Promise<SearchPage> {
  const codes = codesFor(rooms, access)
  const each = asked.each && (await Promise.all(asked.each.map((one) => resolveTerms(one, codes))))
  const query = { ...asked, ...(each ? { each } : await resolveTerms(asked, codes)) }
  const scope = scopeOf(rooms, access)
  const page = await pageOf(rooms, query, compileTypesSearch(query, scope))
  const included = query.includes.length > 0 ? await findIncluded(rooms.pool, query, page.rows, scope) : []
  return { ...toPage(page), included: included.map(toFound), ...(await closedTo(rooms, access, query)) }
}

type Page = { rows: PageRow[]; total?: number; next?: string }

const toPage = ({ rows, ...rest }: Page): SearchPage => ({ matches: rows.map(toFound), included: [], ...rest })

async function pageOf(
  { pool, lanes }: ReaderRooms,
  query: SearchQuery,
  compiled: Omit<CompiledSearch, 'found' | 'columns'>,
): Promise<Page> {
  const ask = async <Row extends QueryResultRow>(statement: SqlFragment): Promise<Row[]> => {
    if (compiled.steady && lanes) return lanes.ask<Row>(statement)
    return (await pool.query<Row>(compiled.steady ? prepared(statement) : statement)).rows
  }
  const count = async () => (await ask<{ total: number }>(compiled.total()))[0] ?? {}
  if (query.summary === 'count' || query.count === 0) return { rows: [], ...(await count()) }

  const rows = await ask<PageRow>(compiled.page())
  const shown = rows.slice(0, query.count)
  const last = shown.at(-1)
  const next = rows.length > shown.length && last ? { next: compiled.cursorOf(last) } : {}
  // A first page that holds everything has counted it.
  if (query.cursor === undefined && next.next === undefined)
    return { rows, ...(query.total === 'none' ? {} : { total: rows.length }) }
  const isCounted = query.total === 'accurate' || query.total === 'estimate'
  return { rows: shown, ...(isCounted ? await count() : {}), ...next }
}
