import type { CodeSystem, Coding } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { grammarTree } from '../terminology/code-grammar.ts'
import { type ConceptTree, toConceptTree } from '../terminology/concept-tree.ts'
import type { Given } from './given-parameters.ts'

/**
 * The code system that an operation is about: of the path, given whole, or by its url.
 * @param url what names it, and `parameter`, under which it was given
 * @throws Refusal not-found, required
 */
export async function codeSystemGiven(
  { access, id }: Exchange,
  { store, terminology }: Rooms,
  given: Given,
  { url, parameter }: { url: string | undefined; parameter: string },
): Promise<ConceptTree> {
  if (id !== '')
    return toConceptTree(JSON.parse((await store.read(access, 'CodeSystem', id)).text ?? '{}') as CodeSystem)
  const inline = given.resource('codeSystem', 'CodeSystem')
  if (inline) return toConceptTree(inline as unknown as CodeSystem)
  if (url === undefined) throw refuse('required', `A code system is needed, as ${parameter}.`, parameter)
  const version = given.text('version')
  const canonical = version === undefined ? url : `${url}|${version}`
  const tree = (await terminology.of(access).codeSystem(canonical)) ?? grammarTree(canonical)
  if (!tree) throw refuse('not-found', `There is no code system ${canonical} here.`, parameter)
  return tree
}

/** The codings that were given as code and system, as a Coding, or as a CodeableConcept. @throws Refusal required */
export function codingsGiven(given: Given): Coding[] {
  const code = given.text('code')
  if (code !== undefined) {
    const [system, display] = [given.text('system'), given.text('display')]
    return [{ code, ...(system === undefined ? {} : { system }), ...(display === undefined ? {} : { display }) }]
  }
  const coding = given.coding('coding')
  if (coding) return [coding]
  const concept = given.concept('codeableConcept')
  if (concept) return Array.isArray(concept.coding) ? concept.coding : []
  throw refuse('required', 'A code is needed: as code and system, as coding, or as codeableConcept.', 'code')
}
