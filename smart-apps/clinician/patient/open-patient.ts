import type { FhirClient } from '../../fhir/client.ts'
import { beginQuery } from '../fhir/use-query.ts'
import { LEAVING } from '../session-context.ts'
import { readCare, readObserved, readPatient, readTasks, type StoredPatient } from './patient-data.ts'

/** How far back the trends of a patient go unless somebody asks for more. */
export const RANGE_FIRST = '30'

/** The keys of what a patient's first page asks, by which it finds what was asked before it was drawn. */
export const QUERY = {
  patient: (id: string) => `patient ${id}`,
  care: (id: string) => `care ${id}`,
  tasks: (id: string) => `tasks ${id}`,
  observed: (id: string, range: string) => `observed ${id} ${range}`,
} as const

/** Whoever was opened last, as the page that they were opened from knew them. */
let opened: StoredPatient | undefined
addEventListener(LEAVING, () => {
  opened = undefined
})
export const openedPatient = (id: string): StoredPatient | undefined => (opened?.id === id ? opened : undefined)

/**
 * Asks for what the patient's page shows first, while the browser is busy drawing it. Called when somebody opens the patient, not when they
 * might: the reading stands in the patient's log.
 * @param known as the page knows them that they are opened from
 */
export function openPatient(fhir: FhirClient, id: string, known?: StoredPatient): void {
  if (known) opened = known
  beginQuery(QUERY.observed(id, RANGE_FIRST), (signal) => readObserved(fhir, id, Number(RANGE_FIRST), signal))
  beginQuery(QUERY.patient(id), (signal) => readPatient(fhir, id, signal))
  beginQuery(QUERY.care(id), (signal) => readCare(fhir, id, signal))
  beginQuery(QUERY.tasks(id), (signal) => readTasks(fhir, id, signal))
}
