import { parseIfMatch } from '../core/fhir/etag.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'

/** FHIR update; creates where there is none of this id. https://hl7.org/fhir/R4/http.html#update */
export async function update(
  { access, type, id, body, headers }: Exchange,
  { validateInTurns, store }: Rooms,
): Promise<Reply> {
  const { resource, warnings } = await validateInTurns(body, type)
  if (resource.id === undefined) {
    throw refuse(
      'required',
      `The resource has no id; an update of ${type}/${id} must hold the id "${id}".`,
      `${type}.id`,
    )
  }
  if (resource.id !== id) {
    throw refuse(
      'invalid',
      `The resource's id is "${resource.id}", the URL says "${id}"; they must be the same.`,
      `${type}.id`,
    )
  }
  const version = await store.write(access, {
    interaction: 'update',
    resource,
    id,
    ifMatch: parseIfMatch(headers.ifMatch),
    ifNoneMatch: headers.ifNoneMatch,
  })
  return { status: version.interaction === 'create' ? 201 : 200, located: true, version, warnings }
}
