import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { bundleText, links } from '../core/fhir/bundle-text.ts'
import { etag } from '../core/fhir/etag.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseServerId } from '../store/resource-key.ts'
import type { HistoryPage, Version } from '../store/store.ts'
import { parseHistory } from './history-query.ts'

const STATUS = { create: '201 Created', update: '200 OK', delete: '204 No Content' } as const

/** FHIR history of one resource, newest version first. https://hl7.org/fhir/R4/http.html#history */
export async function historyInstance(exchange: Exchange, { store, baseUrl }: Rooms): Promise<Reply> {
  const { access, type, id } = exchange
  const { query, understood } = parseHistory(exchange)
  return historyBundle(baseUrl, `${type}/${id}/_history`, understood, await store.history(access, type, id, query))
}

/** FHIR history of all resources of a type. */
export async function historyType(exchange: Exchange, { store, baseUrl }: Rooms): Promise<Reply> {
  const { access, type } = exchange
  const { query, understood } = parseHistory(exchange)
  return historyBundle(baseUrl, `${type}/_history`, understood, await store.historyOfTypes(access, [type], query))
}

/** FHIR history of everything that the caller may search. */
export async function historySystem(exchange: Exchange, { store, baseUrl, definitions }: Rooms): Promise<Reply> {
  const { access } = exchange
  const { query, understood } = parseHistory(exchange)
  const types = [...definitions.resourceTypes].filter((type) => permits(access, type, 's'))
  if (types.length === 0) throw notPermitted('', 's')
  return historyBundle(baseUrl, '_history', understood, await store.historyOfTypes(access, types, query))
}

function historyBundle(baseUrl: string, path: string, understood: string, page: HistoryPage): Reply {
  const { versions, total, next, until } = page
  const self = `${baseUrl}/${path}${understood && `?${understood}`}`
  const following = next && `${self}${understood ? '&' : '?'}_cursor=${encodeURIComponent(next)}`
  const members = {
    type: 'history',
    // Everything that was stored before is in it; who asks again with `_since` of it misses nothing. See docs/sync.md.
    ...(until !== undefined && { timestamp: until }),
    ...(total !== undefined && { total }),
    link: links({ self, next: following }),
  }
  const entries = versions.map((version) => historyEntry(baseUrl, version))
  return { status: 200, text: bundleText(members, entries) }
}

function historyEntry(baseUrl: string, { type, id, versionId, lastUpdated, interaction, text }: Version): string {
  // An id that a client chose, or one that had been deleted, came by PUT.
  const isPosted = interaction === 'create' && versionId === 1 && parseServerId(id) !== undefined
  const method = isPosted ? 'POST' : interaction === 'delete' ? 'DELETE' : 'PUT'
  const rest = {
    request: { method, url: isPosted ? type : `${type}/${id}` },
    response: { status: STATUS[interaction], etag: etag(versionId), lastModified: lastUpdated },
  }
  const resource = text === undefined ? '' : `"resource":${text},`
  return `{"fullUrl":"${baseUrl}/${type}/${id}",${resource}${JSON.stringify(rest).slice(1)}`
}
