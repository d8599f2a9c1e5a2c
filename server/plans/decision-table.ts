import type { Decided, DecisionRow, DecisionsAsked } from '../core/decide/decision-record.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { describe, type Occurrence, patientOf } from './occurrence.ts'

export async function writeDecisions(tx: Tx, decisions: DecisionRow[]): Promise<void> {
  if (decisions.length === 0) return
  await tx.query(
    prepared(sql`
      INSERT INTO decision (decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core)
      SELECT decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core
        FROM json_to_recordset(${JSON.stringify(decisions)}::json)
          AS d(decided_at timestamptz, patient text, care_plan text, plan text, happening text, tasks text[], trace jsonb,
               inputs json, digest text, core text)`),
  )
}

/** Oldest first; of one patient the newest `countMax`. */
export async function readDecisions(db: Queryable, asked: DecisionsAsked): Promise<Decided[]> {
  const columns = sql`id, decided_at, patient, care_plan, plan, happening, tasks, trace, inputs, digest, core`
  const { rows } = await db.query<Omit<Decided, 'decided_at'> & { decided_at: Date }>(
    'task' in asked
      ? prepared(sql`SELECT ${columns} FROM decision WHERE tasks <> '{}' AND tasks @> ARRAY[${asked.task}] ORDER BY id`)
      : prepared(sql`
          SELECT * FROM (
            SELECT ${columns} FROM decision
             WHERE patient = ${asked.patient}
               AND decided_at >= ${asked.from ?? '-infinity'}::timestamptz AND decided_at < ${asked.to ?? 'infinity'}::timestamptz
               AND (${asked.about ?? null}::text IS NULL OR starts_with(happening, ${`${asked.about}/_history/`}))
               AND (${asked.plan ?? null}::text IS NULL OR plan = ${asked.plan ?? null} OR starts_with(plan, ${`${asked.plan}|`}))
             ORDER BY decided_at DESC, id DESC LIMIT ${asked.countMax}) d
           ORDER BY id`),
  )
  return rows.map((row) => withoutNulls({ ...row, decided_at: row.decided_at.toISOString() }))
}

/** Rows from before the inputs were kept have none. */
function withoutNulls({ trace, inputs, digest, core, ...row }: Decided): Decided {
  return {
    ...row,
    ...(trace && { trace }),
    ...(inputs && { inputs }),
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
