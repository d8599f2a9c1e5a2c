import type { HealthcareService } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'

/** By which teams say when they are there; where they cannot be had, office hours are taken for it. */
export async function readServices(fhir: FhirClient, signal: AbortSignal): Promise<HealthcareService[]> {
  const found = await orMissing(fhir.search('HealthcareService', { active: 'true', _count: 200 }, signal))
  return found ? ofType(found, 'HealthcareService') : []
}
