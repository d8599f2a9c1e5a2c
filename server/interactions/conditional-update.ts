import type { Access } from '../access/access.ts'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { StoreTransaction } from '../store/store.ts'
import { withCriteria } from './conditional.ts'
import { idToUpdate, parseCriteria } from './criteria.ts'
import { noneToMatch } from './preconditions.ts'

/**
 * FHIR conditional update: the one match is updated; without a match it is a create. Two that ask the same wait for each other.
 * @throws Refusal multiple-matches
 * @see https://hl7.org/fhir/R4/http.html#cond-update
 */
export async function conditionalUpdate(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { access, type, body, query, headers } = exchange
  const criteria = withCriteria(exchange, () => parseCriteria({ access, type, definitions: rooms.definitions }, query))
  const { resource, warnings } = await rooms.validateInTurns(body, type)
  const ifMatch = parseIfMatch(headers.ifMatch)
  const version = await rooms.store.transact(async (inside) => {
    await inside.lockCriteria([criteria])
    const found = await inside.findOne(access, criteria)
    const id = idToUpdate(type, resource.id, found)
    if (id === undefined) {
      if (ifMatch !== undefined) throw noneToMatch(type, ifMatch)
      return inside.write(access, { interaction: 'create', resource })
    }
    if (!found) await mustBeFree(inside, access, type, id)
    return inside.write(access, { interaction: 'update', resource, id, ifMatch, ifNoneMatch: headers.ifNoneMatch })
  })
  return { status: version.interaction === 'create' ? 201 : 200, located: true, version, warnings }
}

/** The criteria do not match what has this id, so the caller means another resource than the one that is there. */
export async function mustBeFree(store: StoreTransaction, access: Access, type: string, id: string): Promise<void> {
  const isThere = await store.read(access, type, id, 'u').then(
    () => true,
    (error) => {
      if (error instanceof Refusal) return false
      throw error
    },
  )
  if (isThere) {
    throw refuse(
      'conflict',
      `${type}/${id} is there, but the criteria do not match it; nothing was changed.`,
      `${type}.id`,
    )
  }
}
