import type { Language } from '../../core/decide/words/language.ts'
import { sameInAll, type Told, tell } from '../../core/decide/words/told.ts'
import type { Alternative } from './alternative.ts'
import type { Tried } from './figures.ts'

/** What of a Task's input is said of a tried alternative, as `CodeSystem/task-input` has it; a test holds the two together. */
export const TRIAL_INPUTS = {
  'trial-period': { nb: 'Prøvd på', nn: 'Prøvd på', en: 'Tried on' },
  'trial-tried': { nb: 'Prøvd', nn: 'Prøvd', en: 'Tried' },
  'trial-outcome': { nb: 'Utfall', nn: 'Utfall', en: 'Outcome' },
  'trial-draft': { nb: 'Utkast til ny versjon', nn: 'Utkast til ny versjon', en: 'Draft of the next version' },
  'trial-change': { nb: 'Endret i utkastet', nn: 'Endra i utkastet', en: 'Changed in the draft' },
  'trial-tasks-before': {
    nb: 'Oppgaver per 100 pasientdager med planen slik den er',
    nn: 'Oppgåver per 100 pasientdagar med planen slik han er',
    en: 'Tasks per 100 patient-days with the plan as it is',
  },
  'trial-tasks-after': {
    nb: 'Oppgaver per 100 pasientdager med utkastet',
    nn: 'Oppgåver per 100 pasientdagar med utkastet',
    en: 'Tasks per 100 patient-days with the draft',
  },
  'trial-acted-on-before': {
    nb: 'Andel som førte til noe med planen slik den er',
    nn: 'Del som førte til noko med planen slik han er',
    en: 'Share acted on with the plan as it is',
  },
  'trial-acted-on-after': {
    nb: 'Andel som førte til noe med utkastet',
    nn: 'Del som førte til noko med utkastet',
    en: 'Share acted on with the draft',
  },
  'trial-reds-missed': {
    nb: 'Røde oppgaver som ville blitt borte',
    nn: 'Raude oppgåver som ville blitt borte',
    en: 'Red Tasks that would not have been made',
  },
  'trial-acted-on-missed': {
    nb: 'Oppgaver som førte til noe og ville blitt borte',
    nn: 'Oppgåver som førte til noko og ville blitt borte',
    en: 'Tasks that led to something and would not have been made',
  },
  'trial-cases-failing': {
    nb: 'Eksempler i planen som må ses på på nytt',
    nn: 'Døme i planen som må sjåast på på nytt',
    en: 'Cases of the plan that must be looked at again',
  },
} as const satisfies Record<string, Told>
export type TrialInput = keyof typeof TRIAL_INPUTS

/** Why nothing is proposed. @param before the plan as it is; undefined where there was nothing to try */
export function whyNone(before: Tried | undefined): Told {
  if (!before) return NOTHING_TO_TRY
  return 'figures' in before ? NOTHING_HELPS : NOT_PLAYED
}

const NOTHING_HELPS: Told = {
  nb: 'Ingenting av det som ble prøvd, gir færre oppgaver uten at en rød blir borte. Ingen versjon er foreslått.',
  nn: 'Ingenting av det som vart prøvd, gjev færre oppgåver utan at ei raud blir borte. Ingen versjon er foreslått.',
  en: 'Nothing that was tried makes fewer Tasks without missing a red one. No version is proposed.',
}
const NOT_PLAYED: Told = {
  nb: 'Planen slik den er kunne ikke spilles av på det som har hendt, så ingenting annet er prøvd.',
  nn: 'Planen slik han er kunne ikkje spelast av på det som har hendt, så ingenting anna er prøvd.',
  en: 'The plan as it is could not be played over what has happened, so nothing else was tried.',
}
const NOTHING_TO_TRY: Told = {
  nb: 'Det er ingen gul grense bak det som bråker mest, og funn samles allerede: reglene selv må ses på.',
  nn: 'Det er inga gul grense bak det som bråkar mest, og funn blir samla alt: reglane sjølve må sjåast på.',
  en: 'No yellow limit is behind what is loudest, and findings are gathered already: the rules themselves must be looked at.',
}

/** What an alternative changes. */
export function alternativeInWords({ limits, summaryHours }: Alternative): Told {
  const say = (language: Language) => {
    const moved = limits.map(({ measure, from, to, unit }) => MOVED[language](measure, `${from}`, `${to} ${unit}`))
    return [...moved, ...(summaryHours ? [GATHERED[language](summaryHours)] : [])].join('; ')
  }
  return tell(say)
}

const MOVED: Record<Language, (measure: string, from: string, to: string) => string> = {
  nb: (measure, from, to) => `gul grense for ${measure} fra ${from} til ${to}`,
  nn: (measure, from, to) => `gul grense for ${measure} frå ${from} til ${to}`,
  en: (measure, from, to) => `yellow limit of ${measure} from ${from} to ${to}`,
}
const GATHERED: Record<Language, (hours: number) => string> = {
  nb: (hours) => `funn innen ${hours} timer samles i én oppgave`,
  nn: (hours) => `funn innan ${hours} timar blir samla i éi oppgåve`,
  en: (hours) => `findings within ${hours} hours are gathered in one Task`,
}

const AS_IT_IS: Told = { nb: 'planen slik den er', nn: 'planen slik han er', en: 'the plan as it is' }

/** What came of playing the plan as it is. */
export const asItIs = (tried: Tried): Told => both(AS_IT_IS, outcomeOf(tried))
/** What came of playing an alternative. */
export const alternativeTried = (alternative: Alternative, tried: Tried): Told =>
  both(alternativeInWords(alternative), outcomeOf(tried))

const both = (one: Told, other: Told): Told => tell((language) => `${one[language]}: ${other[language]}`)

function outcomeOf(tried: Tried): Told {
  if (!('figures' in tried)) {
    const { problem } = tried
    const { nb, nn, en } = typeof problem === 'string' ? sameInAll(problem) : problem
    return { nb: `kunne ikke prøves (${nb})`, nn: `kunne ikkje prøvast (${nn})`, en: `could not be tried (${en})` }
  }
  const { tasksPer100PatientDays: tasks, redsMissed } = tried.figures
  return {
    nb: `${tasks} oppgaver per 100 pasientdager, ${redsMissed} røde blir borte`,
    nn: `${tasks} oppgåver per 100 pasientdagar, ${redsMissed} raude blir borte`,
    en: `${tasks} Tasks per 100 patient-days, ${redsMissed} reds missed`,
  }
}
