import { prepared, type Tx } from '../db/pool.ts'
import { type SqlFragment, sql } from '../db/sql.ts'

/** A clock of one enrolment, as it stands in the table. */
export type TimerRow = {
  care_plan: string
  plan: string
  action: string
  patient: string
  partition: number
  due_at: Date
}

/** What should become of the clocks; collected over a batch and written once. */
export type TimerChanges = {
  due: Map<string, TimerRow & { act: TimerAct }>
  /** Clocks that nobody knows any more. */
  dropped: Map<string, TimerKey>
  /** CarePlans that are no longer active. */
  cleared: Set<string>
}
type TimerKey = Pick<TimerRow, 'care_plan' | 'plan' | 'action'>
/** `start` leaves a clock that runs as it is. */
type TimerAct = 'start' | 'set'

export const noTimerChanges = (): TimerChanges => ({ due: new Map(), dropped: new Map(), cleared: new Set() })

const keyOf = (row: TimerKey) => `${row.care_plan} ${row.plan} ${row.action}`

/** The clocks of these parts that have rung, oldest first. The lock on the part keeps other workers away from them. */
export async function claimTimers(tx: Tx, partitions: number[], now: Date, countMax: number): Promise<TimerRow[]> {
  const { rows } = await tx.query<TimerRow>(
    prepared(sql`
      SELECT care_plan, plan, action, patient, partition, due_at FROM timer
       WHERE due_at <= ${now.toISOString()}::timestamptz AND partition = ANY (${partitions}::smallint[])
       ORDER BY due_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED`),
  )
  return rows
}

/** Notes what a decision says about a clock, on top of what was noted before in the same batch. */
export function noteTimer(changes: TimerChanges, row: TimerRow, act: TimerAct): void {
  const key = keyOf(row)
  if (act === 'set' || !changes.due.has(key)) changes.due.set(key, { ...row, act })
}

export function noteDropped(changes: TimerChanges, key: TimerKey): void {
  changes.due.delete(keyOf(key))
  changes.dropped.set(keyOf(key), key)
}

export function noteCleared(changes: TimerChanges, carePlan: string): void {
  changes.cleared.add(carePlan)
  for (const [key, row] of changes.due) if (row.care_plan === carePlan) changes.due.delete(key)
}

export async function writeTimers(tx: Tx, { due, dropped, cleared }: TimerChanges): Promise<void> {
  if (cleared.size > 0) {
    await tx.query(prepared(sql`DELETE FROM timer WHERE care_plan = ANY (${[...cleared]}::text[])`))
  }
  if (dropped.size > 0) await tx.query(dropStatement([...dropped.values()]))
  const byAct = Map.groupBy(due.values(), ({ act }) => act)
  for (const [act, rows] of byAct) await tx.query(upsertStatement(rows, ON_CONFLICT[act]))
}

const ON_CONFLICT: Record<TimerAct, SqlFragment> = {
  start: sql`NOTHING`,
  set: sql`UPDATE SET due_at = excluded.due_at, partition = excluded.partition`,
}

function upsertStatement(rows: TimerRow[], onConflict: SqlFragment) {
  return prepared(sql`
    INSERT INTO timer AS t (care_plan, plan, action, patient, partition, due_at)
    SELECT * FROM unnest(
      ${rows.map((row) => row.care_plan)}::text[], ${rows.map((row) => row.plan)}::text[],
      ${rows.map((row) => row.action)}::text[], ${rows.map((row) => row.patient)}::text[],
      ${rows.map((row) => row.partition)}::smallint[], ${rows.map((row) => row.due_at.toISOString())}::timestamptz[])
    ON CONFLICT (care_plan, plan, action) DO ${onConflict}`)
}

function dropStatement(keys: TimerKey[]) {
  return prepared(sql`
    DELETE FROM timer t
     USING unnest(${keys.map((key) => key.care_plan)}::text[], ${keys.map((key) => key.plan)}::text[],
                  ${keys.map((key) => key.action)}::text[]) AS k(care_plan, plan, action)
     WHERE t.care_plan = k.care_plan AND t.plan = k.plan AND t.action = k.action`)
}
