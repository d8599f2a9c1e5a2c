import type { Task } from '@medplum/fhirtypes'
import { identifierOf, withdrawTasks } from '../core/decide/task/finding-task.ts'
import type { Told } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { readOpenTasks, taskUpdate } from '../plans/engine-tasks.ts'
import type { Change } from '../store/store.ts'
import { type DeliveringRooms, SENDER } from './deliver.ts'

/**
 * One Task for as long as something is wrong, whichever process finds it.
 * @param name how the name of its finding begins
 * @param gone what is said when it is taken back
 * @returns tells it how things are: the Task that there is to be, or undefined; while nothing is wrong it costs nothing
 */
export function taskWhile(
  { pool, store, now, onCommit }: DeliveringRooms,
  { name, gone }: { name: string; gone: Told },
): (wanted: Task | undefined) => Promise<void> {
  /** Some Task may be open: at the start one of an earlier process. */
  let hasTold = true
  return async (wanted) => {
    if (!wanted && !hasTold) return
    const changed = await inTransaction(pool, async (tx) => {
      await tx.query(sql`SELECT pg_advisory_xact_lock(hashtext('tasks of the senders'))`)
      const open = (await readOpenTasks(tx, 'sending-failed')).filter((task) => identifierOf(task)?.startsWith(name))
      const changes: Change[] = wanted
        ? open.length > 0
          ? []
          : [{ interaction: 'create', resource: wanted as unknown as Resource }]
        : withdrawTasks(open, gone, now()).map(taskUpdate)
      if (changes.length > 0) await store.writeIn(tx, SENDER, changes)
      return changes.length
    })
    hasTold = wanted !== undefined
    if (changed > 0) onCommit()
  }
}
