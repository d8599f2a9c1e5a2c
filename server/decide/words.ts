import type { Observation } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { AssessedLimit } from './limits.ts'
import { eventNameOf } from './named-event.ts'

/** A number as Norwegians write it. */
export const inWords = (value: number) => String(value).replace('.', ',')

const ZONE_WORD = { red: 'rød', yellow: 'gul', plausible: 'mulig', baseline: 'egen' } as const

/** Which limit was hit, and by what: «SpO2 84 %, rød grense 88 %». */
export function reasonOf(limit: AssessedLimit): string {
  const measured = `${limit.measure} ${inWords(limit.observed)} ${limit.unit}`
  if (limit.zone === 'plausible') return `${measured} er utenfor det mulige`
  if (limit.trend && limit.course !== undefined) {
    const unit = limit.trend.method === 'slope' ? limit.unit.replace(/\/d$/, ' per dag') : limit.unit
    const course = `${limit.course < 0 ? 'ned' : 'opp'} ${inWords(roundedCourse(limit.course))} ${unit}`
    const value = `${inWords(limit.observed)} ${unit.replace(/ per dag$/, '')}`
    const days = inWords(Number((limit.trend.windowMilliseconds / 86_400_000).toFixed(1)))
    return `${limit.measure} ${value}, ${course} siste ${days} dager, ${ZONE_WORD[limit.zone]} grense ${inWords(Math.abs(limit.value))}`
  }
  if (!limit.relative || limit.baseline === undefined) {
    return `${measured}, ${ZONE_WORD[limit.zone]} grense ${inWords(limit.value)} ${limit.unit}`
  }
  const difference = inWords(Math.abs(Number((limit.observed - limit.baseline).toFixed(6))))
  const direction = limit.observed < limit.baseline ? 'under' : 'over'
  return `${measured}, ${difference} ${direction} egen grunnverdi ${inWords(limit.baseline)} ${limit.unit} (${ZONE_WORD[limit.zone]} grense ${inWords(Math.abs(limit.value))})`
}

/** As much of a trend as people read. */
export const roundedCourse = (course: number) => Number(Math.abs(course).toFixed(2))

/** What a person sent, in a line. */
export function resourceInWords(resource: Resource): string {
  if (resource.resourceType === 'Observation') return observationInWords(resource as unknown as Observation)
  if (resource.resourceType === 'QuestionnaireResponse') return 'Skjemasvar'
  return eventNameOf(resource) ?? resource.resourceType
}

/** An Observation in a line, for the evidence list: «SpO2 84 %». */
export function observationInWords(observation: Observation): string {
  const name = observation.code?.text ?? observation.code?.coding?.[0]?.display ?? 'Måling'
  const { value, unit, code } = observation.valueQuantity ?? {}
  return value === undefined ? name : `${name} ${inWords(value)} ${unit ?? code ?? ''}`.trim()
}
