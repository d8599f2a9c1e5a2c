import type { Communication, DiagnosticReport, DocumentReference, Observation } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'

/** Messages, calls and notes, the newest first. */
export async function readNotes(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Communication[]> {
  return ofType(await fhir.search('Communication', { patient, _sort: '-sent', _count: 30 }, signal), 'Communication')
}

export type StoredDocument = DocumentReference & { id: string }

/** Documents that are not withdrawn, the newest first. */
export async function readDocuments(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<StoredDocument[]> {
  const found = await fhir.search('DocumentReference', { patient, _sort: '-date', _count: 50 }, signal)
  return ofType(found, 'DocumentReference').filter(({ status }) => status !== 'entered-in-error')
}

/** @property isPartial the reports, which say what the laboratory concludes, did not come */
export type Laboratory = { observations: Observation[]; reports: DiagnosticReport[]; isPartial: boolean }

export async function readLaboratory(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Laboratory> {
  const [observations, reports] = await Promise.all([
    fhir.search('Observation', { patient, category: 'laboratory', _sort: '-date', _count: 200 }, signal),
    orMissing(
      fhir.search(
        'DiagnosticReport',
        { patient, _sort: '-date', _count: 50, _include: 'DiagnosticReport:result' },
        signal,
      ),
    ),
  ])
  const own = ofType(observations, 'Observation')
  const known = new Set(own.map(({ id }) => id))
  return {
    // What a report has and its Observation does not say is of the laboratory too.
    observations: [...own, ...(reports ? ofType(reports, 'Observation').filter(({ id }) => !known.has(id)) : [])],
    reports: reports ? ofType(reports, 'DiagnosticReport') : [],
    isPartial: reports === undefined,
  }
}
