import type { Account } from './accounts.ts'
import { type Language, otherLanguages, page, toHtml } from './page.ts'

type Texts = {
  title: string
  lead: (app: string) => string
  demo: string
  none: string
  noneHelp: string
  cancel: string
  roles: Record<string, string>
}
const TEXTS: Record<Language, Texts> = {
  nb: {
    title: 'Logg inn',
    lead: (app: string) => `${app} vil ha tilgang. Velg hvem du logger inn som.`,
    demo: 'Demonstrasjon: personene er oppdiktede, og ingen trenger passord.',
    none: 'Ingen innloggingsmetode er satt opp ennå.',
    noneHelp:
      'Den som drifter tjenesten, må sette opp innlogging (HelseID for helsepersonell, ID-porten for pasienter).',
    cancel: 'Avbryt og gå tilbake til appen',
    roles: { Patient: 'Pasient', Practitioner: 'Helsepersonell', RelatedPerson: 'Pårørende' },
  },
  nn: {
    title: 'Logg inn',
    lead: (app: string) => `${app} vil ha tilgang. Vel kven du loggar inn som.`,
    demo: 'Demonstrasjon: personane er oppdikta, og ingen treng passord.',
    none: 'Det er ikkje sett opp nokon måte å logge inn på enno.',
    noneHelp: 'Den som driftar tenesta, må setje opp innlogging (HelseID for helsepersonell, ID-porten for pasientar).',
    cancel: 'Avbryt og gå tilbake til appen',
    roles: { Patient: 'Pasient', Practitioner: 'Helsepersonell', RelatedPerson: 'Pårørande' },
  },
  en: {
    title: 'Sign in',
    lead: (app: string) => `${app} asks for access. Choose whom to sign in as.`,
    demo: 'Demonstration: the people are invented, and nobody needs a password.',
    none: 'No way to sign in has been set up yet.',
    noneHelp: 'Whoever runs this service must set one up (HelseID for health professionals, ID-porten for patients).',
    cancel: 'Cancel and go back to the app',
    roles: { Patient: 'Patient', Practitioner: 'Health professional', RelatedPerson: 'Next of kin' },
  },
}

export type LoginPage = {
  language: Language
  appName: string
  /** Demo users, one click each; undefined without demo mode. */
  demoAccounts: Account[] | undefined
  /** Where the forms go: `${action}/login` and `${action}/cancel`. */
  action: string
}

/** The page where a person says who they are. */
export function loginPage({ language, appName, demoAccounts, action }: LoginPage): string {
  const texts = TEXTS[language]
  const choice = demoAccounts
    ? `<p>${toHtml(texts.lead(appName))}</p>
<form method="post" action="${toHtml(action)}/login"><ul>${demoAccounts.map((account) => userButton(account, texts.roles)).join('')}</ul></form>
<p class="soft">${texts.demo}</p>`
    : `<p>${texts.none}</p><p class="soft">${texts.noneHelp}</p>`
  const cancel = `<form method="post" action="${toHtml(action)}/cancel"><button class="cancel">${texts.cancel}</button></form>`
  return page(language, texts.title, `<h1>${texts.title}</h1>${choice}${cancel}`, otherLanguages(language))
}

function userButton({ accountId, name, fhirUser }: Account, roles: Record<string, string>): string {
  const [type = ''] = fhirUser.split('/')
  const initials = name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
  return `<li><button class="user" name="account" value="${toHtml(accountId)}">
<span class="initials" aria-hidden="true">${toHtml(initials)}</span>
<span class="name">${toHtml(name)}</span>
<span class="role">${toHtml(roles[type] ?? type)}</span></button></li>`
}
