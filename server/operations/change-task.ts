import type { Task } from '@medplum/fhirtypes'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { parseJson } from '../core/fhir/json.ts'
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
