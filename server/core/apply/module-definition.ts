import type {
  DataRequirement,
  Library,
  ParameterDefinition,
  PlanDefinition,
  PlanDefinitionAction,
  RelatedArtifact,
} from '@medplum/fhirtypes'
import { milliseconds } from '../decide/time/duration.ts'
import type { Resource } from '../fhir/resource.ts'

/** The CQL libraries of some definitions, with all that they include. */
export type ModuleLibraries = {
  /** `url|version` of each. */
  canonicals: string[]
  requirements: DataRequirement[]
  parameters: ParameterDefinition[]
}

/**
 * What must be there before `plan` can be applied: the data that its actions look at, and the definitions it is made of.
 * @param definitions those that the plan names, and that its plans name
 * @param libraries   what their CQL is made of, looks at and may be given
 * @see https://hl7.org/fhir/R4/plandefinition-operation-data-requirements.html
 */
export function toModuleDefinition(
  plan: PlanDefinition,
  definitions: Resource[],
  libraries: ModuleLibraries = { canonicals: [], requirements: [], parameters: [] },
): Library {
  const plans = [plan, ...definitions.filter(isPlan)]
  const asked = [...plans.flatMap(({ action }) => requirementsOf(action)), ...libraries.requirements]
  const dataRequirement = mergeRequirements(asked)
  const exact = new Set(libraries.canonicals.map((canonical) => canonical.split('|')[0]))
  // A library that was found is told with its version, once.
  const isTold = (canonical: string) => canonical.includes('|') || !exact.has(canonical)
  const names = new Set([
    ...plans.flatMap(({ library = [], action }) => [...library.filter(isTold), ...canonicalsOf(action)]),
    ...definitions.flatMap((definition) => ((definition.library as string[] | undefined) ?? []).filter(isTold)),
    ...libraries.canonicals,
    ...dataRequirement.flatMap(({ codeFilter }) => (codeFilter ?? []).flatMap(({ valueSet }) => valueSet ?? [])),
  ])
  const relatedArtifact: RelatedArtifact[] = [...names].map((resource) => ({ type: 'depends-on', resource }))
  return {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'module-definition' }] },
    ...(relatedArtifact.length > 0 ? { relatedArtifact } : {}),
    ...(libraries.parameters.length > 0 ? { parameter: libraries.parameters } : {}),
    ...(dataRequirement.length > 0 ? { dataRequirement } : {}),
  }
}

/**
 * Requirements without those that another one covers: alike but for how far they look back or how many they want, the one that
 * reaches further is kept. One without any date is kept beside one with: a trigger looks at what comes, an input at what was.
 */
export function mergeRequirements(requirements: DataRequirement[]): DataRequirement[] {
  const kept = new Map<string, DataRequirement>()
  for (const { id, ...requirement } of requirements) {
    const key = JSON.stringify(withoutReach(requirement))
    const before = kept.get(key)
    kept.set(key, before ? wider(before, requirement) : requirement)
  }
  return [...kept.values()]
}

function withoutReach({ limit, sort, dateFilter, ...rest }: DataRequirement): unknown {
  return { ...rest, dateFilter: dateFilter?.map(({ valueDuration, ...one }) => ({ ...one, since: !!valueDuration })) }
}

function wider(one: DataRequirement, other: DataRequirement): DataRequirement {
  const dateFilter = one.dateFilter?.map((filter, i) => {
    const against = other.dateFilter?.[i] ?? filter
    return reach(against) > reach(filter) ? against : filter
  })
  const { limit, sort, ...rest } = one
  const isSame = JSON.stringify([sort]) === JSON.stringify([other.sort])
  // "The newest three" and "the newest five" are five; with different orders neither says what is enough.
  const limited = isSame && limit !== undefined && other.limit !== undefined
  return {
    ...rest,
    ...(dateFilter ? { dateFilter } : {}),
    ...(isSame && sort ? { sort } : {}),
    ...(limited ? { limit: Math.max(limit, other.limit ?? 0) } : {}),
  }
}

function reach({ valueDuration }: NonNullable<DataRequirement['dateFilter']>[number]): number {
  if (!valueDuration) return 0
  try {
    return milliseconds(valueDuration)
  } catch {
    // Of a length that is not known nothing can be left out.
    return Number.POSITIVE_INFINITY
  }
}

const isPlan = (definition: Resource): definition is Resource & PlanDefinition =>
  definition.resourceType === 'PlanDefinition'

const requirementsOf = (actions: PlanDefinitionAction[] = []): DataRequirement[] =>
  actions.flatMap(({ input = [], trigger = [], action }) => [
    ...input,
    ...trigger.flatMap(({ data }) => data ?? []),
    ...requirementsOf(action),
  ])

const canonicalsOf = (actions: PlanDefinitionAction[] = []): string[] =>
  actions.flatMap(({ definitionCanonical, action }) => [
    ...(definitionCanonical && !definitionCanonical.startsWith('#') ? [definitionCanonical] : []),
    ...canonicalsOf(action),
  ])
