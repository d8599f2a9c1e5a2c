import type { CodeSystem, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes'

/** The code systems and value sets that an expansion may draw on, by canonical. */
export type Terminology = {
  codeSystem(canonical: string): CodeSystem | undefined
  valueSet(canonical: string): ValueSet | undefined
}

type Concept = NonNullable<CodeSystem['concept']>[number]
type Filter = NonNullable<ValueSetComposeInclude['filter']>[number]

/**
 * All `system|code` of a value set. https://hl7.org/fhir/R4/valueset.html#compositions
 * @returns undefined when a part of it is not known here, is no whole list of codes, or is asked for by a filter that we do not have
 */
export function expandCodes(
  canonical: string,
  terminology: Terminology,
  underWay: string[] = [],
): Set<string> | undefined {
  const valueSet = terminology.valueSet(canonical)
  if (!valueSet || underWay.includes(canonical)) return undefined
  if (!valueSet.compose?.include) return expansionCodes(valueSet)
  const around = [...underWay, canonical]
  const codes = new Set<string>()
  for (const include of valueSet.compose.include) {
    const included = includedCodes(include, terminology, around)
    if (!included) return undefined
    for (const code of included) codes.add(code)
  }
  for (const exclude of valueSet.compose.exclude ?? []) {
    const excluded = includedCodes(exclude, terminology, around)
    if (!excluded) return undefined
    for (const code of excluded) codes.delete(code)
  }
  return codes
}

/** What somebody else expanded, if it is there whole. */
function expansionCodes({ expansion }: ValueSet): Set<string> | undefined {
  if (!expansion?.contains || (expansion.total ?? 0) > expansion.contains.length) return undefined
  const codes = new Set<string>()
  const add = (contains: NonNullable<typeof expansion.contains>) => {
    for (const { system, code, abstract, contains: below } of contains) {
      if (code !== undefined && abstract !== true) codes.add(`${system}|${code}`)
      add(below ?? [])
    }
  }
  add(expansion.contains)
  return codes
}

/** What is in the system, and in each of the value sets too. */
function includedCodes(
  include: ValueSetComposeInclude,
  terminology: Terminology,
  underWay: string[],
): Set<string> | undefined {
  const parts: (Set<string> | undefined)[] = (include.valueSet ?? []).map((canonical) =>
    expandCodes(canonical, terminology, underWay),
  )
  if (include.system) parts.push(systemCodes(include, terminology))
  const [first, ...others] = parts
  if (!first || others.includes(undefined)) return undefined
  return new Set([...first].filter((code) => others.every((other) => other?.has(code))))
}

function systemCodes(include: ValueSetComposeInclude, terminology: Terminology): Set<string> | undefined {
  const { system = '', version, concept, filter = [] } = include
  const toKey = (code: string | undefined) => `${system}|${code}`
  if (concept) return new Set(concept.map(({ code }) => toKey(code)))
  const known = terminology.codeSystem(version === undefined ? system : `${system}|${version}`)
  if (known?.content !== 'complete') return undefined
  let codes = new Set(codesBelow(known.concept ?? []))
  for (const one of filter) {
    const passing = filteredCodes(known, one)
    if (!passing) return undefined
    codes = new Set([...codes].filter((code) => passing.has(code)))
  }
  return new Set([...codes].map(toKey))
}

const codesBelow = (concepts: Concept[]): string[] =>
  concepts.flatMap(({ code, concept }) => [code ?? '', ...codesBelow(concept ?? [])])

/** https://hl7.org/fhir/R4/valueset-filter-operator.html */
function filteredCodes(system: CodeSystem, { property, op, value }: Filter): Set<string> | undefined {
  const concepts = everyConcept(system.concept ?? [])
  switch (op) {
    case 'is-a':
    case 'descendent-of': {
      const below = descendants(system, String(value))
      if (op === 'is-a') below.add(String(value))
      return below
    }
    case 'is-not-a': {
      const below = descendants(system, String(value)).add(String(value))
      return new Set(concepts.flatMap(({ code }) => (code !== undefined && !below.has(code) ? [code] : [])))
    }
    case '=':
    case 'in': {
      const wanted = op === 'in' ? String(value).split(',') : [String(value)]
      return new Set(
        concepts.flatMap((one) => (valuesOf(one, property).some((v) => wanted.includes(v)) ? [one.code ?? ''] : [])),
      )
    }
    default:
      return undefined
  }
}

const everyConcept = (concepts: Concept[]): Concept[] =>
  concepts.flatMap((concept) => [concept, ...everyConcept(concept.concept ?? [])])

/** By nesting, and by the property `parent` where a system says it so. */
function descendants(system: CodeSystem, ancestor: string): Set<string> {
  const concepts = everyConcept(system.concept ?? [])
  const found = new Set<string>()
  const visit = (code: string) => {
    const nested = concepts.filter((one) => one.code === code).flatMap((one) => one.concept ?? [])
    const named = concepts.filter((one) => valuesOf(one, 'parent').includes(code))
    for (const { code: child } of [...nested, ...named]) {
      if (child === undefined || found.has(child)) continue
      found.add(child)
      visit(child)
    }
  }
  visit(ancestor)
  return found
}

function valuesOf({ code, display, property }: Concept, name: string | undefined): string[] {
  if (name === 'code' || name === 'concept') return code === undefined ? [] : [code]
  if (name === 'display') return display === undefined ? [] : [display]
  return (property ?? []).flatMap((one) =>
    one.code === name ? [String(Object.entries(one).find(([key]) => key.startsWith('value'))?.[1])] : [],
  )
}
