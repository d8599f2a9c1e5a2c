import type { CodeableConcept, Coding, Observation, ObservationComponent } from '@medplum/fhirtypes'
import { measuresOf } from './measures-of.ts'
import { type Risk, type Score, scoreNews2 } from './score.ts'
import { PARTS, type Part, type Spo2Scale } from './table.ts'

const SNOMED = 'http://snomed.info/sct'
const PROFILE = 'http://fylgje.no/fhir/StructureDefinition/news2'

/** One person's score of one moment: reference and instant, joined by `|`. */
export const NEWS2_IDENTIFIER = 'http://fylgje.no/fhir/NamingSystem/news2'
/** Of the total. */
export const NEWS2_TOKEN = `${SNOMED}|1104051000000101`

/** Codes of the UK edition of SNOMED CT, which VkpObservation uses, and what people call the parts. */
const PART_CODES: Record<Part, { code: string; display: string; name: string }> = {
  respiratoryRate: { code: '1104301000000104', display: 'NEWS2 respiration rate score', name: 'respirasjonsfrekvens' },
  spo2: { code: '1104311000000102', display: 'NEWS2 oxygen saturation scale 1 score', name: 'oksygenmetning' },
  airOrOxygen: { code: '1104331000000105', display: 'NEWS2 air or oxygen score', name: 'luft eller oksygen' },
  systolic: { code: '1104341000000101', display: 'NEWS2 systolic blood pressure score', name: 'systolisk blodtrykk' },
  pulse: { code: '1104351000000103', display: 'NEWS2 pulse score', name: 'puls' },
  consciousness: { code: '1104361000000100', display: 'NEWS2 consciousness score', name: 'bevissthet' },
  temperature: { code: '1104371000000107', display: 'NEWS2 temperature score', name: 'temperatur' },
}
const SPO2_SCALE_2 = { code: '1104321000000108', display: 'NEWS2 oxygen saturation scale 2 score' }

/** What to do, in the words of the chart. */
const RISK_TEXT: Record<Risk, string> = {
  low: 'Lav: 0–4',
  'low-medium': 'Lav til middels: 3 i én del. Kliniker vurderer snarest',
  medium: 'Middels: 5–6. Kliniker vurderer snarest',
  high: 'Høy: 7 eller mer. Øyeblikkelig hjelp',
}
const INTERPRETATION: Record<Risk, 'N' | 'A' | 'AA'> = { low: 'N', 'low-medium': 'A', medium: 'A', high: 'AA' }

/**
 * NEWS2 as an Observation of the profile `news2`, worked out from those of one person: each part, or that it is not known; the total when
 * all are, else a note that says which are missing; and what it was worked out from, by version. Pure; it has no id until somebody stores it.
 * @returns undefined when none of the parts is among them
 */
export function news2Observation(observations: readonly Observation[], scale: Spo2Scale): Observation | undefined {
  const { measures, sources, measuredAt } = measuresOf(observations)
  const subject = sources[0]?.observation.subject
  if (!measuredAt) return undefined
  const score = scoreNews2(measures, scale)
  const read = new Set(sources.map(({ observation }) => observation))
  const security = labelsOf([...read])
  return {
    resourceType: 'Observation',
    meta: { profile: [PROFILE], ...(security.length > 0 && { security }) },
    identifier: [{ system: NEWS2_IDENTIFIER, value: `${subject?.reference}|${new Date(measuredAt).toISOString()}` }],
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] }],
    code: { coding: [{ system: SNOMED, code: '1104051000000101' }], text: 'NEWS2' },
    ...(subject && { subject }),
    effectiveDateTime: measuredAt,
    method: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/measuring-method', code: 'derived' }] },
    ...totalOf(score),
    derivedFrom: [...read].map((one) => ({ reference: versioned(one) })),
    component: PARTS.map((part) => componentOf(part, score, scale)),
  }
}

/** The scale that a score was worked out by, as its components tell. */
export const scaleOfScore = ({ component = [] }: Observation): Spo2Scale =>
  component.some(({ code }) => code.coding?.some((one) => one.code === SPO2_SCALE_2.code)) ? 2 : 1

function totalOf({ total, risk, missing }: Score): Partial<Observation> {
  if (total === undefined || risk === undefined)
    return { note: [{ text: `Ingen sum. Mangler: ${missing.map((part) => PART_CODES[part].name).join(', ')}.` }] }
  return {
    valueQuantity: scored(total),
    interpretation: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: INTERPRETATION[risk] },
        ],
        text: RISK_TEXT[risk],
      },
    ],
  }
}

function componentOf(part: Part, { points }: Score, scale: Spo2Scale): ObservationComponent {
  const value = points[part]
  const { code, display } = part === 'spo2' && scale === 2 ? SPO2_SCALE_2 : PART_CODES[part]
  return {
    code: { coding: [{ system: SNOMED, code, display }] },
    ...(value === undefined ? { dataAbsentReason: UNKNOWN } : { valueQuantity: scored(value) }),
  }
}

/** Nobody has measured it within the hour, or not so that it counts. */
const UNKNOWN: CodeableConcept = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
}

const scored = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: '{score}' })

/** Every security label that one of these has: what is worked out from them tells of them. https://hl7.org/fhir/R4/security-labels.html */
function labelsOf(observations: readonly Observation[]): Coding[] {
  const labels = observations.flatMap(({ meta }) => meta?.security ?? [])
  return [...new Map(labels.map((one) => [`${one.system}|${one.code}`, one])).values()]
}

const versioned = ({ id, meta }: Observation) =>
  `Observation/${id}${meta?.versionId ? `/_history/${meta.versionId}` : ''}`
