import type {
  CodeableConcept,
  Coding,
  DataRequirement,
  Duration,
  Extension,
  Observation,
  PlanDefinition,
  PlanDefinitionAction,
} from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { happenedAt } from '../plan/data-requirement.ts'
import type { PlanProblem } from '../plan/plan-problem.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { before } from '../time/duration.ts'
import { type Told, tell } from '../words/told.ts'

/** On an Observation: what whoever or whatever measured says of the quality. */
const MEASUREMENT_QUALITY = `${FYLGJE}/StructureDefinition/measurement-quality`

/**
 * On the DataRequirement of a trigger or input, or on a request: how a measurement must have been made to count there. The same measurement
 * may be good enough for one plan and not for another.
 */
export const QUALITY_REQUIRED = `${FYLGJE}/StructureDefinition/quality-required`

const PERFORMERS = ['patient', 'staff'] as const
type Performer = (typeof PERFORMERS)[number]

export type QualityDemand = {
  /** Any of these; none: whoever. */
  performers: Performer[]
  /** Any of these; none: however. */
  methods: Coding[]
  /** What it says of its own quality, any of these; none: whatever. */
  qualities: Coding[]
  /** Measured by a device that is named. */
  device: boolean
  /** By one that says of itself that it is calibrated. */
  calibrated: boolean
  /** At most so old when it is looked at. */
  age?: Duration | undefined
}

/** @returns undefined where nothing is demanded, as of most */
export function qualityOf({ extension }: { extension?: Extension[] }): QualityDemand | undefined {
  const parts = extension?.find(({ url }) => url === QUALITY_REQUIRED)?.extension
  if (!parts) return undefined
  const age = parts.find(({ url }) => url === 'age')?.valueDuration
  const says = (name: string) => parts.some(({ url, valueBoolean }) => url === name && valueBoolean === true)
  return {
    performers: parts.flatMap(({ valueCode }) => PERFORMERS.find((one) => one === valueCode) ?? []),
    methods: parts.flatMap(({ url, valueCoding }) => (url === 'method' && valueCoding ? [valueCoding] : [])),
    qualities: parts.flatMap(({ url, valueCoding }) => (url === 'quality' && valueCoding ? [valueCoding] : [])),
    ...{ device: says('device'), calibrated: says('calibrated') },
    ...(age ? { age } : {}),
  }
}

/**
 * Why a resource is not good enough; empty when it is, and for what is no measurement. What a measurement does not say of itself it is not:
 * one without a performer was measured by nobody who is known.
 */
export function shortcomings(resource: Resource, demand: QualityDemand | undefined, now: Date): Told[] {
  if (!demand || resource.resourceType !== 'Observation') return []
  const observation = resource as unknown as Observation
  const { performers, methods, qualities, device, calibrated, age } = demand
  const isBy = (one: Performer) => observation.performer?.some(({ reference }) => BY[one].test(reference ?? ''))
  const own = observation.extension?.find(({ url }) => url === MEASUREMENT_QUALITY)?.valueCodeableConcept
  return [
    ...(performers.length === 0 || performers.some(isBy) ? [] : [notBy(performers)]),
    ...(isAnyOf(methods, observation.method) ? [] : [notByMethod(methods)]),
    ...(isAnyOf(qualities, own) ? [] : [notOfQuality(qualities)]),
    ...(device && !observation.device ? [NO_DEVICE] : []),
    ...(calibrated && !isCalibrated(observation) ? [NOT_CALIBRATED] : []),
    ...(age && happenedAt(resource, 'effective', now) < before(now.getTime(), age) ? [tooOld(age)] : []),
  ]
}

/** Where nothing is demanded, anything is. */
const isAnyOf = (wanted: Coding[], concept: CodeableConcept | undefined): boolean =>
  wanted.length === 0 ||
  wanted.some(({ system, code }) => concept?.coding?.some((one) => one.system === system && one.code === code))

/** Those of a history that count for an input. */
export function ofQuality(history: Resource[], requirement: DataRequirement, now: Date): Resource[] {
  const demand = qualityOf(requirement)
  return demand ? history.filter((one) => shortcomings(one, demand, now).length === 0) : history
}

/** Stands in the trace of a decision where a condition's expression does. */
export const QUALITY = '*measurement-quality'

const BY: Record<Performer, RegExp> = {
  patient: /^(?:Patient|RelatedPerson)\//,
  staff: /^(?:Practitioner|PractitionerRole|CareTeam|Organization)\//,
}

/**
 * R4 has a device's calibration in its DeviceMetric; the measurement brings it along, as it was when it was made.
 * @see https://hl7.org/fhir/R4/devicemetric-definitions.html#DeviceMetric.calibration
 */
function isCalibrated({ device, contained = [] }: Observation): boolean {
  return contained.some(
    (one) =>
      one.resourceType === 'DeviceMetric' &&
      device?.reference === `#${one.id}` &&
      (one.calibration ?? []).some(({ state }) => state === 'calibrated'),
  )
}

const WHO: Record<Performer, Told> = {
  patient: { nb: 'pasienten selv', nn: 'pasienten sjølv', en: 'the patient' },
  staff: { nb: 'helsepersonell', nn: 'helsepersonell', en: 'staff' },
}
const OR = { nb: ' eller ', nn: ' eller ', en: ' or ' }
const notBy = (performers: Performer[]): Told => {
  const who = tell((language) => performers.map((one) => WHO[one][language]).join(OR[language]))
  return { nb: `ikke målt av ${who.nb}`, nn: `ikkje målt av ${who.nn}`, en: `not measured by ${who.en}` }
}
const notByMethod = (methods: Coding[]): Told => {
  const names = namesOf(methods)
  return { nb: `ikke målt med ${names}`, nn: `ikkje målt med ${names}`, en: `not measured by ${names}` }
}
const notOfQuality = (qualities: Coding[]): Told => {
  const names = namesOf(qualities)
  return {
    nb: `sier ikke om kvaliteten at den er ${names}`,
    nn: `seier ikkje om kvaliteten at han er ${names}`,
    en: `does not say that its quality is ${names}`,
  }
}
const namesOf = (codings: Coding[]): string => codings.map(({ display, code }) => display ?? code).join(', ')
const NO_DEVICE: Told = {
  nb: 'ikke målt med en måler',
  nn: 'ikkje målt med ein målar',
  en: 'not measured with a device',
}
const NOT_CALIBRATED: Told = {
  nb: 'måleren sier ikke at den er kalibrert',
  nn: 'målaren seier ikkje at han er kalibrert',
  en: 'the device does not say that it is calibrated',
}
const tooOld = ({ value, unit, code }: Duration): Told => {
  const length = `${value} ${unit ?? code}`
  return { nb: `eldre enn ${length}`, nn: `eldre enn ${length}`, en: `older than ${length}` }
}

/** Demands that nothing can meet: a rule with one would be silent for ever. */
export const checkQuality = ({ action }: Pick<PlanDefinition, 'action'>): PlanProblem[] =>
  (action ?? []).flatMap((one, i) => ofAction(one, `PlanDefinition.action[${i}]`))

const ofAction = (action: PlanDefinitionAction, at: string): PlanProblem[] => [
  ...(action.trigger ?? []).flatMap(({ data = [] }, i) =>
    data.flatMap((one, j) => problemsOf(one, `${at}.trigger[${i}].data[${j}]`)),
  ),
  ...(action.input ?? []).flatMap((one, i) => problemsOf(one, `${at}.input[${i}]`)),
  ...(action.action ?? []).flatMap((child, i) => ofAction(child, `${at}.action[${i}]`)),
]

function problemsOf(requirement: DataRequirement, expression: string): PlanProblem[] {
  const parts = requirement.extension?.find(({ url }) => url === QUALITY_REQUIRED)?.extension
  if (!parts) return []
  const wrong = (diagnostics: string): PlanProblem => ({ diagnostics, expression: `${expression}.extension` })
  const unknown = parts.filter(
    ({ url, valueCode }) => url === 'performer' && !PERFORMERS.some((one) => one === valueCode),
  )
  return [
    ...(requirement.type === 'Observation'
      ? []
      : [wrong(`A ${requirement.type} is no measurement that has a quality.`)]),
    ...unknown.map(({ valueCode }) => wrong(`performer is ${PERFORMERS.join(' or ')}, not ${valueCode}.`)),
  ]
}
