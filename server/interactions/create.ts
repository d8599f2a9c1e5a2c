import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseIfNoneExist } from './criteria.ts'

/** FHIR create, conditional where If-None-Exist says so. https://hl7.org/fhir/R4/http.html#create */
export async function create(exchange: Exchange, { validateInTurns, store, definitions }: Rooms): Promise<Reply> {
  const { access, type, body, headers } = exchange
  const { resource, warnings } = await validateInTurns(body, type)
  if (headers.ifNoneExist === undefined) {
    const version = await store.write(access, { interaction: 'create', resource })
    return { status: 201, located: true, version, warnings }
  }
  const unless = parseIfNoneExist({ access, definitions, type }, headers.ifNoneExist)
  const version = await store.write(access, { interaction: 'create', resource, unless })
  return { status: version.found ? 200 : 201, located: true, version, warnings }
}
