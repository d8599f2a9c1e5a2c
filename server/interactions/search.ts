import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { bundleText, links, matchEntry } from '../core/fhir/bundle-text.ts'
import { outcomeOf } from '../core/fhir/outcome.ts'
import { handlingOf } from '../core/fhir/prefer.ts'
import { SUPPRESSED } from '../core/fhir/suppressed.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { type CompartmentOwner, compartmentFilter } from '../search/compartment-filter.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { parseTypesSearch } from '../search/types-query.ts'
import { nextLink, selfLink } from '../store/page-links.ts'
import type { SearchPage } from '../store/store.ts'

/** FHIR search on a type, by GET or by POST _search. https://hl7.org/fhir/R4/search.html */
export async function searchType({ access, type, query, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const parsed = parseSearch(rooms.definitions, type, query, handlingOf(headers.prefer))
  const page = await rooms.store.search(access, parsed)
  return searchset(rooms, access, { path: type, parsed, page })
}

/** FHIR search of one type in a patient's compartment. https://hl7.org/fhir/R4/search.html#2.21.1.2 */
export async function searchCompartment({ access, type, id, query, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const parsed = parseSearch(rooms.definitions, type, query, handlingOf(headers.prefer))
  const page = await rooms.store.search(access, { ...parsed, compartment: id })
  return searchset(rooms, access, { path: `Patient/${id}/${type}`, parsed, page })
}

/** The same for the compartment of a device, an encounter or a person who is no patient. */
export const searchCompartmentOf =
  (owner: CompartmentOwner): Handler =>
  async ({ access, type, id, query, headers }, rooms) => {
    const parsed = parseSearch(rooms.definitions, type, query, handlingOf(headers.prefer))
    const filters = [...parsed.filters, compartmentFilter(rooms.definitions, type, { owner, id })]
    const page = await rooms.store.search(access, { ...parsed, filters })
    return searchset(rooms, access, { path: `${owner}/${id}/${type}`, parsed, page })
  }

/** FHIR search of everything in a patient's compartment, the Patient itself included. */
export async function searchWholeCompartment({ access, id, query, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const parsed = parseTypesSearch(rooms.definitions, typesFor(access, rooms), query, handlingOf(headers.prefer))
  const page = await rooms.store.searchTypes(access, { ...parsed, compartment: id })
  return searchset(rooms, access, { path: `Patient/${id}/*`, parsed, page })
}

/** FHIR search of several types, or of all that the caller may search. https://hl7.org/fhir/R4/http.html#search */
export async function searchSystem({ access, query, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const parsed = parseTypesSearch(rooms.definitions, typesFor(access, rooms), query, handlingOf(headers.prefer))
  const page = await rooms.store.searchTypes(access, parsed)
  return searchset(rooms, access, { path: '', parsed, page })
}

function typesFor(access: Exchange['access'], { definitions }: Rooms): string[] {
  const types = [...definitions.resourceTypes].filter((type) => permits(access, type, 's'))
  if (types.length === 0) throw notPermitted('', 's')
  return types
}

/** `path`: what was searched, below the FHIR base. */
type Searched = { path: string; parsed: SearchQuery; page: SearchPage }

async function searchset(rooms: Rooms, access: Exchange['access'], { path, parsed, page }: Searched): Promise<Reply> {
  const { baseUrl } = rooms
  const { matches, included, total, next: cursor } = page
  const address = path === '' ? baseUrl : `${baseUrl}/${path}`
  const self = await selfLink(rooms, access, { address, understood: parsed.understood })
  const members = {
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: links({ self, next: cursor && nextLink(self, cursor) }),
  }
  const entries = [
    ...matches.map((version) => matchEntry(baseUrl, version, 'match')),
    ...included.map((version) => matchEntry(baseUrl, version, 'include')),
  ]
  const issues = page.isClosed ? [...parsed.issues, SUPPRESSED] : parsed.issues
  if (issues.length > 0) entries.push(`{"resource":${JSON.stringify(outcomeOf(issues))},"search":{"mode":"outcome"}}`)
  return { status: 200, text: bundleText(members, entries) }
}
