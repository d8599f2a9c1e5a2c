import type { Exchange, Reply, Rooms } from '../exchange.ts'

/** FHIR vread. https://hl7.org/fhir/R4/http.html#vread */
export async function vread({ access, type, id, versionId }: Exchange, { store }: Rooms): Promise<Reply> {
  return { status: 200, version: await store.readVersion(access, type, id, versionId) }
}
