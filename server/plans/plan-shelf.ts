import type { DataRequirement, PlanDefinition } from '@medplum/fhirtypes'
import {
  type CompiledPlan,
  compilePlan,
  type Definition,
  type FindDefinition,
} from '../core/decide/plan/compile-plan.ts'
import { type CodesOf, noValueSets } from '../core/decide/plan/data-requirement.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** What is compiled. */
export const COMPILED_TYPES: Definition['resourceType'][] = ['PlanDefinition', 'ActivityDefinition', 'Questionnaire']

type Compiled = {
  plan: CompiledPlan
  /** What it asked for then, and what it was given. */
  found: ReadonlyMap<string, Definition | undefined>
  reads: DataRequirement[] | undefined
}

/**
 * What one reading of the plans leaves to the next. A stored version never changes, so each is read once; and a plan is compiled again
 * only when something that it found then is now another. Else each definition that somebody stores would cost as much as all of them.
 */
export class PlanShelf {
  /** By place, version and the transaction that wrote it: one that was rolled back may have been read by itself. */
  private versions = new Map<string, Definition>()
  private readonly compiled = new WeakMap<PlanDefinition, Compiled>()

  /** Every version of every definition, deleted ones too; newest first where one business version was stored more than once. */
  async read(db: Queryable): Promise<Definition[]> {
    // Whoever reads at the same time may leave other versions here; the answer fits those that were here when it was asked.
    const before = this.versions
    const { rows } = await db.query<{ key: string; content: string | null }>(
      // Of those that stand and of those that are deleted, each by its own index: together they would be looked for in all that is stored.
      sql`
        WITH definition AS (
          SELECT bucket, rk, version, xmin::text AS xid, content FROM resource WHERE type = ANY (${COMPILED_TYPES}::text[]) AND NOT deleted
          UNION ALL
          SELECT bucket, rk, version, xmin::text, content FROM resource WHERE type = ANY (${COMPILED_TYPES}::text[]) AND deleted),
        stored AS (
          SELECT concat_ws(' ', bucket, rk, version, xid) AS key, version, content FROM definition
          UNION ALL
          SELECT concat_ws(' ', bucket, rk, v.version, v.xmin), v.version, v.content
            FROM definition JOIN resource_version v USING (bucket, rk))
        SELECT key, CASE WHEN known IS NULL THEN content END AS content
          FROM stored LEFT JOIN unnest(${[...before.keys()]}::text[]) known ON known = key
         WHERE content IS NOT NULL ORDER BY version DESC`,
    )
    const meanwhile = this.versions
    this.versions = new Map(
      rows.map(({ key, content }) => [
        key,
        meanwhile.get(key) ?? before.get(key) ?? (JSON.parse(content ?? '') as Definition),
      ]),
    )
    return [...this.versions.values()]
  }

  /** As `compilePlan`. @throws Error as it does */
  compile(
    definition: PlanDefinition,
    find: FindDefinition,
    codesOf: CodesOf = noValueSets,
    reads?: DataRequirement[],
  ): CompiledPlan {
    const known = this.compiled.get(definition)
    if (known && known.reads === reads && isAsFound(known, find, codesOf)) return known.plan
    const found = new Map<string, Definition | undefined>()
    const noting: FindDefinition = (canonical) => {
      const one = find(canonical)
      found.set(canonical, one)
      return one
    }
    const plan = compilePlan(definition, noting, codesOf, reads)
    this.compiled.set(definition, { plan, found, reads })
    return plan
  }
}

const isAsFound = ({ plan, found }: Compiled, find: FindDefinition, codesOf: CodesOf): boolean =>
  [...found].every(([canonical, one]) => find(canonical) === one) &&
  [...plan.codes].every(([valueSet, codes]) => isSame(codes, codesOf(valueSet)))

function isSame(codes: string[] | undefined, now: ReadonlySet<string> | undefined): boolean {
  if (!codes || !now) return codes === undefined && now === undefined
  return codes.length === now.size && codes.every((code) => now.has(code))
}
