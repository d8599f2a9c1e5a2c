import { hash } from 'node:crypto'
import type { DataRequirement, Library, PlanDefinition } from '@medplum/fhirtypes'
import { type CompiledPlan, compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type CqlBasis, hasCql } from '../cql/cql-basis.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Settle } from '../expressions/expressions.ts'
import { casesIn } from '../lifecycle/cases.ts'
import { sortedJson } from '../lifecycle/frozen.ts'
import { canonicalOf, casesOf, isNamed, namedBy } from '../lifecycle/named-definitions.ts'
import { type PlanReport, runOne, toReport } from '../lifecycle/plan-report.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { codeToken, tokenHash } from '../search/token-hash.ts'
import { inTurns } from '../turns.ts'
import { judgeWith } from './judge.ts'
import { oncePassed } from './passed-cases.ts'
import type { BookRooms } from './plan-book.ts'

/** A plan as it stands in the store, with all that it names, its cases too. */
export type StoredPlan = {
  plan: PlanDefinition & { id: string }
  /** Number of the stored version. */
  versionId: number
  /** By the canonical that names it. */
  definitions: Map<string, Resource>
  /** Of exactly this content: an approval counts for it and for no other. */
  digest: string
}

const NAMED_TYPES = ['ActivityDefinition', 'PlanDefinition', 'Questionnaire', 'Library']
const NESTED_MAX = 10

/**
 * Reads a plan and what it names by the connection that is given, so that a transaction sees what it has written.
 * @param lock nobody else changes the plan before the transaction ends
 * @throws Refusal not-found
 */
export async function readStoredPlan(db: Queryable, id: string, { lock }: { lock: boolean }): Promise<StoredPlan> {
  const { rows } = await db.query<{ content: string; version: number }>(
    lock
      ? sql`SELECT content, version FROM resource WHERE type = 'PlanDefinition' AND id = ${id} AND NOT deleted FOR UPDATE`
      : sql`SELECT content, version FROM resource WHERE type = 'PlanDefinition' AND id = ${id} AND NOT deleted`,
  )
  if (!rows[0]) throw refuse('not-found', `There is no PlanDefinition/${id}.`)
  const plan = JSON.parse(rows[0].content) as PlanDefinition & { id: string }
  const definitions = await readNamed(db, plan)
  return { plan, versionId: rows[0].version, definitions, digest: digestOf(plan, definitions) }
}

/** The plan alone, as it is stored; undefined where it is not there. */
export async function findPlan(db: Queryable, id: string): Promise<PlanDefinition | undefined> {
  const { rows } = await db.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'PlanDefinition' AND id = ${id} AND NOT deleted`,
  )
  return rows[0] && (JSON.parse(rows[0].content) as PlanDefinition)
}

/** Everything that the plan and the plans in it name. A url alone is the newest that is not retired. */
async function readNamed(db: Queryable, plan: PlanDefinition): Promise<Map<string, Resource>> {
  const found = new Map<string, Resource>()
  let wanted = namedBy(plan)
  for (let depth = 0; wanted.length > 0 && depth <= NESTED_MAX; depth++) {
    const stored = await readByUrl(
      db,
      wanted.map((canonical) => canonical.split('|')[0] ?? ''),
    )
    const fresh = wanted.flatMap((canonical) => {
      const definition = choose(stored, canonical)
      if (definition) found.set(canonical, definition)
      return definition?.resourceType === 'PlanDefinition' ? namedBy(definition as Resource & PlanDefinition) : []
    })
    wanted = [...new Set(fresh)].filter((canonical) => !found.has(canonical))
  }
  return found
}

async function readByUrl(db: Queryable, urls: string[]): Promise<Resource[]> {
  const hashes = NAMED_TYPES.flatMap((type) => urls.map((url) => tokenHash(codeToken(`${type}.url`, url))))
  const { rows } = await db.query<{ content: string }>(
    sql`SELECT content FROM resource
         WHERE type = ANY (${NAMED_TYPES}::text[]) AND NOT deleted AND tokens && ${hashes}::bigint[]`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

function choose(stored: Resource[], canonical: string): Resource | undefined {
  const [best] = stored
    .filter((definition) => isNamed(canonical, definition))
    .sort((one, other) => compareVersions(String(other.version ?? ''), String(one.version ?? '')))
    .sort((one, other) => Number(one.status === 'retired') - Number(other.status === 'retired'))
  return best
}

/** Status, dates and the store's own words are not content; who approved it has not approved those. */
export function digestOf(plan: PlanDefinition, definitions: ReadonlyMap<string, Resource>): string {
  const content = [plan, ...definitions.values()].map((definition) => {
    const { id, meta, status, date, approvalDate, effectivePeriod, ...rest } = definition as Record<string, unknown>
    return [canonicalOf(definition as Resource), sortedJson(rest)] as const
  })
  return hash('sha256', JSON.stringify(content.sort(([one], [other]) => (one < other ? -1 : 1))))
}

/** What an action's definition may be, for the engine. */
const COMPILED = new Set(['ActivityDefinition', 'Questionnaire', 'PlanDefinition'])

/** @throws Refusal invalid for a plan that cannot be compiled */
export function compileStored(
  { plan, definitions }: Pick<StoredPlan, 'plan' | 'definitions'>,
  reads: DataRequirement[] = [],
): CompiledPlan {
  const find = (canonical: string) => {
    const found = definitions.get(canonical)
    return found && COMPILED.has(found.resourceType) ? (found as unknown as Definition) : undefined
  }
  try {
    return compilePlan(plan, find, undefined, reads)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw refuse('invalid', `${canonicalOf(plan)} cannot be used: ${problem}`, 'PlanDefinition.action')
  }
}

/** Under what the cases of a plan are decided: expressions with a time limit, and CQL by the libraries as they are. */
export type TestingRooms = { settle: Settle; readCql?: BookRooms['readCql'] }

/** What its cases say; undefined when it names none. @throws Refusal value for what is no case */
export async function testStored(
  stored: StoredPlan,
  { settle, readCql }: TestingRooms,
): Promise<PlanReport | undefined> {
  const library = stored.definitions.get(casesOf(stored.plan) ?? '')
  if (!library) return undefined
  const { definition, used } = compileStored(stored)
  const all = [definition, ...used]
  // What CQL comes to is said by libraries that the digest does not know.
  if (hasCql(all)) return playCases(stored, library, { settle, cql: readCql && (await readCql(all)) })
  return oncePassed({ settle, digest: stored.digest }, () => playCases(stored, library, { settle, cql: undefined }))
}

async function playCases(
  stored: StoredPlan,
  library: Resource,
  { settle, cql }: { settle: Settle; cql: CqlBasis | undefined },
): Promise<PlanReport> {
  const compiled = compileStored(stored, cql?.requirements)
  const judge = judgeWith(settle, cql)
  const run = await inTurns(casesIn(library as Resource & Library), (one) => runOne(compiled, one, judge, settle))
  return toReport(compiled, run)
}

/** The other versions of the same plan that are in force, newest first. */
export async function readOthersInForce(db: Queryable, { url, id }: PlanDefinition): Promise<PlanDefinition[]> {
  const versions = await readVersionsOf(db, String(url))
  return versions.filter((one) => one.id !== id && one.status === 'active')
}

/** Every version of a plan that is there, drafts too, newest first. */
export async function readVersionsOf(db: Queryable, url: string): Promise<PlanDefinition[]> {
  const stored = await readByUrl(db, [url])
  return stored
    .flatMap((one) =>
      one.resourceType === 'PlanDefinition' && one.url === url ? [one as Resource & PlanDefinition] : [],
    )
    .sort((one, other) => compareVersions(other.version, one.version))
}

const IN_FORCE = sql`type = 'PlanDefinition' AND NOT deleted
         AND tokens @> ARRAY[${tokenHash(codeToken('PlanDefinition.status', 'active'))}]::bigint[]`

/** Their ids: without the plans themselves, which may be hundreds of kilobytes each and are looked for every minute. */
export async function readIdsInForce(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(prepared(sql`SELECT id FROM resource WHERE ${IN_FORCE} ORDER BY rk`))
  return rows.map(({ id }) => id)
}

/** Every plan that is in force and there. */
export async function readInForce(db: Queryable): Promise<PlanDefinition[]> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`SELECT content FROM resource WHERE ${IN_FORCE} ORDER BY rk`),
  )
  return rows.map(({ content }) => JSON.parse(content) as PlanDefinition)
}
