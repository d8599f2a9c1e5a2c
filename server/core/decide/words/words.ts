import type { Observation } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type AssessedLimit, differenceOf, type Limit } from '../limits/limits.ts'
import { tokensOf } from '../limits/measured.ts'
import { eventNameOf } from '../plan/named-event.ts'
import type { Language } from './language.ts'
import { sameInAll, type Told, tell } from './told.ts'

/** A number as Norwegians write it. */
export const inWords = (value: number) => String(value).replace('.', ',')

/** A number with its unit: «88 %», «2,5 kg». */
export const quantityInWords = (value: number, unit: string, language: Language): string =>
  `${language === 'en' ? String(value) : inWords(value)} ${unit}`.trim()

type Phrases = {
  zone: Record<AssessedLimit['zone'], string>
  limit: string
  impossible: string
  course: (rises: boolean, amount: string, isSlope: boolean, days: string) => string
  difference: (amount: string, isBelow: boolean, baseline: string) => string
}

const PHRASES: Record<Language, Phrases> = {
  nb: {
    zone: { red: 'rød', yellow: 'gul', plausible: 'mulig', baseline: 'egen' },
    limit: 'grense',
    impossible: 'er utenfor det mulige',
    course: (rises, amount, isSlope, days) =>
      `${rises ? 'opp' : 'ned'} ${amount}${isSlope ? ' per dag' : ''} siste ${days} dager`,
    difference: (amount, isBelow, baseline) => `${amount} ${isBelow ? 'under' : 'over'} egen grunnverdi ${baseline}`,
  },
  nn: {
    zone: { red: 'raud', yellow: 'gul', plausible: 'mogleg', baseline: 'eigen' },
    limit: 'grense',
    impossible: 'er utanfor det moglege',
    course: (rises, amount, isSlope, days) =>
      `${rises ? 'opp' : 'ned'} ${amount}${isSlope ? ' per dag' : ''} siste ${days} dagar`,
    difference: (amount, isBelow, baseline) => `${amount} ${isBelow ? 'under' : 'over'} eigen grunnverdi ${baseline}`,
  },
  en: {
    zone: { red: 'red', yellow: 'yellow', plausible: 'plausible', baseline: 'own' },
    limit: 'limit',
    impossible: 'is outside what is possible',
    course: (rises, amount, isSlope, days) =>
      `${rises ? 'up' : 'down'} ${amount}${isSlope ? ' a day' : ''} in the last ${days} days`,
    difference: (amount, isBelow, baseline) => `${amount} ${isBelow ? 'below' : 'above'} own baseline ${baseline}`,
  },
}

/** Which limit was hit, and by what: «SpO2 84 %, rød grense 88 %», in each language. */
export const reasonOf = (limit: AssessedLimit): Told => tell((language) => reasonIn(limit, language))

function reasonIn(limit: AssessedLimit, language: Language): string {
  const phrases = PHRASES[language]
  const quantity = (value: number, unit = limit.unit) => quantityInWords(value, unit, language)
  const measured = `${limit.measure} ${quantity(limit.observed, limit.observedUnit)}`
  const name = `${phrases.zone[limit.zone]} ${phrases.limit}`
  if (limit.zone === 'plausible') return `${measured} ${phrases.impossible}`
  if (limit.trend && limit.course !== undefined) {
    const isSlope = limit.trend.method === 'slope'
    const unit = limit.unit.replace(/\/d$/, '')
    const days = quantityInWords(Number((limit.trend.windowMilliseconds / 86_400_000).toFixed(1)), '', language)
    const course = phrases.course(limit.course >= 0, quantity(roundedCourse(limit.course), unit), isSlope, days)
    return `${limit.measure} ${quantity(limit.observed, unit)}, ${course}, ${name} ${quantity(Math.abs(limit.value), '')}`
  }
  if (!limit.relative || limit.baseline === undefined) return `${measured}, ${name} ${quantity(limit.value)}`
  const away = differenceOf(limit, limit.observed, limit.baseline)
  // Percent have a unit of their own, and as many decimals as people read.
  const amount = limit.inPercent ? quantity(roundedCourse(away)) : quantity(Math.abs(away), '')
  const difference = phrases.difference(amount, away < 0, quantity(limit.baseline, limit.observedUnit))
  return `${measured}, ${difference} (${name} ${quantity(Math.abs(limit.value), limit.inPercent ? '%' : '')})`
}

/** As much of a trend as people read. */
export const roundedCourse = (course: number) => Number(Math.abs(course).toFixed(2))

/** What a measure is called by whoever set limits for it. */
export type Named = Pick<Limit, 'codes' | 'measure'>

/**
 * What a person sent, in a line.
 * @param named short names of measures, the first that fits counts: «SpO2», where the device sent the long name of LOINC
 */
export function resourceInWords(resource: Resource, named: Named[] = []): Told {
  if (resource.resourceType === 'Observation') return observationInWords(resource as unknown as Observation, named)
  if (resource.resourceType === 'QuestionnaireResponse') return ANSWERS
  return sameInAll(eventNameOf(resource) ?? resource.resourceType)
}

/** An Observation in a line, for the evidence list: «SpO2 84 %». */
export function observationInWords(observation: Observation, named: Named[] = []): Told {
  const codes = tokensOf(observation.code)
  const short = named.find((one) => one.codes.some((code) => codes.includes(code)))?.measure
  const name = short || observation.code?.text || observation.code?.coding?.[0]?.display
  const { value, unit, code } = observation.valueQuantity ?? {}
  return tell((language) => {
    const called = name || MEASUREMENT[language]
    return value === undefined ? called : `${called} ${quantityInWords(value, unit ?? code ?? '', language)}`
  })
}

const ANSWERS: Told = { nb: 'Skjemasvar', nn: 'Skjemasvar', en: 'Answers to a form' }
/** Of what tells that somebody was given something, where that is believed. */
export const READ_BY_SOMEBODY: Told = { nb: 'Lest av noen', nn: 'Lese av nokon', en: 'Read by somebody' }
const MEASUREMENT: Told = { nb: 'Måling', nn: 'Måling', en: 'Measurement' }
