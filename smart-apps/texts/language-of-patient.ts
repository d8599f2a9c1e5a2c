import type { Patient } from '@medplum/fhirtypes'
import { isLanguage, type Language } from './language.ts'

/** What the patient has said that they read, where it is one of ours. */
export function languageOfPatient(patient: Patient | undefined): Language | undefined {
  const spoken = patient?.communication?.find(({ preferred }) => preferred) ?? patient?.communication?.[0]
  const tag = spoken?.language.coding?.[0]?.code?.toLowerCase().split('-', 1)[0]
  if (tag === 'no') return 'nb'
  return isLanguage(tag) ? tag : undefined
}
