import { toHtml } from '../to-html.ts'
import type { Account } from './accounts.ts'
import type { ProviderName } from './federation/identity-provider.ts'
import type { NotLetIn } from './federation/recognise.ts'
import { type Language, otherLanguages, page } from './page.ts'

type Texts = {
  title: string
  providers: Record<ProviderName, { label: string; who: string }>
  providersLead: (app: string) => string
  refused: Record<NotLetIn, string>
  lead: (app: string) => string
  demo: string
  none: string
  noneHelp: string
  cancel: string
  roles: Record<string, string>
  kinOf: (patient: string) => string
}
const TEXTS: Record<Language, Texts> = {
  nb: {
    title: 'Logg inn',
    providers: {
      helseid: { label: 'HelseID', who: 'For helsepersonell' },
      idporten: { label: 'ID-porten', who: 'For pasienter og pårørende' },
    },
    providersLead: (app) => `${app} vil ha tilgang. Velg hvordan du vil logge inn.`,
    refused: {
      level: 'Du må logge inn med høyeste sikkerhetsnivå (BankID, Buypass eller Commfides).',
      unknown:
        'Vi finner deg ikke hos oss, eller ingen deler noe med deg nå. Ta kontakt med den som følger deg opp, eller med din leder.',
      ambiguous:
        'Du er registrert mer enn én gang hos oss, og det må rettes først. Ta kontakt med den som drifter tjenesten.',
      claims: 'Innloggingen ga ikke nok opplysninger om hvem du er.',
      cancelled: 'Innloggingen ble avbrutt.',
      failed: 'Innloggingen virket ikke. Prøv på nytt om litt.',
    },
    lead: (app: string) => `${app} vil ha tilgang. Velg hvem du logger inn som.`,
    demo: 'Demonstrasjon: personene er oppdiktede, og ingen trenger passord.',
    none: 'Ingen innloggingsmetode er satt opp ennå.',
    noneHelp:
      'Den som drifter tjenesten, må sette opp innlogging (HelseID for helsepersonell, ID-porten for pasienter).',
    cancel: 'Avbryt og gå tilbake til appen',
    roles: { Patient: 'Pasient', Practitioner: 'Helsepersonell', RelatedPerson: 'Pårørende' },
    kinOf: (patient) => `Pårørende til ${patient}`,
  },
  nn: {
    title: 'Logg inn',
    providers: {
      helseid: { label: 'HelseID', who: 'For helsepersonell' },
      idporten: { label: 'ID-porten', who: 'For pasientar og pårørande' },
    },
    providersLead: (app) => `${app} vil ha tilgang. Vel korleis du vil logge inn.`,
    refused: {
      level: 'Du må logge inn med høgaste tryggleiksnivå (BankID, Buypass eller Commfides).',
      unknown:
        'Vi finn deg ikkje hos oss, eller ingen deler noko med deg no. Ta kontakt med den som følgjer deg opp, eller med leiaren din.',
      ambiguous:
        'Du er registrert meir enn éin gong hos oss, og det må rettast først. Ta kontakt med den som driftar tenesta.',
      claims: 'Innlogginga gav ikkje nok opplysningar om kven du er.',
      cancelled: 'Innlogginga vart avbroten.',
      failed: 'Innlogginga verka ikkje. Prøv på nytt om litt.',
    },
    lead: (app: string) => `${app} vil ha tilgang. Vel kven du loggar inn som.`,
    demo: 'Demonstrasjon: personane er oppdikta, og ingen treng passord.',
    none: 'Det er ikkje sett opp nokon måte å logge inn på enno.',
    noneHelp: 'Den som driftar tenesta, må setje opp innlogging (HelseID for helsepersonell, ID-porten for pasientar).',
    cancel: 'Avbryt og gå tilbake til appen',
    roles: { Patient: 'Pasient', Practitioner: 'Helsepersonell', RelatedPerson: 'Pårørande' },
    kinOf: (patient) => `Pårørande til ${patient}`,
  },
  en: {
    title: 'Sign in',
    providers: {
      helseid: { label: 'HelseID', who: 'For health professionals' },
      idporten: { label: 'ID-porten', who: 'For patients and next of kin' },
    },
    providersLead: (app) => `${app} asks for access. Choose how to sign in.`,
    refused: {
      level: 'You must sign in at the highest level of security (BankID, Buypass or Commfides).',
      unknown:
        'We do not find you here, or nobody shares anything with you now. Please contact whoever gives you care, or your manager.',
      ambiguous:
        'You are registered here more than once, which must be mended first. Please contact whoever runs the service.',
      claims: 'The sign-in did not tell enough of who you are.',
      cancelled: 'The sign-in was cancelled.',
      failed: 'The sign-in did not work. Please try again in a little while.',
    },
    lead: (app: string) => `${app} asks for access. Choose whom to sign in as.`,
    demo: 'Demonstration: the people are invented, and nobody needs a password.',
    none: 'No way to sign in has been set up yet.',
    noneHelp: 'Whoever runs this service must set one up (HelseID for health professionals, ID-porten for patients).',
    cancel: 'Cancel and go back to the app',
    roles: { Patient: 'Patient', Practitioner: 'Health professional', RelatedPerson: 'Next of kin' },
    kinOf: (patient) => `Next of kin of ${patient}`,
  },
}

/** @property kinOf name of the patient whose next of kin it is */
export type ListedAccount = Account & { kinOf?: string }

export type LoginPage = {
  language: Language
  appName: string
  /** Demo users, one click each; undefined without demo mode. */
  demoAccounts: ListedAccount[] | undefined
  /** Where else people can prove who they are. */
  identityProviders: readonly ProviderName[]
  /** Why the last try did not let the person in. */
  refused: unknown
  /** Where the forms go: `${action}/login` and `${action}/cancel`. */
  action: string
}

/** The page where a person says who they are. */
export function loginPage({ language, appName, demoAccounts, identityProviders, refused, action }: LoginPage): string {
  const texts = TEXTS[language]
  const why =
    typeof refused === 'string' && Object.hasOwn(texts.refused, refused)
      ? texts.refused[refused as NotLetIn]
      : undefined
  const links = identityProviders.map((name) => providerLink(name, texts, action))
  const choice = [
    why === undefined ? '' : `<p class="note" role="alert">${why}</p>`,
    links.length > 0 ? `<p>${toHtml(texts.providersLead(appName))}</p><ul>${links.join('')}</ul>` : '',
    demoAccounts
      ? `${links.length > 0 ? '' : `<p>${toHtml(texts.lead(appName))}</p>`}
<form method="post" action="${toHtml(action)}/login"><ul>${demoAccounts.map((account) => userButton(account, texts)).join('')}</ul></form>
<p class="soft">${texts.demo}</p>`
      : '',
    links.length === 0 && !demoAccounts ? `<p>${texts.none}</p><p class="soft">${texts.noneHelp}</p>` : '',
  ].join('')
  const cancel = `<form method="post" action="${toHtml(action)}/cancel"><button class="cancel">${texts.cancel}</button></form>`
  return page(language, texts.title, `<h1>${texts.title}</h1>${choice}${cancel}`, otherLanguages(language))
}

/** A link, not a form: browsers hold a form to the places that the policy of the page names, also where it redirects to. */
function providerLink(name: ProviderName, { providers }: Texts, action: string): string {
  const { label, who } = providers[name]
  return `<li><a class="user" href="${toHtml(action)}/federated/${name}">
<span class="initials" aria-hidden="true">${label.charAt(0)}</span><span class="name">${label}</span><span class="role">${who}</span></a></li>`
}

export type WhosePage = { language: Language; accounts: ListedAccount[]; action: string }

const WHOSE_TEXTS: Record<Language, { title: string; lead: string; self: string }> = {
  nb: { title: 'Hvem gjelder det?', lead: 'Velg hvem sine opplysninger du vil åpne.', self: 'Meg selv' },
  nn: { title: 'Kven gjeld det?', lead: 'Vel kven sine opplysningar du vil opne.', self: 'Meg sjølv' },
  en: { title: 'Who is it about?', lead: 'Choose whose information you want to open.', self: 'Myself' },
}

/** The page where somebody who is next of kin, and perhaps a patient too, says whose record they open. Forms go to `${action}/as`. */
export function whosePage({ language, accounts, action }: WhosePage): string {
  const texts = TEXTS[language]
  const { title, lead, self } = WHOSE_TEXTS[language]
  const buttons = accounts.map(({ accountId, name, kinOf }) =>
    button({ accountId, name: kinOf ?? name, role: kinOf === undefined ? self : texts.kinOf(kinOf) }),
  )
  const content = `<h1>${title}</h1><p>${lead}</p>
<form method="post" action="${toHtml(action)}/as"><ul>${buttons.join('')}</ul></form>
<form method="post" action="${toHtml(action)}/cancel"><button class="cancel">${texts.cancel}</button></form>`
  return page(language, title, content, otherLanguages(language))
}

function userButton({ accountId, name, fhirUser, kinOf }: ListedAccount, texts: Texts): string {
  const [type = ''] = fhirUser.split('/')
  return button({
    ...{ accountId, name },
    role: kinOf === undefined ? (texts.roles[type] ?? type) : texts.kinOf(kinOf),
  })
}

function button({ accountId, name, role }: { accountId: string; name: string; role: string }): string {
  const initials = name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
  return `<li><button class="user" name="account" value="${toHtml(accountId)}">
<span class="initials" aria-hidden="true">${toHtml(initials)}</span>
<span class="name">${toHtml(name)}</span>
<span class="role">${toHtml(role)}</span></button></li>`
}
