import { parseIfMatch } from '../core/fhir/etag.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { withCriteria } from './conditional.ts'
import { parseCriteria } from './criteria.ts'
import { noneToMatch } from './preconditions.ts'

/**
 * FHIR conditional delete, of one: the CapabilityStatement says `single`. Criteria that match more are refused, because a slip in
 * them would take much away. Nothing to delete is no error.
 * @throws Refusal multiple-matches
 * @see https://hl7.org/fhir/R4/http.html#cdelete
 */
export async function conditionalDelete(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { access, type, query, headers } = exchange
  const criteria = withCriteria(exchange, () => parseCriteria({ access, type, definitions: rooms.definitions }, query))
  const ifMatch = parseIfMatch(headers.ifMatch)
  const version = await rooms.store.transact(async (inside) => {
    await inside.lockCriteria([criteria])
    const found = await inside.findOne(access, criteria)
    if (found) return inside.write(access, { interaction: 'delete', type, id: found.id, ifMatch })
    if (ifMatch !== undefined) throw noneToMatch(type, ifMatch)
    return undefined
  })
  return version && version.versionId > 0 ? { status: 204, version: { ...version, text: undefined } } : { status: 204 }
}
