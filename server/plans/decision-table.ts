import { hash } from 'node:crypto'
import type {
  Decided,
  DecisionInputs,
  DecisionRow,
  DecisionsAsked,
  DefinitionsUsed,
} from '../core/decide/decision-record.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { describe, type Occurrence, patientOf } from './occurrence.ts'

/** Keeps the decisions, and says once by which definitions they were made. */
export async function writeDecisions(tx: Tx, decisions: DecisionRow[]): Promise<void> {
  if (decisions.length === 0) return
  const sets = new Map<string, NamedSet>()
  const rows = decisions.map(({ inputs, ...row }) => {
    if (!inputs) return row
    const { plan, activities, valueSets, ...looked } = inputs
    const set = setOf({ plan, activities, ...(valueSets ? { valueSets } : {}) })
    sets.set(set.hash, set)
    return { ...row, inputs: looked, definitions: set.hash }
  })
  const named = [...sets.values()]
  // In one order for all who write: of two that say new ones first, neither then waits for the other.
  await tx.query(
    prepared(sql`
      WITH said AS (
        INSERT INTO decision_definitions (hash, definitions)
        SELECT hash, definitions::json FROM unnest(${named.map((set) => set.hash)}::text[], ${named.map(({ text }) => text)}::text[])
            AS s(hash, definitions) ORDER BY hash
        ON CONFLICT DO NOTHING)
      INSERT INTO decision (decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core, definitions)
      SELECT decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core, definitions
        FROM json_to_recordset(${JSON.stringify(rows)}::json)
          AS d(decided_at timestamptz, patient text, care_plan text, plan text, happening text, tasks text[], trace jsonb,
               inputs json, digest text, core text, definitions text)`),
  )
}

/** What definitions are called in each record that was made by them. */
type NamedSet = { hash: string; text: string }

/** Worked out once for each compiled plan, whose decisions share the list of activities. */
function setOf(used: DefinitionsUsed): NamedSet {
  const known = sets.get(used.activities)
  if (known) return known
  const text = JSON.stringify(used)
  const set = { hash: hash('sha256', text, 'hex'), text }
  sets.set(used.activities, set)
  return set
}
const sets = new WeakMap<string[], NamedSet>()

/** As it is stored: `inputs` without what `definitions` says, unless they are from before that was said once. */
type StoredDecision = Omit<Decided, 'decided_at' | 'inputs'> & {
  decided_at: Date
  inputs: DecisionInputs | Omit<DecisionInputs, keyof DefinitionsUsed> | null
  definitions: DefinitionsUsed | null
}

/** Oldest first; of one patient the newest `countMax`. */
export async function readDecisions(db: Queryable, asked: DecisionsAsked): Promise<Decided[]> {
  const columns = sql`d.id, decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core, s.definitions`
  const from = sql`decision d LEFT JOIN decision_definitions s ON s.hash = d.definitions`
  const { rows } = await db.query<StoredDecision>(
    'task' in asked
      ? prepared(sql`SELECT ${columns} FROM ${from} WHERE tasks <> '{}' AND tasks @> ARRAY[${asked.task}] ORDER BY id`)
      : prepared(sql`
          SELECT * FROM (
            SELECT ${columns} FROM ${from}
             WHERE patient = ${asked.patient}
               AND decided_at >= ${asked.from ?? '-infinity'}::timestamptz AND decided_at < ${asked.to ?? 'infinity'}::timestamptz
               AND (${asked.about ?? null}::text IS NULL OR starts_with(happening, ${`${asked.about}/_history/`}))
               AND (${asked.plan ?? null}::text IS NULL OR plan = ${asked.plan ?? null} OR starts_with(plan, ${`${asked.plan}|`}))
             ORDER BY decided_at DESC, id DESC LIMIT ${asked.countMax}) d
           ORDER BY id`),
  )
  return rows.map(toDecided)
}

/** Rows from before the inputs were kept have none. */
function toDecided({ decided_at, trace, inputs, digest, core, definitions, ...row }: StoredDecision): Decided {
  return {
    ...row,
    decided_at: decided_at.toISOString(),
    ...(trace && { trace }),
    ...(inputs && { inputs: { ...definitions, ...inputs } as DecisionInputs }),
    ...(digest && { digest }),
    ...(core && { core }),
  }
}

/** What could not be handled, for the operator. */
export async function writeSetAside(tx: Tx, occurrence: Occurrence, error: Error, now: Date): Promise<void> {
  await tx.query(sql`
    INSERT INTO engine_set_aside (set_aside_at, patient, happening, error)
    VALUES (${now.toISOString()}, ${patientOf(occurrence)}, ${describe(occurrence)}, ${error.stack ?? error.message})`)
}
