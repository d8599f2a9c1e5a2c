import type { SearchParameter } from '@medplum/fhirtypes'
import type { Definitions } from './definitions.ts'

/**
 * The definitions with further search parameters. What R4 itself defines stays as it is: its parameters decide in whose
 * compartment a resource is, and nobody gains access to a record by storing a definition.
 * @param added    later ones give way to earlier ones of the same code
 * @param indexing `Type.code` of parameters that older resources are still being indexed for
 */
export function withSearchParameters(
  base: Definitions,
  added: readonly SearchParameter[],
  indexing: ReadonlySet<string> = new Set(),
): Definitions {
  const types = new Map<string, OfType>()

  function ofType(type: string): OfType {
    const known = types.get(type)
    if (known) return known
    const own = base.searchParameters(type)
    const further = added.filter((parameter) => isOn(base, type, parameter) && !isTaken(own, parameter))
    const parameters = firstOfEachCode(further)
    // The very same list where nothing is added, so that what was derived from it stays valid.
    const found = { added: parameters, all: parameters.length === 0 ? own : [...own, ...parameters] }
    types.set(type, found)
    return found
  }

  return {
    ...base,
    searchParameters: (type) => ofType(type).all,
    addedSearchParameters: (type) => ofType(type).added,
    isBeingIndexed: (type, code) => indexing.has(`${type}.${code}`),
  }
}

type OfType = { all: readonly SearchParameter[]; added: readonly SearchParameter[] }

/** The concrete types that a parameter is for: `Resource` and `DomainResource` stand for all that are made from them. */
export function typesOf(definitions: Definitions, parameter: SearchParameter): string[] {
  return [...definitions.resourceTypes].filter((type) => isOn(definitions, type, parameter))
}

function isOn(definitions: Definitions, type: string, { base }: SearchParameter): boolean {
  const bases: readonly string[] = base ?? []
  return (
    bases.includes(type) ||
    bases.includes('Resource') ||
    (bases.includes('DomainResource') && !isPlain(definitions, type))
  )
}

const isPlain = (definitions: Definitions, type: string): boolean =>
  definitions.structure(type)?.baseDefinition === 'http://hl7.org/fhir/StructureDefinition/Resource'

const isTaken = (own: readonly SearchParameter[], { code, url }: SearchParameter): boolean =>
  own.some((one) => one.code === code || one.url === url)

const firstOfEachCode = (parameters: SearchParameter[]): SearchParameter[] =>
  parameters.filter(({ code }, i) => parameters.findIndex((one) => one.code === code) === i)
