import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes'

type Property = NonNullable<CodeSystemConcept['property']>[number]
type Designation = NonNullable<CodeSystemConcept['designation']>[number]

export type Concept = {
  code: string
  display?: string
  definition?: string
  designation: Designation[]
  property: Property[]
  parents: string[]
  children: string[]
}

/** A code system with its hierarchy, whether it is told by nesting or by the properties `parent`, `child` and `subsumedBy`. */
export type ConceptTree = {
  system: CodeSystem
  url: string
  version?: string
  /** All in the order of the definition, each once. */
  concepts: readonly Concept[]
  /** Obeys `CodeSystem.caseSensitive`. */
  concept(code: string): Concept | undefined
  /** Every code above this one, itself left out; of any number of parents. */
  ancestors(code: string): ReadonlySet<string>
  descendants(code: string): ReadonlySet<string>
}

/** @param system as stored: elements that are not there are left out, never a reason to fail */
export function toConceptTree(system: CodeSystem): ConceptTree {
  const concepts = new Map<string, Concept>()
  const links: [parent: string, child: string][] = []
  collect(system.concept ?? [], undefined, concepts, links)
  for (const [parent, child] of links) {
    const above = concepts.get(parent)
    const below = concepts.get(child)
    if (!above || !below || above === below || above.children.includes(child)) continue
    above.children.push(child)
    below.parents.push(parent)
  }
  const folded =
    system.caseSensitive === false
      ? new Map([...concepts.values()].map((concept) => [concept.code.toLowerCase(), concept]))
      : undefined
  const concept = (code: string) => concepts.get(code) ?? folded?.get(code.toLowerCase())
  return {
    system,
    url: system.url ?? '',
    ...(system.version === undefined ? {} : { version: system.version }),
    concepts: [...concepts.values()],
    concept,
    ancestors: (code) => reached(concept, code, 'parents'),
    descendants: (code) => reached(concept, code, 'children'),
  }
}

function collect(
  list: CodeSystemConcept[],
  parent: string | undefined,
  concepts: Map<string, Concept>,
  links: [string, string][],
): void {
  for (const { code, display, definition, designation = [], property = [], concept = [] } of list) {
    if (typeof code !== 'string') continue
    if (parent !== undefined) links.push([parent, code])
    for (const one of property) {
      const other = textOfProperty(one)
      if (one.code === 'parent' || one.code === 'subsumedBy') links.push([other, code])
      if (one.code === 'child') links.push([code, other])
    }
    if (!concepts.has(code)) {
      concepts.set(code, {
        code,
        ...(display === undefined ? {} : { display }),
        ...(definition === undefined ? {} : { definition }),
        ...{ designation, property, parents: [], children: [] },
      })
    }
    collect(concept, code, concepts, links)
  }
}

/** Walks with a list of its own, so that neither depth nor a circle in what someone stored can end it. */
function reached(
  find: (code: string) => Concept | undefined,
  code: string,
  side: 'parents' | 'children',
): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [...(find(code)?.[side] ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(find(next)?.[side] ?? []))
  }
  found.delete(find(code)?.code ?? code)
  return found
}

/** A property's value as text, whatever its type. */
export function textOfProperty(property: Property): string {
  const value =
    property.valueCode ??
    property.valueString ??
    property.valueCoding?.code ??
    property.valueBoolean ??
    property.valueInteger ??
    property.valueDecimal ??
    property.valueDateTime
  return value === undefined ? '' : String(value)
}

const isTrue = (concept: Concept, code: string) =>
  concept.property.some((one) => one.code === code && textOfProperty(one) === 'true')

/** Only there to group others: not for use in a record. https://hl7.org/fhir/R4/codesystem-concept-properties.html */
export const isAbstract = (concept: Concept): boolean => isTrue(concept, 'notSelectable') || isTrue(concept, 'abstract')

const PAST = new Set(['retired', 'inactive'])

/** No longer for use. `deprecated` is still active: it says that something better is there. */
export const isInactive = (concept: Concept): boolean =>
  isTrue(concept, 'inactive') ||
  concept.property.some((one) => one.code === 'status' && PAST.has(textOfProperty(one).toLowerCase()))

/** The display in the first of these languages that there is one in; the concept's own otherwise. */
export function displayIn(concept: Pick<Concept, 'display' | 'designation'>, languages: string[]): string | undefined {
  for (const language of languages) {
    const found = concept.designation.find((one) => isOfLanguage(one.language, language))
    if (found?.value !== undefined) return found.value
  }
  return concept.display
}

/** `nb` finds `nb-NO`, and `nb-NO` is content with `nb`. */
const isOfLanguage = (has: string | undefined, wanted: string): boolean =>
  has !== undefined &&
  (has.toLowerCase() === wanted.toLowerCase() ||
    has.split('-', 1)[0]?.toLowerCase() === wanted.split('-', 1)[0]?.toLowerCase())
