import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { etag } from '../fhir/etag.ts'
import type { Version } from '../store/store.ts'
import { bundleText, links } from './bundle-text.ts'

const REQUEST = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const
const STATUS = { create: '201 Created', update: '200 OK', delete: '204 No Content' } as const

/** FHIR history of one resource, newest version first. https://hl7.org/fhir/R4/http.html#history */
export async function historyInstance({ access, type, id }: Exchange, { store, baseUrl }: Rooms): Promise<Reply> {
  const versions = await store.history(access, type, id)
  const members = {
    type: 'history',
    total: versions.length,
    link: links({ self: `${baseUrl}/${type}/${id}/_history` }),
  }
  return {
    status: 200,
    text: bundleText(
      members,
      versions.map((version) => historyEntry(baseUrl, version)),
    ),
  }
}

function historyEntry(baseUrl: string, { type, id, versionId, lastUpdated, interaction, text }: Version): string {
  const rest = {
    request: { method: REQUEST[interaction], url: interaction === 'create' ? type : `${type}/${id}` },
    response: { status: STATUS[interaction], etag: etag(versionId), lastModified: lastUpdated },
  }
  const resource = text === undefined ? '' : `"resource":${text},`
  return `{"fullUrl":"${baseUrl}/${type}/${id}",${resource}${JSON.stringify(rest).slice(1)}`
}
