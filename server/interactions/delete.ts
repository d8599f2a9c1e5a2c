import { parseIfMatch } from '../core/fhir/etag.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'

/** FHIR delete; nothing to delete is no error. https://hl7.org/fhir/R4/http.html#delete */
export async function deleteResource({ access, type, id, headers }: Exchange, { store }: Rooms): Promise<Reply> {
  const { versionId, lastUpdated } = await store.write(access, {
    interaction: 'delete',
    type,
    id,
    ifMatch: parseIfMatch(headers.ifMatch),
  })
  // The ETag of the deletion, without a body.
  return versionId > 0
    ? { status: 204, version: { type, id, versionId, lastUpdated, interaction: 'delete' } }
    : { status: 204 }
}
