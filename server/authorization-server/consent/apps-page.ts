import { parseScopes } from '../../access/scopes.ts'
import { toHtml } from '../../to-html.ts'
import { type Language, otherLanguages, page } from '../page.ts'
import { EVERYTHING_ELSE, offersOf } from './choices.ts'
import type { AccessType } from './decide-grant.ts'
import type { ListedAuthorization } from './grants.ts'
import { typeName } from './type-names.ts'

type Texts = {
  title: string
  signedIn: (name: string) => string
  none: string
  lead: string
  what: string
  all: string
  identity: string
  patient: string
  since: string
  used: string
  until: string
  kinds: Record<AccessType, string>
  revoke: (app: string) => string
  revoked: string
  log: string
  back: string
  logout: string
}

const TEXTS: Record<Language, Texts> = {
  nb: {
    title: 'Mine apper',
    signedIn: (name) => `Du er logget inn som ${name}.`,
    none: 'Ingen apper har tilgang på dine vegne.',
    lead: 'Disse appene har tilgang på dine vegne. Trekker du en tilgang tilbake, slutter den å virke med en gang.',
    what: 'Opplysninger',
    all: 'Alle opplysninger',
    identity: 'Hvem du er',
    patient: 'Gjelder',
    since: 'Gitt',
    used: 'Sist fornyet',
    until: 'Varer til',
    kinds: { once: 'Mens appen brukes', online: 'Så lenge du er logget inn', offline: 'Også når du ikke bruker appen' },
    revoke: (app) => `Trekk tilbake tilgangen til ${app}`,
    revoked: 'Tilgangen er trukket tilbake.',
    log: 'Hvem har sett journalen min',
    back: 'Tilbake til appen',
    logout: 'Logg ut',
  },
  nn: {
    title: 'Mine appar',
    signedIn: (name) => `Du er logga inn som ${name}.`,
    none: 'Ingen appar har tilgang på dine vegner.',
    lead: 'Desse appane har tilgang på dine vegner. Trekkjer du ein tilgang tilbake, sluttar han å verke med ein gong.',
    what: 'Opplysningar',
    all: 'Alle opplysningar',
    identity: 'Kven du er',
    patient: 'Gjeld',
    since: 'Gitt',
    used: 'Sist fornya',
    until: 'Varer til',
    kinds: {
      once: 'Medan appen er i bruk',
      online: 'Så lenge du er logga inn',
      offline: 'Også når du ikkje bruker appen',
    },
    revoke: (app) => `Trekk tilbake tilgangen til ${app}`,
    revoked: 'Tilgangen er trekt tilbake.',
    log: 'Kven har sett journalen min',
    back: 'Tilbake til appen',
    logout: 'Logg ut',
  },
  en: {
    title: 'My apps',
    signedIn: (name) => `You are signed in as ${name}.`,
    none: 'No app has access on your behalf.',
    lead: 'These apps have access on your behalf. What you take back stops working at once.',
    what: 'Information',
    all: 'All information',
    identity: 'Who you are',
    patient: 'About',
    since: 'Given',
    used: 'Last renewed',
    until: 'Lasts until',
    kinds: {
      once: 'While the app is used',
      online: 'As long as you are signed in',
      offline: 'Also when you do not use the app',
    },
    revoke: (app) => `Take back the access of ${app}`,
    revoked: 'The access has been taken back.',
    log: 'Who has seen my record',
    back: 'Back to the app',
    logout: 'Sign out',
  },
}

export type AppsPage = {
  language: Language
  personName: string
  /** Only a patient has a record that others look into. */
  isPatient: boolean
  authorizations: (ListedAuthorization & { patientName: string | undefined })[]
  /** Whether one has just been taken back. */
  revoked: boolean
  /** Our own app for whoever it is, where they may have come from. */
  app: string
  /** Where the forms go: `${action}/apps/revoke`, `${action}/logout`. */
  action: string
}

/** The page where a person sees what they have allowed, and takes it back. */
export function appsPage({
  language,
  personName,
  isPatient,
  authorizations,
  revoked,
  app: own,
  action,
}: AppsPage): string {
  const texts = TEXTS[language]
  const content = `<h1>${texts.title}</h1><p>${toHtml(texts.signedIn(personName))}</p>
${revoked ? `<p class="note" role="status">${texts.revoked}</p>` : ''}
<p>${authorizations.length > 0 ? texts.lead : texts.none}</p>
${authorizations.map((given) => app(given, texts, language, action)).join('')}
${isPatient ? `<p><a href="log?lang=${language}">${texts.log}</a></p>` : ''}
<p><a href="${toHtml(own)}">${texts.back}</a></p>
<form method="post" action="${toHtml(action)}/logout"><button class="secondary">${texts.logout}</button></form>`
  return page(language, texts.title, content, otherLanguages(language))
}

function app(given: AppsPage['authorizations'][number], texts: Texts, language: Language, action: string): string {
  const facts: [string, string | undefined][] = [
    [texts.patient, given.patientName],
    [texts.what, whatOf(given.scope, texts, language)],
    [texts.since, dateOf(given.grantedAt, language)],
    [texts.used, dateOf(given.usedAt, language)],
    [texts.until, `${dateOf(given.expiresAt, language)}. ${texts.kinds[given.accessType]}.`],
  ]
  const list = facts.map(([name, text]) => (text ? `<dt>${name}</dt><dd>${toHtml(text)}</dd>` : '')).join('')
  return `<section class="app"><h2>${toHtml(given.clientName)}</h2><dl class="facts">${list}</dl>
<form method="post" action="${toHtml(action)}/apps/revoke"><input type="hidden" name="grant" value="${toHtml(given.grantId)}">
<button class="secondary">${toHtml(texts.revoke(given.clientName))}</button></form></section>`
}

function whatOf(scope: string, texts: Texts, language: Language): string {
  const types = offersOf(parseScopes(scope)).map(({ type }) => type)
  if (types.length === 0) return texts.identity
  return types.includes(EVERYTHING_ELSE) ? texts.all : types.map((type) => typeName(type, language)).join(', ')
}

const LOCALES: Record<Language, string> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' }

const dateOf = (date: Date, language: Language) =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/Oslo' }).format(
    date,
  )
