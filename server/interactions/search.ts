import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { outcomeOf } from '../fhir/outcome.ts'
import { parseSearch } from '../search/search-query.ts'
import { bundleText, links, matchEntry } from './bundle-text.ts'
import { handlingOf } from './prefer.ts'

/** FHIR search on a type, by GET or by POST _search. https://hl7.org/fhir/R4/search.html */
export async function searchType({ access, type, query, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const { store, definitions, baseUrl } = rooms
  const parsed = parseSearch(definitions, type, query, handlingOf(headers.prefer))
  const { matches, included, total, next } = await store.search(access, parsed)
  const understood = `${baseUrl}/${type}${parsed.understood === '' ? '' : `?${parsed.understood}`}`
  const following = next && `${understood}${parsed.understood === '' ? '?' : '&'}_cursor=${encodeURIComponent(next)}`
  const members = {
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: links({ self: understood, next: following }),
  }
  const entries = [
    ...matches.map((version) => matchEntry(baseUrl, version, 'match')),
    ...included.map((version) => matchEntry(baseUrl, version, 'include')),
  ]
  if (parsed.issues.length > 0) {
    entries.push(`{"resource":${JSON.stringify(outcomeOf(parsed.issues))},"search":{"mode":"outcome"}}`)
  }
  return { status: 200, text: bundleText(members, entries) }
}
