import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { isUnchanged } from './preconditions.ts'

/** FHIR read, conditional where If-None-Match or If-Modified-Since say so. https://hl7.org/fhir/R4/http.html#read */
export async function read({ access, type, id, headers }: Exchange, { store }: Rooms): Promise<Reply> {
  const version = await store.read(access, type, id)
  return { status: isUnchanged(headers, version) ? 304 : 200, version }
}
