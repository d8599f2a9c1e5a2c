import type { Observation, ObservationComponent } from '@medplum/fhirtypes'
import { measuresOf } from './measures-of.ts'
import { type Risk, type Score, scoreNews2 } from './score.ts'
import { PARTS, type Part, type Spo2Scale } from './table.ts'

const SNOMED = 'http://snomed.info/sct'
const PROFILE = 'http://fylgje.no/fhir/StructureDefinition/news2'

/** Codes of the UK edition of SNOMED CT, which VkpObservation uses. */
const PART_CODES: Record<Part, { code: string; display: string }> = {
  respiratoryRate: { code: '1104301000000104', display: 'NEWS2 respiration rate score' },
  spo2: { code: '1104311000000102', display: 'NEWS2 oxygen saturation scale 1 score' },
  airOrOxygen: { code: '1104331000000105', display: 'NEWS2 air or oxygen score' },
  systolic: { code: '1104341000000101', display: 'NEWS2 systolic blood pressure score' },
  pulse: { code: '1104351000000103', display: 'NEWS2 pulse score' },
  consciousness: { code: '1104361000000100', display: 'NEWS2 consciousness score' },
  temperature: { code: '1104371000000107', display: 'NEWS2 temperature score' },
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
 * NEWS2 as an Observation of the profile `news2`, worked out from those of one person: each part that is known, the total when all
 * are, and what it was worked out from, by version. Pure; it has no id until somebody stores it.
 * @returns undefined when none of the parts is among them
 */
export function news2Observation(observations: readonly Observation[], scale: Spo2Scale): Observation | undefined {
  const { measures, sources, measuredAt } = measuresOf(observations)
  const subject = sources[0]?.observation.subject
  if (!measuredAt) return undefined
  const score = scoreNews2(measures, scale)
  const read = new Set(sources.map(({ observation }) => observation))
  return {
    resourceType: 'Observation',
    meta: { profile: [PROFILE] },
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] }],
    code: { coding: [{ system: SNOMED, code: '1104051000000101' }], text: 'NEWS2' },
    ...(subject && { subject }),
    effectiveDateTime: measuredAt,
    method: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/measuring-method', code: 'derived' }] },
    ...totalOf(score),
    derivedFrom: [...read].map((one) => ({ reference: versioned(one) })),
    component: PARTS.flatMap((part) => componentOf(part, score, scale)),
  }
}

function totalOf({ total, risk, missing }: Score): Partial<Observation> {
  if (total === undefined || risk === undefined)
    return {
      dataAbsentReason: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
        text: `Mangler: ${missing.map((part) => PART_CODES[part].display).join(', ')}`,
      },
    }
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

function componentOf(part: Part, { points }: Score, scale: Spo2Scale): ObservationComponent[] {
  const value = points[part]
  const coding = part === 'spo2' && scale === 2 ? SPO2_SCALE_2 : PART_CODES[part]
  return value === undefined
    ? []
    : [{ code: { coding: [{ system: SNOMED, ...coding }] }, valueQuantity: scored(value) }]
}

const scored = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: '{score}' })

const versioned = ({ id, meta }: Observation) =>
  `Observation/${id}${meta?.versionId ? `/_history/${meta.versionId}` : ''}`
