import type { JournalPart } from '../../exchange.ts'

// What Velferdsteknologisk knutepunkt (VKP) calls things when it is asked for what an EHR has, as utviklerportal.nhn.no and Norsk helsenett's samples told in
// November 2025. All that may have to be changed when it is tried there stands in this file.

/** `POST {url}/{organisation number}/{path}/_search`, with a form. */
export type Search = {
  path: string
  scope: string
  /** The parameter that tells the patient's number: two of the samples differ. */
  patient: 'patient.identifier' | 'identifier'
  /** It is asked for a time, both ends of it. */
  isDated: boolean
}

const search = (path: string, patient: Search['patient'], isDated = false): Search => ({
  ...{ path, patient, isDated, scope: `nhn:vkp/api/user/${path}.read` },
})

export const SEARCHES: Readonly<Record<JournalPart, Search>> = {
  CarePlan: search('careplan', 'patient.identifier', true),
  Condition: search('condition', 'patient.identifier'),
  MedicationStatement: search('medicationstatement', 'patient.identifier'),
  AllergyIntolerance: search('allergyintolerance', 'identifier'),
}

/** For which services it is asked: a comma between them. Those that are known stand in the settings. */
export const SERVICE_CODES = 'ServiceCodes'

/** A plan of the EHR is looked for as far back, and as far ahead. */
export const PLAN_DAYS = { back: 730, ahead: 730 } as const
