import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { RuleTrace } from '../decide/decide.ts'
import { describe, type Occurrence, patientOf } from './occurrence.ts'

/** Why Tasks were made, joined or taken back: each condition with what it saw. */
export type DecisionRow = {
  decided_at: string
  patient: string
  care_plan: string
  plan: string
  happening: string
  tasks: (string | undefined)[]
  trace: RuleTrace[]
}

export async function writeDecisions(tx: Tx, decisions: DecisionRow[]): Promise<void> {
  if (decisions.length === 0) return
  await tx.query(
    prepared(sql`
      INSERT INTO decision (decided_at, patient, care_plan, plan, happening, tasks, trace)
      SELECT decided_at, patient, care_plan, plan, happening, tasks, trace
        FROM jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb)
          AS d(decided_at timestamptz, patient text, care_plan text, plan text, happening text, tasks text[], trace jsonb)`),
  )
}

/** What could not be handled, for the operator. */
export async function writeSetAside(tx: Tx, occurrence: Occurrence, error: Error, now: Date): Promise<void> {
  await tx.query(sql`
    INSERT INTO engine_set_aside (set_aside_at, patient, happening, error)
    VALUES (${now.toISOString()}, ${patientOf(occurrence)}, ${describe(occurrence)}, ${error.stack ?? error.message})`)
}
