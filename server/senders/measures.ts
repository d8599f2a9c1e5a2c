/** When the codes of measurements were read: HL7Norway/VkpObservation 0.5.2. */
export const OBSERVATIONS_PINNED_AT = '2026-03-01'

export const LOINC = 'http://loinc.org'
export const SNOMED = 'http://snomed.info/sct'
export const UCUM = 'http://unitsofmeasure.org'
/** Norsk laboratoriekodeverk. */
export const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'
/** The score of a form. */
export const SCORE = { system: LOINC, code: '74465-6' } as const
/** Colours of zones: R, Y, G, and others that we have no use for. */
export const ZONE_SYSTEM = 'http://ehelse.no/fhir/CodeSystem/vkp-triage-v090'

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
