import type { Parameters } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { type Act, closingEach, type Doer } from '../task/act.ts'
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

type Assessing = { id: string; now: Date; reason: string; words: Act['words']; doer: Doer }

/** Ends Tasks that somebody has looked at and that need nothing, each by itself. */
export const assessed = (rows: readonly Row[], { id, now, reason, words, doer }: Assessing): Act => ({
  ...{ id, words, patient: '', taskIds: rows.map((row) => row.id) },
  request: closingEach(
    rows.map(({ task }) => task),
    { outcome: 'no-action', note: reason, at: now.toISOString(), doer },
  ),
})
