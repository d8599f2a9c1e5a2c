import { LOINC } from '../measures.ts'

// The codes and canonicals of Velferdsteknologisk knutepunkt that are sent to Norsk helsenett's service for journals (JFT). They are
// written down here because they were renumbered once while their version stayed 0.9.0 (7 was Trygghetsalarm, and is Sykesignalanlegg):
// what is sent must not change until somebody has looked at it again.

/** When they were read: HL7Norway/Velferdsteknologi (VKP-R4). */
export const PINNED_AT = '2025-11-18'

const STRUCTURE = 'http://ehelse.no/fhir/StructureDefinition'
const CODES = 'http://ehelse.no/fhir/CodeSystem'

export const PROFILE = {
  composition: `${STRUCTURE}/vkp-Composition-v090`,
  detectedIssue: `${STRUCTURE}/vkp-DetectedIssue-v090`,
  // Misspelt by its publisher, and known by no other name.
  questionnaireResponse: `${STRUCTURE}/vkp-QuestionnaireReponse-v090`,
} as const

/** Composition.type of every document. */
export const DOCUMENT_TYPE = { system: LOINC, code: '34133-9' } as const

const CATEGORY_SYSTEM = `${CODES}/vkp-composition-category-v090`
export const CATEGORY = { system: CATEGORY_SYSTEM, code: '2', display: 'Digital hjemmeoppfølging' } as const

export const SECTION_SYSTEM = `${CODES}/vkp-composition-section-v090`
export const SECTIONS = {
  note: { code: '1', display: 'notat' },
  followUp: { code: '1.1', display: 'beskrivelse av oppfølging' },
  event: { code: '1.2', display: 'beskrivelse av hendelse' },
  comment: { code: '1.3', display: 'kommentar' },
  together: { code: '2', display: 'sammenstilt tekst' },
} as const

export const EVENT_SYSTEM = `${CODES}/vkp-composition-event-v090`
/** What an alert goes through. There is no 2. */
export const EVENTS = {
  reported: { code: '0', display: 'hendelse meldt' },
  handled: { code: '1', display: 'behandles' },
  acknowledged: { code: '3', display: 'kvittert' },
} as const

export const ALERT_SYSTEM = `${CODES}/vkp-alert-code-v090`
export const ALERTS = {
  summary: { code: '5.1', display: 'Oppsummerende varsel' },
  measurement: { code: '5.2.1', display: 'Måledata rapportert' },
  questionnaire: { code: '5.2.2', display: 'Skjemabesvarelse' },
  action: { code: '5.2.3', display: 'Annen handling utført' },
  inactive: { code: '5.3', display: 'Inaktiv pasient' },
  'missing-questionnaire': { code: '5.3.1', display: 'Manglende skjemabesvarelse' },
  'missing-measurement': { code: '5.3.2', display: 'Måling ikke rapportert' },
} as const
export type AlertKind = keyof typeof ALERTS

/** DetectedIssue.severity by our colours. What is not known is left out: grey says that nobody knows. */
export const SEVERITY = { red: 'high', yellow: 'moderate', green: 'low' } as const
