import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { isUnchanged } from './preconditions.ts'
import { readBinary } from './read-binary.ts'

/** FHIR read, conditional where If-None-Match or If-Modified-Since say so. https://hl7.org/fhir/R4/http.html#read */
export async function read({ access, type, id, headers }: Exchange, { store, baseUrl }: Rooms): Promise<Reply> {
  const version = type === 'Binary' ? await readBinary(store, access, id, baseUrl) : await store.read(access, type, id)
  return { status: isUnchanged(headers, version) ? 304 : 200, version }
}
