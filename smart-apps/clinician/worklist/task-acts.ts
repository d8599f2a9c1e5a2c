import type { Parameters, Task } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import type { Row, StoredTask } from './row.ts'

/** What is done with one Task. Each with the version that was seen, and each answers with the Task as it now is. */
export const claim = (fhir: FhirClient, row: Row) =>
  fhir.operation<StoredTask>(`Task/${row.id}/$claim`, [], { ifMatch: row.versionId })

export const release = (fhir: FhirClient, row: Row) =>
  fhir.operation<StoredTask>(`Task/${row.id}/$release`, [], { ifMatch: row.versionId })

export const wake = (fhir: FhirClient, row: Row) =>
  fhir.operation<StoredTask>(`Task/${row.id}/$wake`, [], { ifMatch: row.versionId })

export const snooze = (fhir: FhirClient, row: Row, { reason, until }: { reason: string; until: Date }) =>
  fhir.operation<StoredTask>(
    `Task/${row.id}/$snooze`,
    [
      { name: 'reason', valueString: reason },
      { name: 'until', valueInstant: until.toISOString() },
    ],
    { ifMatch: row.versionId },
  )

/** The most urgent that waits and fits me, taken in the same moment. */
export async function takeNext(fhir: FhirClient): Promise<{ task?: StoredTask; waiting: number }> {
  const { parameter = [] } = await fhir.operation<Parameters>('Task/$next')
  const task = parameter.find(({ name }) => name === 'task')?.resource as StoredTask | undefined
  return { ...(task && { task }), waiting: parameter.find(({ name }) => name === 'waiting')?.valueInteger ?? 0 }
}

/** Closes a Task that somebody has looked at and that needs nothing. */
export function assess(fhir: FhirClient, { task }: Row, reason: string): Promise<StoredTask> {
  const closed: Task = {
    ...task,
    status: 'completed',
    note: [...(task.note ?? []), { time: new Date().toISOString(), text: reason }],
  }
  return fhir.update(closed as StoredTask)
}
