import type { Task } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { StoredTask } from '../worklist/row.ts'
import type { Act } from './act.ts'

/** Sends an act. One that the server has carried out already, though its answer was lost, is done. */
export async function sendAct(fhir: FhirClient, act: Act, isLast: boolean): Promise<void> {
  const { request } = act
  if (request.kind === 'operation') {
    if (await isAsked(fhir, act)) return
    const { path, parameter, ifMatch } = request
    await fhir.operation(path, parameter, { ...(ifMatch ? { ifMatch } : {}), keepalive: isLast })
    return
  }
  try {
    await fhir.transact(request.entry, { keepalive: isLast })
  } catch (error) {
    if (error instanceof Refused && error.isConflict && (await isStoredSo(fhir, act))) return
    throw error
  }
}

/** The Tasks of an act as they are stored now. */
export const readTasksOf = (fhir: FhirClient, { taskIds }: Act): Promise<StoredTask[]> =>
  Promise.all(taskIds.map((id) => fhir.read('Task', id) as Promise<StoredTask>))

/** Whether what was to be written is what stands there. */
async function isStoredSo(fhir: FhirClient, { request }: Act): Promise<boolean> {
  if (request.kind !== 'transaction') return false
  const wanted = request.entry.flatMap(({ resource, request }) =>
    request?.method === 'PUT' && resource ? [resource] : [],
  )
  if (wanted.length === 0) return false
  const stored = await Promise.all(wanted.map(({ resourceType, id }) => fhir.read(resourceType, String(id))))
  return wanted.every((one, i) => {
    const [mine, theirs] = [one as Task, stored[i] as Task | undefined]
    return theirs?.status === mine.status && lastNote(theirs) === lastNote(mine)
  })
}
const lastNote = ({ note }: Task) => `${note?.at(-1)?.time} ${note?.at(-1)?.text}`

/** A handover has no name of ours: it is the same when the same Task is handed to the same with the same words. */
async function isAsked(fhir: FhirClient, { request, patient }: Act): Promise<boolean> {
  if (request.kind !== 'operation' || !request.path.endsWith('/$handover')) return false
  const focus = request.path.slice(0, -'/$handover'.length)
  const value = (name: string) => request.parameter.find((one) => one.name === name)
  const open = ofType(await fhir.search('Task', { patient, focus, status: 'requested,on-hold' }), 'Task')
  return open.some(
    (task) =>
      task.reasonCode?.text === value('reason')?.valueString &&
      task.input?.some(({ valueReference }) => valueReference?.reference === value('to')?.valueReference?.reference),
  )
}
