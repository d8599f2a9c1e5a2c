import type { CarePlan } from '@medplum/fhirtypes'
import type { CompiledPlan, Definition } from '../core/decide/plan/compile-plan.ts'
import type { CodesOf } from '../core/decide/plan/data-requirement.ts'
import { valueSetsOf } from '../core/decide/plan/with-codes.ts'
import { type CqlBasis, hasCql } from '../cql/cql-basis.ts'
import type { Queryable } from '../db/pool.ts'
import { shareOf } from '../lifecycle/extensions.ts'
import { demandsOf } from '../lifecycle/legal-basis/demands.ts'
import { handoverDemandsOf } from '../lifecycle/legal-basis/handover-basis.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { isInStage } from '../lifecycle/stage.ts'
import { readChangeStamp } from './change-stamp.ts'
import { COMPILED_TYPES, PlanShelf } from './plan-shelf.ts'

/** Every plan that somebody may be enrolled in, compiled, with an index of what they listen to. */
export type PlanBook = {
  /** Changes whenever a definition does. */
  stamp: string
  /**
   * The plan of a canonical: exactly the version it names, else the newest active one.
   * @param patient a version in a staged start is the newest only for those who are among its share; without a patient, for all
   */
  find(canonical: string, patient?: string): CompiledPlan | undefined
  /** Types that some plan listens to. */
  types: Set<string>
  asksForSubject: boolean
  /** Some plan touches requests that are there. */
  steers: boolean
  /** Some plan demands a legal basis. */
  demandsBasis: boolean
  /** Plans that could not be compiled, and why. */
  broken: string[]
  plans: CompiledPlan[]
  /** What the CQL of a plan is worked out over, by the plan's url|version. */
  cql: ReadonlyMap<string, CqlBasis>
}

/** What a compiled plan is made of. */
const DEFINING = [...COMPILED_TYPES, 'Library', 'ValueSet', 'CodeSystem']

/** What tells that a definition changed, by any process. */
export const readStamp = (db: Queryable): Promise<string> => readChangeStamp(db, DEFINING)

/** Whether the plans are in this transaction still what they are in a book that was read before it. */
export const standsStill = async (tx: Queryable, { stamp }: PlanBook): Promise<boolean> =>
  (await readStamp(tx)) === stamp

/** `system|code` of each code of a value set; undefined for one whose codes are not all known here. */
export type ListCodes = (valueSet: string) => Promise<ReadonlySet<string> | undefined>

/** The libraries that these definitions name, and what they need. */
export type ReadCql = (definitions: object[]) => Promise<CqlBasis>
export type BookRooms = { listCodes?: ListCodes | undefined; readCql?: ReadCql | undefined }

/**
 * Reads and compiles all definitions, older versions and deleted ones too: who is enrolled in a version stays with it, and is not
 * left in silence by a deletion.
 * @param rooms `listCodes` knows the value sets that triggers and inputs filter by; without it only codes that are written are known
 * @param shelf of earlier readings, so that only what has changed is read and compiled
 */
export async function readPlanBook(
  db: Queryable,
  stamp: string,
  { listCodes, readCql }: BookRooms = {},
  shelf = new PlanShelf(),
): Promise<PlanBook> {
  const definitions = await shelf.read(db)
  const codesOf = listCodes && (await readCodes(definitions, listCodes))
  const book = toPlanBook(definitions, { stamp, codesOf, shelf })
  const cql = readCql && (await readAllCql(book.plans, readCql))
  return cql?.size ? toPlanBook(definitions, { stamp, codesOf, cql, shelf }) : book
}

/** The libraries of every plan that has CQL. What is wrong with one is told by each expression that needs it. */
async function readAllCql(plans: CompiledPlan[], readCql: ReadCql): Promise<Map<string, CqlBasis>> {
  const found = new Map<string, CqlBasis>()
  for (const { canonical, definition, used } of plans) {
    const all = [definition, ...used]
    if (hasCql(all)) found.set(canonical, await readCql(all))
  }
  return found
}

async function readCodes(definitions: Definition[], listCodes: ListCodes): Promise<CodesOf> {
  const plans = definitions.filter((one) => one.resourceType === 'PlanDefinition')
  const valueSets = new Set(plans.flatMap(({ action }) => valueSetsOf(action)))
  const codes = new Map<string, ReadonlySet<string> | undefined>()
  // One after the other: they may be many, and the round holds a connection meanwhile.
  for (const valueSet of valueSets) codes.set(valueSet, await listCodes(valueSet))
  return (valueSet) => codes.get(valueSet)
}

type BookParts = {
  stamp?: string
  codesOf?: CodesOf | undefined
  cql?: ReadonlyMap<string, CqlBasis>
  shelf?: PlanShelf
}

/** @param definitions newest first where one business version was stored more than once */
export function toPlanBook(
  definitions: Definition[],
  { stamp = '', codesOf, cql = new Map(), shelf = new PlanShelf() }: BookParts = {},
): PlanBook {
  const activities = byCanonical(definitions.filter((one) => one.resourceType === 'ActivityDefinition'))
  const plans = byCanonical(everInForce(definitions.filter((one) => one.resourceType === 'PlanDefinition')))
  const questionnaires = byCanonical(definitions.filter((one) => one.resourceType === 'Questionnaire'))
  const find = (canonical: string) => activities.get(canonical) ?? questionnaires.get(canonical) ?? plans.get(canonical)
  const compiled = new Map<string, CompiledPlan>()
  const broken: string[] = []
  // The newest one is found by its url and by its url with the version.
  for (const [plan, named] of Map.groupBy(plans, ([, plan]) => plan)) {
    const canonicals = named.map(([canonical]) => canonical)
    try {
      const reads = cql.get(canonicalOf(plan))?.requirements
      const done = shelf.compile(plan, find, codesOf, reads)
      for (const canonical of canonicals) compiled.set(canonical, done)
    } catch (error) {
      // One bad plan must not stop the others; whoever is enrolled in it gets the Task of an unknown plan.
      const why = error instanceof Error ? error.message : String(error)
      broken.push(...canonicals.map((canonical) => `${canonical}: ${why}`))
    }
  }
  const all = [...new Set(compiled.values())]
  const inForce = all.filter(({ definition }) => definition.status === 'active')
  const others = Map.groupBy(
    inForce.sort((one, other) => compareVersions(other.definition.version, one.definition.version)),
    ({ url }) => url,
  )
  const keys = all.flatMap((plan) => plan.listeners.flatMap((listener) => [...listener.keys]))
  return {
    stamp,
    find: (canonical, patient) => {
      const newest = compiled.get(canonical)
      if (!newest || !patient || canonical.includes('|')) return newest
      const isFor = (plan: CompiledPlan) => isInStage(plan.url, patient, shareOf(plan.definition))
      return isFor(newest) ? newest : (others.get(canonical)?.find(isFor) ?? newest)
    },
    types: new Set(keys.map((key) => key.slice(0, key.indexOf(' ')))),
    asksForSubject: all.some((plan) => plan.asksForSubject),
    steers: all.some((plan) => plan.steers),
    demandsBasis: all.some(({ definition }) => demandsOf(definition).length + handoverDemandsOf(definition).length > 0),
    broken,
    cql,
    plans: all,
  }
}

/** What was stored as retired, or of a status that nobody knows, and has never been active has passed no gate and governs nobody. */
function everInForce<T extends Definition>(versions: T[]): T[] {
  const active = new Set(versions.filter(({ status }) => status === 'active').map(canonicalOf))
  return versions.filter((one) => active.has(canonicalOf(one)))
}

/** By `url|version`, and by `url` alone the newest that is active. */
function byCanonical<T extends Definition>(definitions: T[]): Map<string, T> {
  const found = new Map<string, T>()
  const seen = new Set<string>()
  const usable = definitions.filter((definition) => definition.url && definition.status !== 'draft')
  for (const definition of usable) {
    const canonical = canonicalOf(definition)
    // What a version was before it was retired is not in force any more.
    if (seen.has(canonical)) continue
    seen.add(canonical)
    if (!found.has(canonical)) found.set(canonical, definition)
    if (definition.status !== 'active') continue
    const newest = found.get(String(definition.url))
    if (newest?.status !== 'active' || isNewer(definition, newest)) found.set(String(definition.url), definition)
  }
  return found
}

type Versioned = { version?: string }
const isNewer = (one: Versioned, other: Versioned) => compareVersions(one.version, other.version) > 0

/**
 * The plans that a CarePlan puts its patient in; `missing` are canonicals that nobody knows. Of one plan only one version governs: the
 * newest that the CarePlan names.
 */
export function plansOf(
  carePlan: Pick<CarePlan, 'instantiatesCanonical' | 'subject'>,
  book: PlanBook,
): { plans: CompiledPlan[]; missing: string[] } {
  const patient = carePlan.subject.reference
  const found = new Map<string, CompiledPlan>()
  const missing: string[] = []
  for (const canonical of carePlan.instantiatesCanonical ?? []) {
    const plan = book.find(canonical, patient)
    const known = plan && found.get(plan.url)
    if (!plan) missing.push(canonical)
    else if (!known || isNewer(plan.definition, known.definition)) found.set(plan.url, plan)
  }
  return { plans: [...found.values()], missing }
}
