import { toHtml } from '../to-html.ts'
import { type Language, otherLanguages, page } from './page.ts'

/** One look into the record, in the reader's words. */
export type LogPageEntry = {
  /** When, in words. */
  when: string
  who: string
  role: string
  organization: string
  purpose: string
  /** Why they could: a sentence each. */
  because: string[]
  /** Kinds of data. */
  data: string[]
}

/** Who has seen a patient's record; `next`: the instant before which there is more. */
export type ReadLog = (asked: {
  patient: string
  language: Language
  countMax: number
  to?: string | undefined
}) => Promise<{ entries: LogPageEntry[]; next?: string }>

type Texts = {
  title: string
  lead: string
  none: string
  patientsOnly: string
  when: string
  role: string
  organization: string
  purpose: string
  data: string
  older: string
  apps: string
}

const TEXTS: Record<Language, Texts> = {
  nb: {
    title: 'Hvem har sett journalen min',
    lead: 'Her står alle som har sett eller endret opplysninger om deg her, de siste først.',
    none: 'Ingen har sett opplysninger om deg her.',
    patientsOnly: 'Denne siden er for pasienter. Du er logget inn som noe annet.',
    when: 'Når',
    role: 'Rolle',
    organization: 'Virksomhet',
    purpose: 'Formål',
    data: 'Opplysninger',
    older: 'Vis eldre',
    apps: 'Mine apper',
  },
  nn: {
    title: 'Kven har sett journalen min',
    lead: 'Her står alle som har sett eller endra opplysningar om deg her, dei siste først.',
    none: 'Ingen har sett opplysningar om deg her.',
    patientsOnly: 'Denne sida er for pasientar. Du er logga inn som noko anna.',
    when: 'Når',
    role: 'Rolle',
    organization: 'Verksemd',
    purpose: 'Føremål',
    data: 'Opplysningar',
    older: 'Vis eldre',
    apps: 'Mine appar',
  },
  en: {
    title: 'Who has seen my record',
    lead: 'Everybody who has seen or changed information about you here, the latest first.',
    none: 'Nobody has seen information about you here.',
    patientsOnly: 'This page is for patients. You are signed in as somebody else.',
    when: 'When',
    role: 'Role',
    organization: 'Organisation',
    purpose: 'Purpose',
    data: 'Information',
    older: 'Show older',
    apps: 'My apps',
  },
}

export type LogPage = {
  language: Language
  /** Undefined for somebody who is no patient. */
  log: Awaited<ReturnType<ReadLog>> | undefined
}

/** The page where a patient sees who has looked. */
export function logPage({ language, log }: LogPage): string {
  const texts = TEXTS[language]
  const older = log?.next
    ? `<p><a href="?${new URLSearchParams({ before: log.next, lang: language })}">${texts.older}</a></p>`
    : ''
  const lead = log === undefined ? texts.patientsOnly : log.entries.length > 0 ? texts.lead : texts.none
  const content = `<h1>${texts.title}</h1><p>${lead}</p>
${(log?.entries ?? []).map((entry) => section(entry, texts)).join('')}
${older}<p><a href="apps?lang=${language}">${texts.apps}</a></p>`
  return page(language, texts.title, content, otherLanguages(language))
}

/** Kinds of data begin with a capital where one stands alone. */
const sentenceOf = ([first = '', ...rest]: string[]): string =>
  [first, ...rest.map((kind) => kind.charAt(0).toLowerCase() + kind.slice(1))].join(', ')

function section(entry: LogPageEntry, texts: Texts): string {
  const facts: [string, string][] = [
    [texts.when, entry.when],
    [texts.role, entry.role],
    [texts.organization, entry.organization],
    [texts.purpose, [entry.purpose && `${entry.purpose}.`, ...entry.because].filter(Boolean).join(' ')],
    [texts.data, sentenceOf(entry.data)],
  ]
  const list = facts.map(([name, text]) => (text ? `<dt>${name}</dt><dd>${toHtml(text)}</dd>` : '')).join('')
  return `<section class="app"><h2>${toHtml(entry.who)}</h2><dl class="facts">${list}</dl></section>`
}
