// The codes and canonicals of Velferdsteknologisk knutepunkt that are sent to Norsk helsenett's service for journals (JFT). They are
// written down here because they were renumbered once while their version stayed 0.9.0 (7 was Trygghetsalarm, and is Sykesignalanlegg):
// what is sent must not change until somebody has looked at it again.

/** When they were read: HL7Norway/Velferdsteknologi (VKP-R4). */
export const PINNED_AT = '2025-11-18'
/** When the codes of measurements were read: HL7Norway/VkpObservation 0.5.2. */
export const OBSERVATIONS_PINNED_AT = '2026-03-01'

const STRUCTURE = 'http://ehelse.no/fhir/StructureDefinition'
const CODES = 'http://ehelse.no/fhir/CodeSystem'

export const PROFILE = {
  composition: `${STRUCTURE}/vkp-Composition-v090`,
  detectedIssue: `${STRUCTURE}/vkp-DetectedIssue-v090`,
  // Misspelt by its publisher, and known by no other name.
  questionnaireResponse: `${STRUCTURE}/vkp-QuestionnaireReponse-v090`,
} as const

export const LOINC = 'http://loinc.org'
export const SNOMED = 'http://snomed.info/sct'
export const UCUM = 'http://unitsofmeasure.org'
/** Norsk laboratoriekodeverk. */
export const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'

/** Composition.type of every document. */
export const DOCUMENT_TYPE = { system: LOINC, code: '34133-9' } as const
export const SCORE = { system: LOINC, code: '74465-6' } as const

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

/** A measurement as it is sent: under both codes, in one unit. */
export type Measure = {
  loinc: string
  snomed: string
  /** Of Norsk laboratoriekodeverk, where there is one. */
  nlk?: string
  display: string
  /** LOINC codes under which we may hold the same. */
  alsoKnownAs?: readonly string[]
  /** UCUM code that is sent; for a measure of parts, of each of them. */
  unit: string
  /** Other ways of writing the same unit. */
  sameUnits?: readonly string[]
  parts?: readonly { loinc: string; snomed: string; display: string }[]
}

export const MEASURES: readonly Measure[] = [
  { loinc: '8867-4', snomed: '364075005', display: 'Puls', unit: '/min', sameUnits: ['{beats}/min'] },
  {
    ...{ loinc: '85354-9', snomed: '75367002', display: 'Blodtrykk', unit: 'mm[Hg]', alsoKnownAs: ['55284-4'] },
    parts: [
      { loinc: '8480-6', snomed: '271649006', display: 'Systolisk blodtrykk' },
      { loinc: '8462-4', snomed: '271650006', display: 'Diastolisk blodtrykk' },
    ],
  },
  { loinc: '2708-6', snomed: '431314004', display: 'SpO2', unit: '%', alsoKnownAs: ['59408-5'] },
  {
    ...{ loinc: '9279-1', snomed: '86290005', display: 'Respirasjonsfrekvens', unit: '/min' },
    sameUnits: ['{breaths}/min'],
  },
  { loinc: '8310-5', snomed: '276885007', display: 'Kroppstemperatur', unit: 'Cel' },
  { loinc: '29463-7', snomed: '27113001', display: 'Vekt', unit: 'kg' },
  {
    ...{ loinc: '15074-8', snomed: '434912009', nlk: 'NPU02187', display: 'Glukose', unit: 'mmol/L' },
    sameUnits: ['mmol/l'],
  },
]
