import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Store } from '../store/store.ts'
import type { MoveRow } from './moves.ts'
import { onBehalfOf } from './on-behalf-of.ts'

export type MoveCounts = { [state in 'waiting' | 'moved' | 'skipped' | 'undone' | 'kept']: number }

export const toOutput = (counts: MoveCounts): NonNullable<Task['output']> =>
  Object.entries(counts).map(([text, valueInteger]) => ({ type: { text }, valueInteger }))

/** How many enrolments of a move are in which state. */
async function countItems(db: Queryable, id: string): Promise<MoveCounts> {
  const { rows } = await db.query<{ state: keyof MoveCounts; count: number }>(
    prepared(sql`SELECT state, count(*)::int AS count FROM plan_migration_item WHERE migration = ${id} GROUP BY state`),
  )
  const none: MoveCounts = { waiting: 0, moved: 0, skipped: 0, undone: 0, kept: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) }
}

/** Writes the state that a move has come to, in its row and in the Task that tells of it. A Task that somebody deleted is not made again. */
export async function tellProgress(
  { store, now }: { store: Pick<Store, 'writeIn'>; now: () => Date },
  tx: Tx,
  { id, state, requested_by }: MoveRow,
): Promise<void> {
  const at = now().toISOString()
  const isDone = state === 'moved' || state === 'undone'
  await tx.query(
    prepared(sql`UPDATE plan_migration SET state = ${state}, finished_at = ${isDone ? at : null} WHERE id = ${id}`),
  )
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`SELECT content FROM resource WHERE type = 'Task' AND id = ${id} AND NOT deleted`),
  )
  if (!rows[0]) return
  const task = JSON.parse(rows[0].content) as Task
  const told: Task = {
    ...task,
    status: isDone ? 'completed' : 'in-progress',
    businessStatus: { text: state },
    lastModified: at,
    output: toOutput(await countItems(tx, id)),
  }
  const resource = told as unknown as Resource
  await store.writeIn(tx, onBehalfOf({ actor: requested_by }), [{ interaction: 'update', resource, id }])
}
