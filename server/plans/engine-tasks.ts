import type { Task } from '@medplum/fhirtypes'
import { TASK_CODE } from '../core/decide/plan/vocabulary.ts'
import type { TaskCode } from '../core/decide/words/coded-words.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { systemCodeToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { OPEN_TASK_HASHES } from './facts.ts'

/** The open Tasks of a code that the engine makes by itself, of whatever plan or team; the oldest first. */
export async function readOpenTasks(db: Queryable, code: TaskCode): Promise<Task[]> {
  const hash = tokenHash(systemCodeToken('Task.code', TASK_CODE, code))
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'Task' AND NOT deleted AND tokens @> ARRAY[${hash}]::bigint[] AND tokens && ${OPEN_TASK_HASHES}::bigint[]
       ORDER BY rk`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}

/** The Task as it is to be, unless somebody has changed it meanwhile. */
export const taskUpdate = (task: Task): Change => ({
  ...{ interaction: 'update', resource: task as unknown as Resource, id: String(task.id) },
  ifMatch: Number(task.meta?.versionId) || undefined,
})
