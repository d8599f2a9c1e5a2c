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
  /** Keyed by CarePlan, plan and action. `move` only ever moves forward. */
  due: Map<string, TimerRow & { act: 'set' | 'move' }>
  /** CarePlans that are no longer active. */
  cleared: Set<string>
}

export const timerKey = (row: Pick<TimerRow, 'care_plan' | 'plan' | 'action'>) =>
  `${row.care_plan} ${row.plan} ${row.action}`

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
export function noteTimer(changes: TimerChanges, row: TimerRow, act: 'set' | 'move'): void {
  const key = timerKey(row)
  const noted = changes.due.get(key)
  if (act === 'set' || !noted) changes.due.set(key, { ...row, act })
  else changes.due.set(key, { ...noted, due_at: laterOf(noted.due_at, row.due_at) })
}

export function noteCleared(changes: TimerChanges, carePlan: string): void {
  changes.cleared.add(carePlan)
  for (const [key, row] of changes.due) if (row.care_plan === carePlan) changes.due.delete(key)
}

export async function writeTimers(tx: Tx, { due, cleared }: TimerChanges): Promise<void> {
  if (cleared.size > 0) {
    await tx.query(prepared(sql`DELETE FROM timer WHERE care_plan = ANY (${[...cleared]}::text[])`))
  }
  const rows = [...due.values()]
  const set = rows.filter(({ act }) => act === 'set')
  const moved = rows.filter(({ act }) => act === 'move')
  if (set.length > 0) await tx.query(upsert(set, sql`excluded.due_at`))
  if (moved.length > 0) await tx.query(upsert(moved, sql`greatest(t.due_at, excluded.due_at)`))
}

function upsert(rows: TimerRow[], dueAt: SqlFragment) {
  return prepared(sql`
    INSERT INTO timer AS t (care_plan, plan, action, patient, partition, due_at)
    SELECT * FROM unnest(
      ${rows.map((row) => row.care_plan)}::text[], ${rows.map((row) => row.plan)}::text[],
      ${rows.map((row) => row.action)}::text[], ${rows.map((row) => row.patient)}::text[],
      ${rows.map((row) => row.partition)}::smallint[], ${rows.map((row) => row.due_at.toISOString())}::timestamptz[])
    ON CONFLICT (care_plan, plan, action) DO UPDATE SET due_at = ${dueAt}, partition = excluded.partition`)
}

/** The later of two moments: an older measurement that comes late moves no clock back. */
export const laterOf = (one: Date | undefined, other: Date): Date => (one && one > other ? one : other)
