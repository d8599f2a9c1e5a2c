import type { BundleEntry, Task } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import type { StoredTask } from '../worklist/row.ts'
import type { Act } from './act.ts'

/** How many of an act that is done one by one are done, and how many are not. */
export type Tally = { count: number; failed: number }

/** Sends an act. One that the server has carried out already, though its answer was lost, is done. */
export async function sendAct(fhir: FhirClient, act: Act, isLast: boolean): Promise<Tally | undefined> {
  const { request } = act
  if (request.kind === 'operation') return void (await sendOperation(fhir, act, request, isLast))
  if (request.kind === 'batch') return sendEach(fhir, request.entry, isLast)
  try {
    await fhir.transact(request.entry, { keepalive: isLast })
  } catch (error) {
    if (error instanceof Refused && error.isConflict && (await isStoredSo(fhir, request.entry))) return undefined
    throw error
  }
  return undefined
}

type Operation = Extract<Act['request'], { kind: 'operation' }>

async function sendOperation(fhir: FhirClient, act: Act, request: Operation, isLast: boolean): Promise<void> {
  if (await isAsked(fhir, act)) return
  const { path, parameter, ifMatch } = request
  await fhir.operation(path, parameter, { ...(ifMatch ? { ifMatch } : {}), keepalive: isLast })
}

async function sendEach(fhir: FhirClient, entry: BundleEntry[], isLast: boolean): Promise<Tally> {
  const answer = await fhir.batch(entry, { keepalive: isLast })
  let failed = 0
  for (const [i, one] of entry.entries()) {
    if (/^2/.test(answer.entry?.[i]?.response?.status ?? '')) continue
    if (!(await isStoredSo(fhir, [one]).catch(() => false))) failed++
  }
  return { count: entry.length - failed, failed }
}

/** The Tasks of an act as they are stored now. */
export const readTasksOf = (fhir: FhirClient, { taskIds }: Act): Promise<StoredTask[]> =>
  Promise.all(taskIds.map((id) => fhir.read('Task', id) as Promise<StoredTask>))

/** Whether what was to be written is what stands there, and not another's end of the same Task. */
async function isStoredSo(fhir: FhirClient, entry: readonly BundleEntry[]): Promise<boolean> {
  const wanted = entry.flatMap(({ resource, request }) => (request?.method === 'PUT' && resource ? [resource] : []))
  if (wanted.length === 0) return false
  const stored = await Promise.all(wanted.map(({ resourceType, id }) => fhir.read(resourceType, String(id))))
  return wanted.every((one, i) => {
    const [mine, theirs] = [one as Task, stored[i] as Task | undefined]
    return theirs?.status === mine.status && endOf(theirs) === endOf(mine) && lastNote(theirs) === lastNote(mine)
  })
}
/** To the millisecond: answers end a Task without a note. */
const endOf = ({ executionPeriod }: Task) => executionPeriod?.end
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
