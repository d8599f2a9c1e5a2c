import type { ValueSet } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { Given } from './given-parameters.ts'

/**
 * The value set that an operation is about: of the path, given whole, or by its url, which may also be `ValueSet/[id]`; of the url the
 * parameter `valueSetVersion` may name a version.
 * @param bound canonical of the one that stands in the place of `url`
 * @throws Refusal not-found, required
 */
export async function valueSetGiven(exchange: Exchange, rooms: Rooms, given: Given, bound?: string): Promise<ValueSet> {
  if (exchange.id !== '') {
    const { text } = await rooms.store.read(exchange.access, 'ValueSet', exchange.id)
    return JSON.parse(text ?? '{}') as ValueSet
  }
  const inline = given.resource('valueSet', 'ValueSet')
  if (inline) return inline as unknown as ValueSet
  const url = bound ?? given.text('url')
  if (url === undefined) throw refuse('required', 'A value set is needed: by its id, as url, or as valueSet.', 'url')
  const asked = given.text('valueSetVersion')
  const canonical = asked === undefined ? url : `${url}|${asked}`
  const found = await rooms.terminology.of(exchange.access).valueSet(canonical)
  if (!found) throw refuse('not-found', `There is no value set ${canonical} here.`, 'url')
  const [, wanted] = canonical.split('|')
  // Of R4's own there is one version; what is stored has been looked for by version already.
  if (wanted !== undefined && found.version !== undefined && !`${found.version}.`.startsWith(`${wanted}.`))
    throw refuse('not-found', `There is no value set ${canonical} here, but version ${found.version} of it.`, 'url')
  return found
}
