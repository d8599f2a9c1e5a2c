import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { compileConceptFilter } from './concept-filter.ts'
import { type Concept, type ConceptTree, isAbstract, isInactive } from './concept-tree.ts'
import { isExcluded, type SystemVersions, wantedVersion } from './system-versions.ts'
import type { Terms } from './terms.ts'

/** A code of a value set, with what is known of it. */
export type ValueSetCode = {
  system: string
  code: string
  version?: string
  display?: string
  designation: Concept['designation']
  abstract: boolean
  inactive: boolean
}

/** `system|code` → the code, in the order of the definition. */
export type Codes = ReadonlyMap<string, ValueSetCode>

export type CodesOptions = {
  /** More codes than this are refused. */
  countMax?: number
  versions?: SystemVersions
}

const DEPTH_MAX = 20
const CODE_COUNT_MAX = 50_000

/**
 * Every code that a value set holds.
 * @throws Refusal not-found (a value set or code system that is not here), not-supported (a code system that is here by name
 *   only), too-costly (too many codes, or value sets that hold themselves), business-rule (another version than is checked for)
 * @see https://hl7.org/fhir/R4/valueset.html#compositions
 */
export async function codesIn(terms: Terms, valueSet: ValueSet, options: CodesOptions = {}): Promise<Codes> {
  const { countMax = CODE_COUNT_MAX, versions } = options
  return collect({ terms, countMax, versions, path: [] }, valueSet)
}

type Round = { terms: Terms; countMax: number; versions: SystemVersions | undefined; path: string[] }

async function collect(round: Round, valueSet: ValueSet): Promise<Map<string, ValueSetCode>> {
  const name = valueSet.url ?? valueSet.id ?? ''
  if (round.path.length > DEPTH_MAX || (name !== '' && round.path.includes(name))) {
    throw refuse('too-costly', `The value set ${name} holds itself: ${[...round.path, name].join(' → ')}.`)
  }
  const within = { ...round, path: [...round.path, name] }
  if (!valueSet.compose) {
    const listed = given(valueSet.expansion?.contains ?? [])
    return new Map(listed.filter(([, code]) => !isExcluded(round.versions, code)))
  }
  const all = new Map<string, ValueSetCode>()
  for (const [i, include] of (valueSet.compose.include ?? []).entries()) {
    const part = await codesOfInclude(within, include, `ValueSet.compose.include[${i}]`)
    for (const [key, code] of part) if (!all.has(key)) all.set(key, code)
    if (all.size > round.countMax) throw tooMany(name, round.countMax)
  }
  for (const [i, exclude] of (valueSet.compose.exclude ?? []).entries()) {
    const part = await codesOfInclude(within, exclude, `ValueSet.compose.exclude[${i}]`)
    for (const key of part.keys()) all.delete(key)
  }
  if (valueSet.compose.inactive === false) {
    for (const [key, { inactive }] of all) if (inactive) all.delete(key)
  }
  return all
}

const tooMany = (name: string, countMax: number) =>
  refuse('too-costly', `The value set ${name} holds more than ${countMax} codes.`)

/** What the parts of an include have in common: the system's codes and each value set's. */
async function codesOfInclude(
  round: Round,
  include: ValueSetComposeInclude,
  at: string,
): Promise<Map<string, ValueSetCode>> {
  const parts: Map<string, ValueSetCode>[] = []
  if (include.system !== undefined) parts.push(await codesOfSystem(round, include, at))
  for (const [i, canonical] of (include.valueSet ?? []).entries()) {
    const other = await round.terms.valueSet(canonical)
    if (!other) throw refuse('not-found', `There is no value set ${canonical} here.`, `${at}.valueSet[${i}]`)
    parts.push(await collect(round, other))
  }
  const [first, ...others] = parts
  if (!first) return new Map()
  return others.length === 0 ? first : new Map([...first].filter(([key]) => others.every((other) => other.has(key))))
}

async function codesOfSystem(
  { terms, countMax, versions, path }: Round,
  { system = '', version: named, concept, filter }: ValueSetComposeInclude,
  at: string,
): Promise<Map<string, ValueSetCode>> {
  const { version, isAsked } = wantedVersion(versions, { system, named, at })
  const found = await terms.codeSystem(version === undefined ? system : `${system}|${version}`)
  if (isExcluded(versions, { system, version: version ?? found?.version })) return new Map()
  // R4's value sets name versions that R4's code systems do not have; what the caller asks for is meant exactly.
  const tree = isAsked && found?.version !== version ? undefined : found
  if (concept) {
    // Codes that are listed need no definition; where there is one, it knows their displays.
    return keyed(
      concept.flatMap(({ code, display, designation }) => {
        if (code === undefined) return []
        const known = tree?.concept(code)
        const listed = known ? fromTree(tree as ConceptTree, known) : plain(system, code)
        return [
          {
            ...listed,
            ...(version === undefined ? {} : { version }),
            ...(display === undefined ? {} : { display }),
            designation: [...(designation ?? []), ...listed.designation],
          },
        ]
      }),
    )
  }
  if (!tree) {
    const asked = isAsked ? `${system}|${version}` : system
    throw refuse('not-found', `There is no code system ${asked} here, so its codes cannot be listed.`, at)
  }
  if (tree.system.content === 'not-present') {
    throw refuse('not-supported', `The code system ${system} is here without its codes.`, at)
  }
  const tests = (filter ?? []).map((one, i) => compileConceptFilter(tree, one, `${at}.filter[${i}]`))
  const matching = tree.concepts.filter((one) => tests.every((test) => test(one)))
  if (matching.length > countMax) throw tooMany(path.at(-1) ?? '', countMax)
  return keyed(matching.map((one) => fromTree(tree, one)))
}

const keyed = (codes: ValueSetCode[]) => new Map(codes.map((one) => [keyOf(one), one]))

/** How a code is named among the codes of a value set. */
export const keyOf = ({ system, code }: { system: string; code: string }): string => `${system}|${code}`

const plain = (system: string, code: string): ValueSetCode => ({
  ...{ system, code, designation: [], abstract: false, inactive: false },
})

function fromTree({ url, version }: ConceptTree, concept: Concept): ValueSetCode {
  const { code, display, designation } = concept
  return {
    ...{ system: url, code, designation, abstract: isAbstract(concept), inactive: isInactive(concept) },
    ...(version === undefined ? {} : { version }),
    ...(display === undefined ? {} : { display }),
  }
}

/** A value set that is stored as its expansion alone. */
function given(contains: ValueSetExpansionContains[]): [string, ValueSetCode][] {
  return contains.flatMap((one) => {
    const { system = '', version, code, display, designation, abstract, inactive } = one
    const below = given(one.contains ?? [])
    if (code === undefined) return below
    const own: ValueSetCode = {
      ...{ system, code, designation: designation ?? [], abstract: abstract ?? false, inactive: inactive ?? false },
      ...(version === undefined ? {} : { version }),
      ...(display === undefined ? {} : { display }),
    }
    return [[keyOf(own), own] as [string, ValueSetCode], ...below]
  })
}
