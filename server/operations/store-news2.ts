import type { Observation } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { NEWS2_IDENTIFIER } from '../core/news2/news2-observation.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Reply } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import type { StoreTransaction, Version } from '../store/store.ts'

type ToStore = { resource: Resource; earlier: Observation[]; parts: Observation[]; definitions: Definitions }

/**
 * Stores a score: one of each moment, and none is left that rests on what was withdrawn. The caller has locked the person's scores.
 * @param earlier scores of the same hour
 * @param parts what was measured in that hour, withdrawn or not
 */
export async function storeNews2(
  access: Access,
  inside: StoreTransaction,
  { resource, earlier, parts, definitions }: ToStore,
): Promise<Reply> {
  const made = resource as unknown as Observation
  const { value } = made.identifier?.[0] ?? {}
  const criteria = parseSearch(
    definitions,
    'Observation',
    new URLSearchParams({ identifier: `${NEWS2_IDENTIFIER}|${value}`, subject: String(made.subject?.reference) }),
    'strict',
  )
  const found = await inside.findOne(access, criteria)
  const withdrawn = new Set(parts.filter(isWithdrawn).map(({ id }) => `Observation/${id}`))
  for (const one of earlier) {
    if (one.id === found?.id || isWithdrawn(one) || !restsOn(one, withdrawn)) continue
    const { text } = await inside.readForChange(access, 'Observation', String(one.id))
    const taken = { ...(JSON.parse(text ?? '{}') as Resource), status: 'entered-in-error' }
    await inside.write(access, { interaction: 'update', resource: taken, id: String(one.id) })
  }
  if (!found) {
    const version = await inside.write(access, { interaction: 'create', resource })
    return { status: 201, located: true, version }
  }
  if (isSame(found, made)) return { status: 200, version: found }
  // Nobody withdraws it between here and its next version.
  await inside.readForChange(access, 'Observation', found.id)
  const amended = { ...resource, status: 'amended' }
  const version = await inside.write(access, { interaction: 'update', resource: amended, id: found.id })
  return { status: 200, version }
}

const isWithdrawn = ({ status }: Observation) => status === 'entered-in-error' || status === 'cancelled'

const restsOn = ({ derivedFrom = [] }: Observation, withdrawn: ReadonlySet<string>): boolean =>
  derivedFrom.some(({ reference = '' }) => withdrawn.has(reference.split('/_history/', 1)[0] ?? ''))

/** Worked out from the same versions by the same scale. */
function isSame(found: Version, made: Observation): boolean {
  const stored = JSON.parse(found.text ?? '{}') as Observation
  const essence = ({ derivedFrom, component, valueQuantity }: Observation) =>
    JSON.stringify([
      derivedFrom,
      component?.map(({ code, valueQuantity: points }) => [code.coding, points?.value]),
      valueQuantity?.value,
    ])
  return !isWithdrawn(stored) && essence(stored) === essence(made)
}
