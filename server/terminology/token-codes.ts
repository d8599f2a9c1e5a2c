import { refuse } from '../core/fhir/outcome.ts'
import { codesIn } from './codes-in.ts'
import type { Terms } from './terms.ts'

/** What a token modifier of search asks for: a value set's codes, or the codes above or below one. */
export type TermsAsked =
  | { relation: 'in'; valueSet: string }
  | { relation: 'above' | 'below'; system: string | undefined; code: string }

/** As many alternatives as one search compares in reasonable time. */
const ALTERNATIVES_MAX = 10_000

/**
 * The codes that a search with `:in`, `:not-in`, `:above` or `:below` means. The given code is among those above and below it.
 * @throws Refusal when the value set or the code system is not here, and as `codesIn` does
 * @see https://hl7.org/fhir/R4/search.html#token
 */
export async function codesAsked(terms: Terms, asked: TermsAsked): Promise<{ system: string; code: string }[]> {
  if (asked.relation === 'in') {
    const valueSet = await terms.valueSet(asked.valueSet)
    if (!valueSet) throw refuse('value', `There is no value set ${asked.valueSet} here.`)
    const codes = await codesIn(terms, valueSet, { countMax: ALTERNATIVES_MAX })
    return [...codes.values()].map(({ system, code }) => ({ system, code }))
  }
  const { system, code, relation } = asked
  if (!system) throw refuse('value', `:${relation} needs a code with its system, as in system|code.`)
  const tree = await terms.codeSystem(system)
  if (!tree) throw refuse('value', `There is no code system ${system} here, so nothing is known ${relation} ${code}.`)
  const others = relation === 'above' ? tree.ancestors(code) : tree.descendants(code)
  return [tree.concept(code)?.code ?? code, ...others].map((one) => ({ system, code: one }))
}
