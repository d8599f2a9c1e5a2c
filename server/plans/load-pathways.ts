import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlanDefinition } from '@medplum/fhirtypes'
import type { OfferCase } from '../core/decide/cases/offer-case.ts'
import type { PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { type CompiledPlan, compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type NamedCase, toCasesLibrary } from '../lifecycle/cases.ts'

/** The pathways that come with the server. */
export const PATHWAYS_FOLDER = fileURLToPath(new URL('../../plandefinitions/', import.meta.url))

/** The codes, identifiers and extensions that pathways and Tasks are written with. */
const PROFILES_FOLDER = fileURLToPath(new URL('../../fhir-profiles/built/', import.meta.url))

/** What the FSH was built into. */
export const loadProfiles = (folder = PROFILES_FOLDER): Resource[] =>
  jsonFiles(folder).map((path) => JSON.parse(readFileSync(path, 'utf8')) as Resource)

/** Everything in `plandefinitions/<pathway>/*.json`, in the order in which it is to be stored: what is named before what names it. */
export function loadPathways(folder = PATHWAYS_FOLDER): Resource[] {
  const resources = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
    .flatMap((path) => [...resourcesIn(path), ...casesOf(path)])
  return resources.sort((one, other) => rank(one) - rank(other))
}

const ORDER = ['CodeSystem', 'ValueSet', 'Questionnaire', 'Library', 'ActivityDefinition', 'PlanDefinition']
const rank = ({ resourceType }: Resource) => ORDER.indexOf(resourceType)

/** One pathway, compiled, with its cases. */
export function loadPathway(
  name: string,
  folder = PATHWAYS_FOLDER,
): { plan: CompiledPlan; cases: [string, PathwayCase][] } {
  const path = join(folder, name)
  const resources = resourcesIn(path)
  const definition = planOf(path, resources)
  if (!definition) throw new Error(`${path} holds no PlanDefinition/${name}`)
  const definitions = resources as (Resource & Definition)[]
  const plan = compilePlan(definition, (canonical) =>
    definitions.find((one) => canonical === one.url || canonical === `${one.url}|${one.version}`),
  )
  return { plan, cases: readCases(path).map(({ name, given }) => [name, given]) }
}

/** A plan beside the pathway that an EHR asks and that follows nobody, with its cases: `copd-offer` has its own in `cases-offer/`. */
export type Offer = { plan: PlanDefinition; cases: { name: string; given: OfferCase }[] }

export function loadOffers(name: string, folder = PATHWAYS_FOLDER): Offer[] {
  const path = join(folder, name)
  const plans = resourcesIn(path).filter(({ resourceType, id }) => resourceType === 'PlanDefinition' && id !== name)
  return (plans as unknown as PlanDefinition[]).map((plan) => {
    const own = join(path, `cases-${plan.id?.replace(`${name}-`, '')}`)
    return { plan, cases: existsSync(own) ? readNamed<OfferCase>(own) : [] }
  })
}

/** The names of the pathways, which are those of their folders. */
export const pathwayNames = (folder = PATHWAYS_FOLDER): string[] =>
  readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .sort()

/** What a pathway is made of, without its cases. */
export const resourcesOf = (name: string, folder = PATHWAYS_FOLDER): Resource[] => resourcesIn(join(folder, name))

const resourcesIn = (path: string): Resource[] =>
  jsonFiles(path).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Resource)

/** The pathway itself has its folder's name; beside it there may be plans that an EHR asks, which follow nobody. */
const planOf = (path: string, resources: Resource[]): PlanDefinition | undefined =>
  resources.find(({ resourceType, id }) => resourceType === 'PlanDefinition' && id === basename(path)) as
    | PlanDefinition
    | undefined

/** The Library of the pathway's cases, stored beside its plan. */
function casesOf(path: string): Resource[] {
  const plan = planOf(path, resourcesIn(path))
  return plan ? [{ ...toCasesLibrary(plan, readCases(path)) }] : []
}

const readCases = (path: string): NamedCase[] => readNamed<PathwayCase>(join(path, 'cases'))

const readNamed = <T>(folder: string): { name: string; given: T }[] =>
  jsonFiles(folder).map((file) => ({
    name: basename(file, '.json'),
    given: JSON.parse(readFileSync(file, 'utf8')) as T,
  }))

const jsonFiles = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
