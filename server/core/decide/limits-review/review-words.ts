import { toOsloDateTime } from '../time/oslo-time.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell } from '../words/told.ts'
import { quantityInWords } from '../words/words.ts'
import type { LimitsProposal, ProposedLimit } from './propose-limits.ts'

/** Why limits are looked at. */
export type ReviewCause = 'trial' | 'drift' | 'episode' | 'expiry' | 'asked'

type Phrases = {
  cause: Record<Exclude<ReviewCause, 'expiry'>, string>
  values: (count: number, days: number, middle: string, low: string, high: string, spread: string) => string
  unusual: (days: number) => string
  zone: Record<ProposedLimit['zone'], string>
  side: Record<'low' | 'high', string>
  propose: (name: string, value: string, before: string | undefined) => string
  held: string
  hits: (days: number, before: number, after: number) => string
  drift: (measure: string, now: string, before: string, spread: string) => string
  expiry: (measure: string, at: string, hasEnded: boolean) => string
}

const PHRASES: Record<Language, Phrases> = {
  nb: {
    cause: {
      trial: 'Prøvetiden er over',
      drift: 'Det vanlige har flyttet seg',
      episode: 'Etter en forverring',
      asked: 'Etter ønske',
    },
    values: (count, days, middle, low, high, spread) =>
      `${count} målinger over ${days} dager: midtverdien er ${middle}, ni av ti ligger mellom ${low} og ${high}, vanlig variasjon er ${spread}`,
    unusual: (days) => `${days} ${days === 1 ? 'dag' : 'dager'} med uvanlige verdier er holdt utenfor`,
    zone: { baseline: 'grunnverdi', yellow: 'gul grense', red: 'rød grense' },
    side: { low: 'nede', high: 'oppe' },
    propose: (name, value, before) => `foreslått ${name} ${value}${before ? ` (nå ${before})` : ''}`,
    held: 'holdt så nær planens grense som regelen tillater',
    hits: (days, before, after) =>
      `Siste ${days} dager lå ${before} målinger utenfor dagens grenser; med forslaget ${after}`,
    drift: (measure, now, before, spread) =>
      `${measure} har ligget rundt ${now} i det siste, mot ${before} før; det er mer enn vanlig variasjon (${spread})`,
    expiry: (measure, at, hasEnded) =>
      `Egen grense for ${measure} ${hasEnded ? 'gjaldt' : 'gjelder'} til ${at}; ${hasEnded ? 'nå gjelder' : 'etterpå gjelder'} planens`,
  },
  nn: {
    cause: {
      trial: 'Prøvetida er over',
      drift: 'Det vanlege har flytta seg',
      episode: 'Etter ei forverring',
      asked: 'Etter ønske',
    },
    values: (count, days, middle, low, high, spread) =>
      `${count} målingar over ${days} dagar: midtverdien er ${middle}, ni av ti ligg mellom ${low} og ${high}, vanleg variasjon er ${spread}`,
    unusual: (days) => `${days} ${days === 1 ? 'dag' : 'dagar'} med uvanlege verdiar er haldne utanfor`,
    zone: { baseline: 'grunnverdi', yellow: 'gul grense', red: 'raud grense' },
    side: { low: 'nede', high: 'oppe' },
    propose: (name, value, before) => `foreslått ${name} ${value}${before ? ` (no ${before})` : ''}`,
    held: 'halde så nær grensa til planen som regelen tillèt',
    hits: (days, before, after) =>
      `Siste ${days} dagar låg ${before} målingar utanfor grensene i dag; med forslaget ${after}`,
    drift: (measure, now, before, spread) =>
      `${measure} har lege rundt ${now} i det siste, mot ${before} før; det er meir enn vanleg variasjon (${spread})`,
    expiry: (measure, at, hasEnded) =>
      `Eiga grense for ${measure} ${hasEnded ? 'gjaldt' : 'gjeld'} til ${at}; ${hasEnded ? 'no gjeld' : 'etterpå gjeld'} planen si`,
  },
  en: {
    cause: {
      trial: 'The trial period is over',
      drift: 'What is usual has moved',
      episode: 'After an exacerbation',
      asked: 'As asked for',
    },
    values: (count, days, middle, low, high, spread) =>
      `${count} measurements on ${days} days: the median is ${middle}, nine of ten lie between ${low} and ${high}, they usually vary by ${spread}`,
    unusual: (days) => `${days} ${days === 1 ? 'day' : 'days'} with unusual values are left out`,
    zone: { baseline: 'baseline', yellow: 'yellow limit', red: 'red limit' },
    side: { low: 'low', high: 'high' },
    propose: (name, value, before) => `proposed ${name} ${value}${before ? ` (now ${before})` : ''}`,
    held: 'held as near to the plan’s limit as the rule allows',
    hits: (days, before, after) =>
      `In the last ${days} days ${before} measurements lay outside the limits of now; with the proposal ${after}`,
    drift: (measure, now, before, spread) =>
      `${measure} has lately been around ${now}, against ${before} before; that is more than it usually varies (${spread})`,
    expiry: (measure, at, hasEnded) =>
      `The own limit for ${measure} ${hasEnded ? 'was' : 'is'} valid until ${at}; ${hasEnded ? 'now' : 'then'} the plan’s applies`,
  },
}

/** Why these limits are proposed, in sentences that a clinician can check: what was measured, what is proposed, what it would have changed. */
export function proposalInWords(cause: Exclude<ReviewCause, 'expiry'>, proposals: LimitsProposal[]): Told {
  return tell((language) => {
    const parts = proposals.map((proposal) => measureInWords(proposal, language))
    return `${PHRASES[language].cause[cause]}. ${parts.join(' ')}`
  })
}

function measureInWords({ measure, unit, distribution, limits, hits }: LimitsProposal, language: Language): string {
  const phrases = PHRASES[language]
  const quantity = (value: number) => quantityInWords(Number(value.toFixed(1)), unit, language)
  const { count, days, median, low, high, spread, unusualDays } = distribution
  const proposed = limits.map(({ zone, side, value, before, isHeld }) => {
    const name = [phrases.zone[zone], side && phrases.side[side]].filter(Boolean).join(' ')
    const words = phrases.propose(name, quantity(value), before === undefined ? undefined : quantity(before))
    return isHeld ? `${words}, ${phrases.held}` : words
  })
  const sentences = [
    `${measure}: ${phrases.values(count, days, quantity(median), quantity(low), quantity(high), quantity(spread))}`,
    ...(unusualDays > 0 ? [phrases.unusual(unusualDays)] : []),
    ...proposed.map((words) => words.charAt(0).toUpperCase() + words.slice(1)),
    phrases.hits(hits.days, hits.before, hits.after),
  ]
  return `${sentences.join('. ')}.`
}

export type Drift = { measure: string; unit: string; now: number; before: number; spread: number }

export const driftInWords = ({ measure, unit, now, before, spread }: Drift): Told =>
  tell((language) => {
    const quantity = (value: number) => quantityInWords(Number(value.toFixed(1)), unit, language)
    return `${PHRASES[language].drift(measure, quantity(now), quantity(before), quantity(spread))}.`
  })

/** @param until when the limit ends, or has ended */
export const expiryInWords = (measure: string, until: Date, now: Date): Told =>
  tell((language) => {
    const at = toOsloDateTime(until).slice(0, 16).replace('T', ' ')
    return `${PHRASES[language].expiry(measure, at, until <= now)}.`
  })

/** Several reasons as one. */
export const together = (told: Told[]): Told => tell((language) => told.map((one) => one[language]).join(' '))
