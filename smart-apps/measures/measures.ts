import type { CodeableConcept, Observation, ObservationComponent, Quantity } from '@medplum/fhirtypes'
import { translated } from '../fhir/translated.ts'
import { type Language, LOCALES } from '../texts/language.ts'
import { findKnownMeasure, type KnownMeasure } from './known-measures.ts'

/** How a value stands to the limits that applied when it was measured; `none` where there were no limits. */
export type PointZone = 'red' | 'yellow' | 'green' | 'none'

/** Where one colour begins: below `low`, above `high`. */
export type Bound = { low?: number; high?: number }
export type Limits = { yellow?: Bound; red?: Bound }

/** One measurement of one thing. */
export type Point = {
  /** id of the Observation. */
  id: string
  at: Date
  value: number
  /** The lower of two values, such as the diastolic pressure. */
  lower?: number
  zone: PointZone
  limits: Limits
  /** Kept, and not believed: entered in error. */
  isInvalid: boolean
  source: Source
  /** What whoever measured has noted. */
  note?: string
}
export type Source = 'device' | 'patient' | 'staff' | 'unknown'

/** Everything that was measured of one thing, oldest first. */
export type Measure = {
  /** `http://loinc.org|59408-5`; the same for codes that mean the same. */
  key: string
  title: string
  unit: string
  known?: KnownMeasure
  points: Point[]
}

const TRIAGE_COLOUR = 'http://fylgje.no/fhir/CodeSystem/triage-colour'
const SYSTOLIC = '8480-6'
const DIASTOLIC = '8462-4'

/** @param observations of one patient, in any order; what holds no number is left out */
export function toMeasures(observations: readonly Observation[], language: Language): Measure[] {
  const found = new Map<string, Measure>()
  for (const observation of observations) {
    const point = toPoint(observation)
    const coding = observation.code?.coding?.find(({ code }) => code)
    if (!point || !coding) continue
    const known = findKnownMeasure(observation.code)
    const key = known?.key ?? `${coding.system ?? ''}|${coding.code}`
    const measure = found.get(key) ?? {
      key,
      title: known?.title[language] ?? titleOf(observation.code, language),
      unit: unitOf(observation),
      ...(known ? { known } : {}),
      points: [],
    }
    // Values in different units have no common axis; the one that came first (the newest) names it.
    if (unitOf(observation) !== measure.unit) continue
    measure.points.push(point)
    found.set(key, measure)
  }
  const measures = [...found.values()]
  for (const { points } of measures) points.sort((one, other) => one.at.getTime() - other.at.getTime())
  return measures.sort(
    (one, other) =>
      (one.known?.order ?? 99) - (other.known?.order ?? 99) || one.title.localeCompare(other.title, LOCALES[language]),
  )
}

function toPoint(observation: Observation): Point | undefined {
  const at = observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.effectiveInstant
  const id = observation.id
  if (!at || !id) return undefined
  const upper = componentOf(observation, SYSTOLIC)
  const lower = componentOf(observation, DIASTOLIC)
  const value = observation.valueQuantity?.value ?? observation.valueInteger ?? upper?.valueQuantity?.value
  if (value === undefined) return undefined
  const judged = [observation, ...(observation.component ?? [])]
  const note = observation.note?.map(({ text }) => text).join(' ')
  return {
    id,
    at: new Date(at),
    value,
    ...(lower?.valueQuantity?.value === undefined ? {} : { lower: lower.valueQuantity.value }),
    zone: worst(judged.map(zoneOf)),
    limits: limitsOf(upper ?? observation),
    isInvalid: observation.status === 'entered-in-error' || observation.status === 'cancelled',
    source: sourceOf(observation),
    ...(note ? { note } : {}),
  }
}

type Judged = Pick<Observation, 'interpretation' | 'referenceRange'>

/** http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation */
const ZONE_OF: Record<string, PointZone> = { LL: 'red', HH: 'red', L: 'yellow', H: 'yellow', N: 'green' }
function zoneOf({ interpretation }: Judged): PointZone {
  const codes = interpretation?.flatMap(({ coding }) => coding?.map(({ code }) => code ?? '') ?? []) ?? []
  return worst(codes.map((code) => ZONE_OF[code] ?? 'none'))
}

const WORST_FIRST = ['red', 'yellow', 'green', 'none'] as const
const worst = (zones: readonly PointZone[]): PointZone => WORST_FIRST.find((zone) => zones.includes(zone)) ?? 'none'

/** The ranges that the server has written into the measurement when it came: those that held then. */
function limitsOf({ referenceRange }: Judged): Limits {
  const limits: Limits = {}
  for (const { type, low, high } of referenceRange ?? []) {
    const colour = type?.coding?.find(({ system }) => system === TRIAGE_COLOUR)?.code
    if (colour !== 'red' && colour !== 'yellow') continue
    limits[colour] = {
      ...(low?.value === undefined ? {} : { low: low.value }),
      ...(high?.value === undefined ? {} : { high: high.value }),
    }
  }
  return limits
}

const componentOf = (observation: Observation, wanted: string): ObservationComponent | undefined =>
  observation.component?.find(({ code }) => code?.coding?.some(({ code }) => code === wanted))

const quantityOf = (observation: Observation): Quantity | undefined =>
  observation.valueQuantity ?? componentOf(observation, SYSTOLIC)?.valueQuantity

const unitOf = (observation: Observation): string => {
  const quantity = quantityOf(observation)
  return quantity?.unit ?? quantity?.code ?? ''
}

const titleOf = (code: CodeableConcept, language: Language): string =>
  translated(code, 'text', language)?.text ?? code.coding?.[0]?.display ?? code.coding?.[0]?.code ?? ''

/** A device's own report; typed in by the patient; measured by staff. */
function sourceOf({ device, performer }: Observation): Source {
  const performers = performer?.map(({ reference }) => reference ?? '') ?? []
  if (performers.some((one) => /^(?:Practitioner|PractitionerRole|Organization|CareTeam)\//.test(one))) return 'staff'
  if (device) return 'device'
  return performers.length > 0 ? 'patient' : 'unknown'
}
