import { parseIfMatch } from '../core/fhir/etag.ts'
import { parseJson } from '../core/fhir/json.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { applyPatch, type Patch, parsePatch } from '../patch/patch.ts'
import { mustBeAt } from '../store/refusals.ts'
import type { Version } from '../store/store.ts'
import { withCriteria } from './conditional.ts'
import { parseCriteria } from './criteria.ts'

/** How often a patch begins anew because another change came between. Each time at least one of those who meet gets through. */
const TRIES_MAX = 50

/**
 * FHIR patch: JSON Patch or FHIRPath Patch, of the version that is there when it is stored.
 * @throws Refusal `processing` for a patch that does not fit; what comes out is validated as an update would be
 * @see https://hl7.org/fhir/R4/http.html#patch
 */
export async function patch({ access, type, id, body, headers }: Exchange, rooms: Rooms): Promise<Reply> {
  const given = parsePatch(body)
  const ifMatch = parseIfMatch(headers.ifMatch)
  for (let tries = 1; ; tries++) {
    const current = await rooms.store.read(access, type, id, 'u')
    mustBeAt(current, ifMatch)
    const { resource, warnings } = patchedResource(rooms, current, given)
    try {
      const change = { interaction: 'update', resource, id, ifMatch: current.versionId } as const
      return { status: 200, located: true, version: await rooms.store.write(access, change), warnings }
    } catch (error) {
      const cameBetween = error instanceof Refusal && error.status === 412 && ifMatch === undefined
      if (!cameBetween || tries === TRIES_MAX) throw error
    }
  }
}

/**
 * The same for the one resource that criteria single out.
 * @throws Refusal not-found, multiple-matches
 */
export async function conditionalPatch(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { access, type, body, query, headers } = exchange
  const criteria = withCriteria(exchange, () => parseCriteria({ access, type, definitions: rooms.definitions }, query))
  const given = parsePatch(body)
  const ifMatch = parseIfMatch(headers.ifMatch)
  return rooms.store.transact(async (inside) => {
    await inside.lockCriteria([criteria])
    const found = await inside.findOne(access, criteria)
    if (!found) throw nothingToPatch(type, criteria.understood)
    const current = await inside.readForChange(access, type, found.id)
    mustBeAt(current, ifMatch)
    const { resource, warnings } = patchedResource(rooms, current, given)
    const version = await inside.write(access, { interaction: 'update', resource, id: found.id })
    return { status: 200, located: true, version, warnings }
  })
}

/** What the patch makes of a version, valid. @throws Refusal */
export function patchedResource(
  { validate }: Pick<Rooms, 'validate'>,
  current: Version,
  given: Patch,
): ReturnType<Rooms['validate']> {
  const resource = applyPatch(parseJson(current.text ?? 'null') as Resource, given)
  return validate(resource, current.type)
}

export const nothingToPatch = (type: string, criteria: string): Refusal =>
  refuse('not-found', `No ${type} matches ${criteria}, so there is nothing to patch.`)
