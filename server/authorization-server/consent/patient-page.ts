import { toHtml } from '../../to-html.ts'
import { type Language, page } from '../page.ts'
import type { ListedPatient } from '../people.ts'

type Texts = {
  title: string
  lead: (app: string) => string
  search: string
  find: string
  none: string
  more: string
  born: (date: string) => string
  cancel: string
}

const TEXTS: Record<Language, Texts> = {
  nb: {
    title: 'Velg pasient',
    lead: (app) => `${app} vil ha tilgang til opplysninger om én pasient.`,
    search: 'Søk på navn',
    find: 'Søk',
    none: 'Ingen pasienter som du har tilgang til, passer.',
    more: 'Det er flere. Søk på navnet for å finne dem.',
    born: (date) => `Født ${date}`,
    cancel: 'Avbryt og gå tilbake til appen',
  },
  nn: {
    title: 'Vel pasient',
    lead: (app) => `${app} vil ha tilgang til opplysningar om éin pasient.`,
    search: 'Søk på namn',
    find: 'Søk',
    none: 'Ingen pasientar som du har tilgang til, passar.',
    more: 'Det er fleire. Søk på namnet for å finne dei.',
    born: (date) => `Fødd ${date}`,
    cancel: 'Avbryt og gå tilbake til appen',
  },
  en: {
    title: 'Choose a patient',
    lead: (app) => `${app} asks for information on one patient.`,
    search: 'Search by name',
    find: 'Search',
    none: 'No patient whom you may see fits.',
    more: 'There are more. Search by name to find them.',
    born: (date) => `Born ${date}`,
    cancel: 'Cancel and go back to the app',
  },
}

export const LISTED_COUNT_MAX = 20

export type PatientPage = {
  language: Language
  appName: string
  /** What was searched for. */
  text: string
  /** One more than are shown, if there are more. */
  patients: ListedPatient[]
  /** Where the forms go: `${action}/patient` and `${action}/cancel`. */
  action: string
}

/** The page where a health professional, or a next of kin, says which patient the app is to be opened for. */
export function patientPage({ language, appName, text, patients, action }: PatientPage): string {
  const texts = TEXTS[language]
  const to = toHtml(action)
  const shown = patients.slice(0, LISTED_COUNT_MAX)
  const list = shown.map(
    ({ id, name, birthDate }) => `<li><button class="user" name="patient" value="${toHtml(id)}">
<span class="initials" aria-hidden="true">${toHtml(initialsOf(name))}</span>
<span class="name">${toHtml(name)}</span>
<span class="role">${birthDate ? toHtml(texts.born(birthDate.split('-').reverse().join('.'))) : ''}</span></button></li>`,
  )
  const content = `<h1>${texts.title}</h1><p>${toHtml(texts.lead(appName))}</p>
<form class="search" method="post" action="${to}/patient" role="search"><label for="text">${texts.search}</label>
<input id="text" name="text" type="search" value="${toHtml(text)}" maxlength="100" autocomplete="off"><button class="secondary">${texts.find}</button></form>
${shown.length > 0 ? `<form method="post" action="${to}/patient"><ul>${list.join('')}</ul></form>` : `<p class="note" role="status">${texts.none}</p>`}
${patients.length > shown.length ? `<p class="soft">${texts.more}</p>` : ''}
<form method="post" action="${to}/cancel"><button class="cancel">${texts.cancel}</button></form>`
  return page(language, texts.title, content)
}

const initialsOf = (name: string) =>
  name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
