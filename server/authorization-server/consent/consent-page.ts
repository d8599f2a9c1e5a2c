import { toHtml } from '../../to-html.ts'
import { type Language, otherLanguages, page } from '../page.ts'
import type { Offer } from './choices.ts'
import type { AccessType } from './decide-grant.ts'
import { partName, typeName, verbsOf } from './type-names.ts'

type Texts = {
  title: (app: string) => string
  about: (patient: string) => string
  aboutMany: string
  who: (name: string) => string
  legend: string
  may: (verbs: string) => string
  parts: string
  future: string
  duration: string
  durations: Record<AccessType, string>
  offline: string
  offlineHelp: string
  allow: string
  deny: string
  other: string
  later: string
}

const TEXTS: Record<Language, Texts> = {
  nb: {
    title: (app) => `Vil du gi ${app} tilgang?`,
    about: (patient) => `Det gjelder opplysninger om ${patient}.`,
    aboutMany: 'Det gjelder alle pasienter som du har tilgang til.',
    who: (name) => `Appen får også vite hvem du er: ${name}.`,
    legend: 'Dette vil appen ha tilgang til. Fjern haken foran det du ikke vil dele.',
    may: (verbs) => `Appen kan ${verbs}.`,
    parts: 'Del bare noe av dette',
    future: 'Beholder du alle hakene, får appen også nye typer opplysninger som kommer til senere.',
    duration: 'Hvor lenge',
    durations: {
      once: 'Tilgangen varer i høyst én time.',
      online: 'Tilgangen varer så lenge du er logget inn, høyst 24 timer.',
      offline: 'Tilgangen varer i høyst ett år.',
    },
    offline: 'La appen hente opplysninger også når jeg ikke bruker den',
    offlineHelp: 'I inntil ett år, eller til du trekker det tilbake. Uten hake varer tilgangen i høyst én time.',
    allow: 'Gi tilgang',
    deny: 'Nei, gå tilbake',
    other: 'Logg inn som en annen',
    later: 'Du kan når som helst se og trekke tilbake tilganger på siden «Mine apper».',
  },
  nn: {
    title: (app) => `Vil du gi ${app} tilgang?`,
    about: (patient) => `Det gjeld opplysningar om ${patient}.`,
    aboutMany: 'Det gjeld alle pasientar som du har tilgang til.',
    who: (name) => `Appen får også vite kven du er: ${name}.`,
    legend: 'Dette vil appen ha tilgang til. Fjern haken framfor det du ikkje vil dele.',
    may: (verbs) => `Appen kan ${verbs}.`,
    parts: 'Del berre noko av dette',
    future: 'Held du på alle hakane, får appen også nye typar opplysningar som kjem til seinare.',
    duration: 'Kor lenge',
    durations: {
      once: 'Tilgangen varer i høgst éin time.',
      online: 'Tilgangen varer så lenge du er logga inn, høgst 24 timar.',
      offline: 'Tilgangen varer i høgst eitt år.',
    },
    offline: 'La appen hente opplysningar også når eg ikkje bruker han',
    offlineHelp: 'I inntil eitt år, eller til du trekkjer det tilbake. Utan hake varer tilgangen i høgst éin time.',
    allow: 'Gi tilgang',
    deny: 'Nei, gå tilbake',
    other: 'Logg inn som ein annan',
    later: 'Du kan når som helst sjå og trekkje tilbake tilgangar på sida «Mine appar».',
  },
  en: {
    title: (app) => `Give ${app} access?`,
    about: (patient) => `It is about information on ${patient}.`,
    aboutMany: 'It is about all patients whom you may see.',
    who: (name) => `The app is also told who you are: ${name}.`,
    legend: 'This is what the app asks for. Untick what you do not want to share.',
    may: (verbs) => `The app may ${verbs} it.`,
    parts: 'Share only some of this',
    future: 'If you leave everything ticked, the app also gets new kinds of information that are added later.',
    duration: 'For how long',
    durations: {
      once: 'The access lasts one hour at most.',
      online: 'The access lasts as long as you are signed in, 24 hours at most.',
      offline: 'The access lasts one year at most.',
    },
    offline: 'Let the app get information also when I am not using it',
    offlineHelp: 'For up to one year, or until you take it back. Unticked, the access lasts one hour at most.',
    allow: 'Give access',
    deny: 'No, go back',
    other: 'Sign in as someone else',
    later: 'You can see and take back what you have allowed at any time on the page “My apps”.',
  },
}

export type ConsentPage = {
  language: Language
  appName: string
  /** Who signs in, if the app is told. */
  personName: string | undefined
  /** Whom it is about; undefined when it is everybody whom the person may see. */
  patient: { id: string; name: string } | undefined
  offers: Offer[]
  accessType: AccessType
  /** Whether a scope on all types is asked for. */
  coversFuture: boolean
  /** Where the forms go: `${action}/consent`, `/cancel`, `/switch`. */
  action: string
}

/** The page where a person says what an app may have, and for how long. Everything that is asked for is ticked beforehand, and can be unticked. */
export function consentPage(shown: ConsentPage): string {
  const { language, appName, personName, patient, offers, accessType, coversFuture } = shown
  const texts = TEXTS[language]
  const action = toHtml(shown.action)
  const choices = offers.map((offer) => choice(offer, texts, language)).join('')
  const content = `<h1>${toHtml(texts.title(appName))}</h1>
${offers.length > 0 ? `<p>${toHtml(patient ? texts.about(patient.name) : texts.aboutMany)}</p>` : ''}
<form method="post" action="${action}/consent">
${patient ? `<input type="hidden" name="patient" value="${toHtml(patient.id)}">` : ''}
${offers.length > 0 ? `<fieldset><legend>${texts.legend}</legend><ul class="choices">${choices}</ul></fieldset>` : ''}
${coversFuture ? `<p class="note">${texts.future}</p>` : ''}
${personName === undefined ? '' : `<p>${toHtml(texts.who(personName))}</p>`}
<fieldset><legend>${texts.duration}</legend>${duration(accessType, texts)}</fieldset>
<p class="soft">${texts.later}</p>
<div class="actions"><button class="primary">${texts.allow}</button></div>
</form>
<div class="actions">
<form method="post" action="${action}/cancel"><button class="secondary">${texts.deny}</button></form>
<form method="post" action="${action}/switch"><button class="cancel">${texts.other}</button></form>
</div>`
  return page(language, texts.title(appName), content, otherLanguages(language))
}

function choice({ type, letters, parts }: Offer, texts: Texts, language: Language): string {
  const boxes = parts.map(
    (part) =>
      `<li><label><input type="checkbox" name="part" value="${type}|${part}" checked><span>${partName(part, language)}</span></label></li>`,
  )
  const details = parts.length ? `<details><summary>${texts.parts}</summary><ul>${boxes.join('')}</ul></details>` : ''
  return `<li><label><input type="checkbox" name="type" value="${toHtml(type)}" checked><span>${toHtml(typeName(type, language))}</span>
<small>${texts.may(verbsOf(letters, language))}</small></label>${details}</li>`
}

function duration(accessType: AccessType, texts: Texts): string {
  if (accessType !== 'offline') return `<p>${texts.durations[accessType]}</p>`
  return `<label><input type="checkbox" name="offline" value="yes" checked><span>${texts.offline}</span>
<small>${texts.offlineHelp}</small></label>`
}
