import { Refusal } from '../core/fhir/outcome.ts'
import { codesIn } from './codes-in.ts'
import type { Terms } from './terms.ts'

/**
 * `system|code` of each code of a value set, for a binding: from it a code may be refused, so nothing of it may be missing.
 * @returns undefined when the value set, or part of it, is not known as a whole
 */
export async function completeCodes(terms: Terms, canonical: string): Promise<ReadonlySet<string> | undefined> {
  const valueSet = await terms.valueSet(canonical)
  if (!valueSet || (!valueSet.compose && !valueSet.expansion)) return undefined
  const { total, contains = [] } = valueSet.expansion ?? {}
  if (!valueSet.compose && total !== undefined && total > contains.length) return undefined
  try {
    const codes = await codesIn(ofWholeSystems(terms), valueSet)
    return new Set([...codes].flatMap(([key, { abstract }]) => (abstract ? [] : [key])))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** A fragment or an example of a code system does not say which codes there are. */
const ofWholeSystems = (terms: Terms): Terms => ({
  ...terms,
  async codeSystem(canonical) {
    const tree = await terms.codeSystem(canonical)
    return tree?.system.content === 'complete' ? tree : undefined
  },
})
