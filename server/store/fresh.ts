import type { Access } from '../access/access.ts'
import type { AuditedRequest } from '../audit/record.ts'
import { stringifyJson } from '../core/fhir/json.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { IndexRow } from '../search/index-row.ts'
import { mustBeInOwnName } from './in-own-name.ts'
import { mustBePlainPicture } from './pictures-of-patients.ts'
import { bucketOfPatient, parseServerId, type ResourceKey, scatter, toServerId } from './resource-key.ts'
import type { StoreRooms } from './rooms.ts'
import type { Row } from './statements.ts'

/** The bucket of a new resource: its patient's, or any when it belongs to no patient. */
export const chooseBucket = (patient: string | null, rk: string): number =>
  patient === null ? scatter(rk) : bucketOfPatient(patient)

type Fresh = {
  access: Access
  depth: number
  request?: AuditedRequest | undefined
  resource: Resource
  id?: string | undefined
}

/**
 * The first version of a resource, as yet without asking whether the caller may create it.
 * @param fresh.id chosen by the client, or given before by `Store.newId`; otherwise an id is given here
 */
export function freshRow(
  rooms: StoreRooms,
  nextKey: () => string,
  { access, depth, request, resource, id }: Fresh,
): Row {
  const type = resource.resourceType
  if (rooms.guard?.types.includes(type)) rooms.guard.admitNew(access, resource)
  mustBeInOwnName(access, resource, rooms.baseUrl)
  mustBePlainPicture(access, resource)
  const place = placeOf(rooms, nextKey, resource, id)
  const lastUpdated = rooms.now().toISOString()
  return {
    ...place,
    type,
    version: 1,
    lastUpdated,
    interaction: 'create',
    text: textOf(resource, place.id, 1, lastUpdated),
    relations: rooms.accessRows?.({ ...resource, id: place.id }),
    exists: false,
    ...{ access, depth, request },
  }
}

type Place = ResourceKey & { id: string; index: IndexRow; placed: boolean }

/** Where it will lie. A Patient must have its id before it is indexed, all others are indexed to find their patient. */
function placeOf(rooms: StoreRooms, nextKey: () => string, resource: Resource, given: string | undefined): Place {
  const inId = given === undefined ? undefined : parseServerId(given)
  const placed = given !== undefined && inId === undefined
  if (resource.resourceType === 'Patient') {
    const rk = inId?.rk ?? nextKey()
    const bucket = inId?.bucket ?? chooseBucket(given ?? null, rk)
    const id = given ?? toServerId({ bucket, rk })
    return { bucket, rk, id, index: rooms.index({ ...resource, id }), placed }
  }
  const index = rooms.index(given === undefined ? resource : { ...resource, id: given })
  const rk = inId?.rk ?? nextKey()
  const bucket = inId?.bucket ?? chooseBucket(index.patient, rk)
  return { bucket, rk, id: given ?? toServerId({ bucket, rk }), index, placed }
}

/** The JSON that is stored and sent. What the server says of it stands in `meta`; the rest is the sender's. */
export function textOf(resource: Resource, id: string, version: number, lastUpdated: string): string {
  const { resourceType, id: _sent, meta, ...elements } = resource
  return stringifyJson({
    resourceType,
    id,
    meta: { ...meta, versionId: String(version), lastUpdated },
    ...elements,
  })
}
