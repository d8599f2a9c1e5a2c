import type { Library } from '@medplum/fhirtypes'
import type { Facts } from '../core/decide/facts.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type CqlBasis, hasCql, readCqlBasis } from '../cql/cql-basis.ts'
import type { FindLibrary } from '../cql/read-library-set.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { groundOfDecision } from '../plans/decision-ground.ts'
import { findLibrary } from '../store/find-library.ts'
import { codesIn } from '../terminology/codes-in.ts'

/** What the CQL of a decision that was made looks at, by the libraries as they are now. */
export const groundForDecision = (exchange: Pick<Exchange, 'access'>, rooms: Rooms) => async (facts: Facts) => {
  const { definition, used } = facts.plan
  const definitions = [definition, ...used] as unknown as Resource[]
  return groundOfDecision(await readCql(exchange, rooms, definitions), facts)
}

/**
 * What the CQL of these definitions needs, read with the caller's own access; a Library may also be contained in one of them.
 * @returns undefined when they have no CQL
 */
export async function readCql(
  { access }: Pick<Exchange, 'access'>,
  { elms, store, definitions: known, terminology }: Rooms,
  definitions: Resource[],
): Promise<CqlBasis | undefined> {
  if (!hasCql(definitions)) return undefined
  const stored = findLibrary(store, known, access)
  const contained = definitions.flatMap((one) => (one.contained as Resource[] | undefined) ?? [])
  const find: FindLibrary = async (wanted) => {
    if (!('canonical' in wanted && wanted.canonical.startsWith('#'))) return stored(wanted)
    const found = contained.find(({ resourceType, id }) => resourceType === 'Library' && `#${id}` === wanted.canonical)
    return found as Library | undefined
  }
  const terms = terminology.of(access)
  return readCqlBasis(definitions, {
    find,
    elms,
    async listCodes(canonical) {
      const valueSet = await terms.valueSet(canonical)
      if (!valueSet) return undefined
      try {
        return new Set((await codesIn(terms, valueSet)).keys())
      } catch (error) {
        // What cannot be listed is told by whatever asks for it.
        if (error instanceof Refusal) return undefined
        throw error
      }
    },
  })
}
