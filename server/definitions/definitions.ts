import type { SearchParameter, StructureDefinition } from '@medplum/fhirtypes'
import { readDerivedDefinitions } from './cache.ts'
import type { Profile } from './cut-profile.ts'
import { type DerivedDefinitions, withoutVersion } from './derive.ts'

/** The R4 definitions (4.0.1): what a resource may look like, how it is searched, which codes it may hold. */
export type Definitions = {
  /** The concrete resource types of R4; `Resource` and `DomainResource` are not among them. */
  readonly resourceTypes: ReadonlySet<string>
  /**
   * @param url canonical of a structure (a version is ignored), or the bare name of an R4 type
   * @returns   its snapshot, cut down to what `derive.ts` keeps of each element
   */
  structure(url: string): StructureDefinition | undefined
  /** All structures, R4's profiles of datatypes included. */
  structures(): readonly StructureDefinition[]
  /** A profile or extension that R4 itself publishes, such as vital signs. @param url canonical; a version is ignored */
  profile(url: string): Profile | undefined
  /** Search parameters of a resource type: its own, DomainResource's and Resource's. https://hl7.org/fhir/R4/searchparameter-registry.html */
  searchParameters(type: string): readonly SearchParameter[]
  /** Names of the search parameters that put a resource of this type into a patient's compartment; none if it never is. */
  patientCompartment(type: string): readonly string[]
  /** The same for the compartment of a Device, an Encounter, a Practitioner or a RelatedPerson; `{def}` is the resource itself. */
  compartment(owner: string, type: string): readonly string[]
  /** All `system|code` of a value set; undefined when these definitions cannot enumerate it (UCUM, MIME types, currencies). */
  codes(valueSet: string): ReadonlySet<string> | undefined
  /** Those of them that R4 does not define; see with-search-parameters.ts. Absent where none can be. */
  addedSearchParameters?(type: string): readonly SearchParameter[]
  /** Whether resources that are older than an added parameter are still being indexed for it. */
  isBeingIndexed?(type: string, code: string): boolean
}

/** Loads them in well under 100 ms, except at the first start after an installation. */
export function loadDefinitions(): Definitions {
  return toDefinitions(readDerivedDefinitions())
}

const STRUCTURE_BASE = 'http://hl7.org/fhir/StructureDefinition/'

function toDefinitions(derived: DerivedDefinitions): Definitions {
  const structures = new Map(derived.structures.map((structure) => [structure.url, structure]))
  const profiles = new Map(derived.profiles.map((profile) => [profile.url, profile]))
  const concrete = derived.structures.filter((structure) => structure.kind === 'resource' && !structure.abstract)
  const resourceTypes = new Set(concrete.map((structure) => structure.type))
  const parametersByBase = Map.groupBy(
    derived.searchParameters.flatMap((parameter) =>
      (parameter.base ?? []).map((base: string) => ({ base, parameter })),
    ),
    ({ base }) => base,
  )
  const compartments = new Map(
    Object.entries(derived.compartments).map(([owner, types]) => [owner, new Map(Object.entries(types))]),
  )
  const codeSets = new Map<string, ReadonlySet<string>>()
  const parametersByType = new Map<string, readonly SearchParameter[]>()

  const structure: Definitions['structure'] = (url) =>
    structures.get(withoutVersion(url)) ?? (url.includes('/') ? undefined : structures.get(STRUCTURE_BASE + url))

  /** The type and the types that it is made from: Observation, DomainResource, Resource. */
  function lineage(type: string): string[] {
    const found = structure(type)
    return found ? [found.type, ...(found.baseDefinition ? lineage(found.baseDefinition) : [])] : []
  }

  return {
    resourceTypes,
    structure,
    structures: () => derived.structures,
    profile: (url) => profiles.get(withoutVersion(url)),
    searchParameters(type) {
      if (!resourceTypes.has(type)) return []
      const known = parametersByType.get(type)
      if (known) return known
      const parameters = lineage(type).flatMap(
        (base) => parametersByBase.get(base)?.map(({ parameter }) => parameter) ?? [],
      )
      parametersByType.set(type, parameters)
      return parameters
    },
    patientCompartment: (type) =>
      Object.hasOwn(derived.patientCompartment, type) ? (derived.patientCompartment[type] ?? []) : [],
    compartment: (owner, type) => compartments.get(owner)?.get(type) ?? [],
    codes(valueSet) {
      const url = withoutVersion(valueSet)
      const known = codeSets.get(url)
      if (known) return known
      const listed = Object.hasOwn(derived.codes, url) ? derived.codes[url] : undefined
      if (!listed) return undefined
      const set = new Set(listed)
      codeSets.set(url, set)
      return set
    },
  }
}
