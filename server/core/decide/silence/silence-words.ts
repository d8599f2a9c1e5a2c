import type { Language } from '../words/language.ts'
import { momentInWords } from '../words/moment-in-words.ts'
import { REASONS } from '../words/reasons.ts'
import { type Told, tell } from '../words/told.ts'
import type { SilenceKind } from './silence-owner.ts'

type Phrase = (what: string, since: string) => string

const PHRASES: Record<'not-opened' | 'not-decided', Record<Language, Phrase>> = {
  'not-opened': {
    nb: (what, since) => `Ingen har åpnet oppgaven «${what}», som har ventet siden ${since}`,
    nn: (what, since) => `Ingen har opna oppgåva «${what}», som har venta sidan ${since}`,
    en: (what, since) => `Nobody has opened the task “${what}”, which has waited since ${since}`,
  },
  'not-decided': {
    nb: (what, since) => `Oppgaven «${what}» ble åpnet ${since} og er ikke avgjort`,
    nn: (what, since) => `Oppgåva «${what}» vart opna ${since} og er ikkje avgjord`,
    en: (what, since) => `The task “${what}” was opened ${since} and has not been decided`,
  },
}

/** @param what the Task, in the words of its author */
export const silentTaskInWords = (silence: keyof typeof PHRASES, what: Told, since: Date): Told =>
  tell((language) => PHRASES[silence][language](what[language], momentInWords(since, language)))

/** @param count how many results lie on the phone; undefined where one result was announced and never came */
export function unsentInWords(count: number | undefined, since: Date): Told {
  return tell((language) => {
    const at = momentInWords(since, language)
    if (count === undefined) {
      return {
        nb: `Et resultat ble varslet ${at} og er ikke sendt ferdig`,
        nn: `Eit resultat vart varsla ${at} og er ikkje sendt ferdig`,
        en: `A result was announced ${at} and has not been sent`,
      }[language]
    }
    return {
      nb: `${count === 1 ? '1 resultat' : `${count} resultater`} er målt, men ikke sendt fra telefonen; det eldste fra ${at}`,
      nn: `${count === 1 ? '1 resultat' : `${count} resultat`} er målt, men ikkje sendt frå telefonen; det eldste frå ${at}`,
      en: `${count === 1 ? '1 result is' : `${count} results are`} measured but not sent from the phone; the oldest from ${at}`,
    }[language]
  })
}

export function unevaluatedInWords({ results, patients }: { results: number; patients: number }, since: Date): Told {
  return tell((language) => {
    const at = momentInWords(since, language)
    return {
      nb: `${results} resultater fra ${patients} pasienter er mottatt og ikke vurdert; det eldste kom ${at}`,
      nn: `${results} resultat frå ${patients} pasientar er mottekne og ikkje vurderte; det eldste kom ${at}`,
      en: `${results} results of ${patients} patients have come and are not evaluated; the oldest came ${at}`,
    }[language]
  })
}

/** Why a Task about a silence is taken back. */
export const SILENCE_ENDED: Record<SilenceKind, Told> = {
  'not-measured': REASONS.measured,
  'not-sent': { nb: 'Resultatene er sendt.', nn: 'Resultata er sende.', en: 'The results were sent.' },
  'not-evaluated': {
    nb: 'Alt som er mottatt, er vurdert.',
    nn: 'Alt som er motteke, er vurdert.',
    en: 'All that was received has been evaluated.',
  },
  'not-opened': { nb: 'Oppgaven er åpnet.', nn: 'Oppgåva er opna.', en: 'The task was opened.' },
  'not-decided': {
    nb: 'Oppgaven er avgjort eller gitt tilbake.',
    nn: 'Oppgåva er avgjord eller gjeven tilbake.',
    en: 'The task was decided or given back.',
  },
}
