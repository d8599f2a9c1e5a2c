import type { Task } from '@medplum/fhirtypes'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { parseJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'

/**
 * Reads a Task and writes what `change` makes of it as one, so that two who change it at once do so one after the other, each on
 * what the other left. If-Match is obeyed. A change that gives the same Task back writes nothing.
 * @returns the Task as it then stands
 */
export async function changeTask(
  { access, id, headers }: Exchange,
  { store, validate }: Rooms,
  change: (task: Task) => Task | Promise<Task>,
): Promise<Reply> {
  const ifMatch = parseIfMatch(headers.ifMatch)
  const version = await store.transact(async (inside) => {
    const current = await inside.readForChange(access, 'Task', id)
    const before = parseJson(current.text ?? '{}') as Task
    const after = await change(before)
    if (after === before && (ifMatch === undefined || ifMatch === current.versionId)) return current
    const { resource } = validate(after as unknown as Resource, 'Task')
    return inside.write(access, { interaction: 'update', resource, id, ifMatch })
  })
  return { status: 200, located: true, version }
}

/** For what is done beside the Task, and before it is written. @throws Refusal conflict (412), where another version stands than If-Match says */
export function mustBeAsSeen({ id, headers }: Pick<Exchange, 'id' | 'headers'>, current: { versionId: number }): void {
  const seen = parseIfMatch(headers.ifMatch)
  if (seen === undefined || seen === current.versionId) return
  const diagnostics = `Task/${id} is at version ${current.versionId}, not ${seen}. Read it again and repeat the change on what it is now.`
  throw new Refusal([{ severity: 'error', code: 'conflict', diagnostics }], 412)
}
