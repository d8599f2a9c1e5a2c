import type { DataRequirement, Library, PlanDefinition } from '@medplum/fhirtypes'
import { type CompiledPlan, compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { casesIn, type NamedCase } from '../lifecycle/cases.ts'
import { canonicalOf, casesOf } from '../lifecycle/named-definitions.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import type { ReadPlan } from '../lifecycle/template-diff.ts'
import { DefinitionReader } from './definition-reader.ts'

/** A stored plan with all that its actions name, as the caller may see it. */
export type PlanRead = {
  plan: PlanDefinition
  /** By the canonical that names it. */
  definitions: Map<string, Resource>
  compiled: CompiledPlan
  reader: DefinitionReader
}

/**
 * Reads the plan of the path.
 * @throws Refusal not-found, deleted; invalid for a plan that cannot be compiled, such as one with a clock that is no time
 */
export async function readPlan(exchange: Exchange, rooms: Rooms, id = exchange.id): Promise<PlanRead> {
  const reader = new DefinitionReader(exchange, rooms)
  const plan = (await reader.read(`PlanDefinition/${id}`, 'id')) as Resource & PlanDefinition
  const definitions = await reader.readDefinitions(plan)
  return { plan, definitions, compiled: compiledOf(plan, definitions), reader }
}

/**
 * The plan that a canonical names, as `DefinitionReader.findDefinition` finds it.
 * @throws Refusal invalid for a plan that cannot be compiled
 */
export async function findPlan(reader: DefinitionReader, canonical: string): Promise<ReadPlan | undefined> {
  const found = (await reader.findDefinition(canonical, ['PlanDefinition'], true)) as
    | (Resource & PlanDefinition)
    | undefined
  return found && { plan: found, compiled: compiledOf(found, await reader.readDefinitions(found)) }
}

/** The version of a plan that is in force now, where that is a later one. */
export async function findNewer(
  reader: DefinitionReader,
  { url, version }: PlanDefinition,
): Promise<ReadPlan | undefined> {
  const newest = url ? await findPlan(reader, url) : undefined
  return newest?.plan.status === 'active' && compareVersions(newest.plan.version, version) > 0 ? newest : undefined
}

/**
 * @param reads what its CQL looks at beside its inputs
 * @throws Refusal invalid for a plan that cannot be compiled
 */
export function compiledOf(
  plan: PlanDefinition,
  definitions: Map<string, Resource>,
  reads: DataRequirement[] = [],
): CompiledPlan {
  const find = (canonical: string) => definitions.get(canonical) as Definition | undefined
  try {
    return compilePlan(plan, find, undefined, reads)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw refuse('invalid', `${canonicalOf(plan)} cannot be used: ${problem}`, 'PlanDefinition.action')
  }
}

/**
 * The cases of a plan, from the Library that it names.
 * @throws Refusal not-found, when the plan names none or one that is not here; value, for what is no case
 */
export async function readCases({ plan, reader }: PlanRead): Promise<NamedCase[]> {
  const canonical = casesOf(plan)
  if (!canonical) {
    throw refuse(
      'not-found',
      `${canonicalOf(plan)} names no cases: a relatedArtifact of type composed-of, label "cases", whose resource is a Library.`,
      'PlanDefinition.relatedArtifact',
    )
  }
  const library = await reader.findDefinition(canonical, ['Library'], true)
  if (!library)
    throw refuse('not-found', `The cases, Library ${canonical}, are not here.`, 'PlanDefinition.relatedArtifact')
  return casesIn(library as Resource & Library)
}
