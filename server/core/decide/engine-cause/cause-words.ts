import type { Task } from '@medplum/fhirtypes'
import type { Language } from '../words/language.ts'
import { momentInWords } from '../words/moment-in-words.ts'
import { translated } from '../words/translated.ts'

type Words = {
  /** Joins what the Task asks for and when it was made. */
  made: (what: string, at: string) => string
  about: (version: string) => string
  since: (at: string) => string
  plan: (plan: string) => string
  /** What asked then cannot be worked out any more. */
  notKept: (due: string) => string
  older: (count: number) => string
}

const WORDS: Readonly<Record<Language, Words>> = {
  nb: {
    made: (what, at) => `Oppgaven «${what}» ble laget ${at} av plattformen selv, ikke av en regel i en plan.`,
    about: (version) => `Den gjelder ${version}, slik det var da.`,
    since: (at) => `Det har vart siden ${at}.`,
    plan: (plan) => `Planen er ${plan}.`,
    notKept: (due) => `Det var ventet noe ${due}, men det som ba om det, er ikke tatt vare på slik det var da.`,
    older: (count) => `${count} tidligere er ikke tatt med her.`,
  },
  nn: {
    made: (what, at) => `Oppgåva «${what}» vart laga ${at} av plattforma sjølv, ikkje av ein regel i ein plan.`,
    about: (version) => `Ho gjeld ${version}, slik det var då.`,
    since: (at) => `Det har vart sidan ${at}.`,
    plan: (plan) => `Planen er ${plan}.`,
    notKept: (due) => `Noko var venta ${due}, men det som bad om det, er ikkje teke vare på slik det var då.`,
    older: (count) => `${count} tidlegare er ikkje tekne med her.`,
  },
  en: {
    made: (what, at) => `The task “${what}” was made ${at} by the platform itself, not by a rule of a plan.`,
    about: (version) => `It is about ${version}, as it was then.`,
    since: (at) => `It has lasted since ${at}.`,
    plan: (plan) => `The plan is ${plan}.`,
    notKept: (due) => `Something was expected ${due}, but what asked for it is not kept as it was then.`,
    older: (count) => `${count} earlier ones are left out here.`,
  },
}

export const causeWords = (language: Language): Words => WORDS[language]

/** What the Task asks for, when it was made, and why, as it says so itself. */
export function taskInWords(task: Task, language: Language): string {
  const [coding] = task.code?.coding ?? []
  const what = (coding && translated(coding, 'display', language)) ?? task.code?.text ?? 'Task'
  const why = translated(task.reasonCode ?? {}, 'text', language) ?? translated(task, 'description', language)
  const at = task.authoredOn ? momentInWords(new Date(task.authoredOn), language) : '–'
  return [WORDS[language].made(what, at), ...(why ? [/[.!?]$/.test(why) ? why : `${why}.`] : [])].join(' ')
}
