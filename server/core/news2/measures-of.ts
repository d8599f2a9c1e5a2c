import type { CodeableConcept, Observation } from '@medplum/fhirtypes'
import type { Consciousness, Measures, Part } from './table.ts'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'

type Source = { part: Part; observation: Observation }
export type Gathered = { measures: Measures; sources: Source[]; measuredAt?: string }

const CODES: Record<Part, string[]> = {
  respiratoryRate: [`${LOINC}|9279-1`, `${SNOMED}|86290005`],
  spo2: [`${LOINC}|59408-5`, `${LOINC}|2708-6`, `${SNOMED}|431314004`],
  // Inhaled oxygen flow rate: 0 L/min is air.
  airOrOxygen: [`${LOINC}|3151-8`],
  systolic: [`${LOINC}|8480-6`, `${SNOMED}|271649006`],
  pulse: [`${LOINC}|8867-4`, `${SNOMED}|364075005`],
  consciousness: [`${SNOMED}|1104441000000107`],
  temperature: [`${LOINC}|8310-5`, `${SNOMED}|386725007`, `${SNOMED}|276885007`],
}

const UNITS: Record<Exclude<Part, 'consciousness'>, string> = {
  respiratoryRate: '/min',
  spo2: '%',
  airOrOxygen: 'L/min',
  systolic: 'mm[Hg]',
  pulse: '/min',
  temperature: 'Cel',
}

/** Findings of SNOMED CT, as UK Core has them for ACVPU. */
const CONSCIOUSNESS: Record<string, Consciousness> = {
  '248234008': 'A',
  '130987000': 'C',
  '300202002': 'V',
  '450847001': 'P',
  '422768004': 'U',
}

/** Every code by which one of the parts is known, `system|code`: a blood pressure's stands in a component. */
export const PART_TOKENS: readonly string[] = Object.values(CODES).flat()

/** Whether a code says oxygen saturation, by a device or otherwise. */
export const isOfSpo2 = (concept: CodeableConcept | undefined): boolean => hasCode(concept, CODES.spo2)

const COUNTING = new Set(['final', 'amended', 'corrected'])
/** What is further apart is not of one time. */
export const NEWS2_HOUR = 3_600_000

/**
 * The newest of each part among the Observations of one person. What is more than an hour older than the newest of all is another
 * time's; what is not final, has a day without a time, or is in another unit than the chart's, is left out: units are never converted. A
 * respiratory rate that the patient alone has counted is none.
 */
export function measuresOf(observations: readonly Observation[]): Gathered {
  const newestFirst = observations
    .filter(({ status, effectiveDateTime }) => COUNTING.has(status) && effectiveDateTime?.includes('T'))
    .toSorted((one, other) => timeOf(other) - timeOf(one))
  const found = newestFirst.flatMap((observation) => partsOf(observation))
  const latest = found[0]
  if (!latest) return { measures: {}, sources: [] }
  const measures: Measures = {}
  const sources: Source[] = []
  for (const { part, value, observation } of found) {
    if (measures[part] !== undefined || timeOf(latest.observation) - timeOf(observation) > NEWS2_HOUR) continue
    Object.assign(measures, { [part]: value })
    sources.push({ part, observation })
  }
  const { effectiveDateTime: measuredAt } = latest.observation
  return { measures, sources, ...(measuredAt === undefined ? {} : { measuredAt }) }
}

const timeOf = ({ effectiveDateTime = '' }: Observation) => Date.parse(effectiveDateTime)

type Found = Source & { value: Measures[Part] }

function partsOf(observation: Observation): Found[] {
  const measured = [observation, ...(observation.component ?? [])]
  return measured.flatMap((one) => {
    const part = (Object.keys(CODES) as Part[]).find((key) => hasCode(one.code, CODES[key]))
    if (!part || (part === 'respiratoryRate' && isByPatientAlone(observation))) return []
    const value = valueIn(part, one)
    return value === undefined ? [] : [{ part, value, observation }]
  })
}

type Measured = Pick<Observation, 'valueQuantity' | 'valueCodeableConcept'>

function valueIn(part: Part, { valueQuantity, valueCodeableConcept }: Measured): Measures[Part] {
  if (part === 'consciousness')
    return valueCodeableConcept?.coding
      ?.map(({ system, code = '' }) => (system === SNOMED ? CONSCIOUSNESS[code] : undefined))
      .find(Boolean)
  const { value, code, comparator } = valueQuantity ?? {}
  if (value === undefined || code !== UNITS[part] || comparator !== undefined) return undefined
  if (part === 'airOrOxygen') return value > 0 ? 'oxygen' : 'air'
  return value
}

function hasCode(concept: CodeableConcept | undefined, tokens: string[]): boolean {
  return concept?.coding?.some(({ system, code }) => tokens.includes(`${system}|${code}`)) ?? false
}

const isByPatientAlone = ({ performer = [] }: Observation): boolean =>
  performer.length > 0 && performer.every(({ reference = '' }) => reference.startsWith('Patient/'))
