import type { Role } from '../access/policy/policy.ts'
import type { Agent } from '../audit/record.ts'
import { typeName } from '../authorization-server/consent/type-names.ts'
import type { Language } from '../core/decide/words/language.ts'
import { momentInWords } from '../core/decide/words/moment-in-words.ts'
import { type Told, words } from '../core/decide/words/told.ts'
import type { Act, LogEntry } from './entries.ts'

/** In the order in which they are told. */
const ROLES: Partial<Record<Role, Told>> = {
  doctor: words('lege', 'lege', 'doctor'),
  nurse: words('sykepleier', 'sjukepleiar', 'nurse'),
  responder: words('responssenter', 'responssenter', 'response centre'),
  patient: words('deg selv', 'deg sjølv', 'yourself'),
  'next-of-kin': words('pårørende', 'pårørande', 'next of kin'),
  'privacy-officer': words('personvernombud', 'personvernombod', 'privacy officer'),
  administrator: words('administrator', 'administrator', 'administrator'),
  'plan-author': words('lager behandlingsplaner', 'lagar behandlingsplanar', 'writes care plans'),
}

const ACTS: Record<Act, Told> = {
  seen: words('så på', 'såg på', 'looked at'),
  changed: words('skrev eller endret', 'skreiv eller endra', 'wrote or changed'),
  opened: words('åpnet', 'opna', 'opened'),
  shared: words('endret hvilke apper som får se', 'endra kva appar som får sjå', 'changed which apps may see'),
  sent: words(
    'sendte til journalen din et annet sted',
    'sende til journalen din ein annan stad',
    'sent to your record elsewhere',
  ),
}

/** Why somebody could see the record: how they had to do with the patient. */
const RELATIONS: Record<string, Told> = {
  self: words('Det er din egen journal.', 'Det er din eigen journal.', 'It is your own record.'),
  guardian: words('Er forelder eller verge.', 'Er forelder eller verje.', 'Is a parent or guardian.'),
  'care-team': words('Er i teamet ditt.', 'Er i teamet ditt.', 'Is on your care team.'),
  'care-plan': words('Følger behandlingsplanen din.', 'Følgjer behandlingsplanen din.', 'Follows your care plan.'),
  episode: words(
    'Hører til enheten som følger deg opp.',
    'Høyrer til eininga som følgjer deg opp.',
    'Belongs to the unit that follows you up.',
  ),
  gp: words('Er fastlegen din.', 'Er fastlegen din.', 'Is your general practitioner.'),
  task: words('Hadde en oppgave om deg.', 'Hadde ei oppgåve om deg.', 'Had a task about you.'),
  asked: words(
    'Ble spurt om deg før en henvisning ble besvart.',
    'Vart spurd om deg før ei tilvising vart svart på.',
    'Was asked about you before a referral was answered.',
  ),
  granted: words('Du har gitt tilgang.', 'Du har gitt tilgang.', 'You have given access.'),
  'break-glass': words(
    'Åpnet journalen uten å være i teamet ditt. Det blir gjennomgått.',
    'Opna journalen utan å vere i teamet ditt. Det blir gjennomgått.',
    'Opened the record without being on your team. It is reviewed.',
  ),
  opened: words(
    'Åpnet opplysninger som du har sperret. Det blir gjennomgått.',
    'Opna opplysningar som du har sperra. Det blir gjennomgått.',
    'Opened information that you have restricted. It is reviewed.',
  ),
}
RELATIONS['guardian-of-youth'] = RELATIONS.guardian as Told
RELATIONS.kin = RELATIONS.granted as Told

const PURPOSES: Record<string, Told> = {
  TREAT: words('Helsehjelp', 'Helsehjelp', 'Health care'),
  ETREAT: words('Øyeblikkelig hjelp', 'Augeblikkeleg hjelp', 'Emergency care'),
  BTG: words('Nødrett', 'Naudrett', 'Emergency access'),
  PATRQT: words('Ditt eget innsyn', 'Ditt eige innsyn', 'Your own access'),
  FAMRQT: words('Innsyn for pårørende', 'Innsyn for pårørande', 'Access for next of kin'),
  HOPERAT: words('Drift og administrasjon', 'Drift og administrasjon', 'Running and administration'),
}

const OWN_SYSTEM = words('Fylgje, automatisk', 'Fylgje, automatisk', 'Fylgje, automatically')
const SYSTEM = words('Datasystem', 'Datasystem', 'Computer system')

/** Named apart from these they would say little; a patient calls them all one thing. */
const OTHER = words('andre opplysninger', 'andre opplysningar', 'other information')
const TYPES_NAMED_MAX = 6

export const roleInWords = (roles: readonly string[], language: Language): string =>
  Object.entries(ROLES)
    .flatMap(([role, named]) => (roles.includes(role) ? [named[language]] : []))
    .join(', ')

export const actInWords = (act: Act, language: Language): string => ACTS[act][language]

export const relationsInWords = (kinds: readonly string[], language: Language): string[] => [
  ...new Set(kinds.flatMap((kind) => RELATIONS[kind]?.[language] ?? [])),
]

export const purposeInWords = (purpose: string, language: Language): string => PURPOSES[purpose]?.[language] ?? purpose

/** A client that acts for itself is called what it was registered as; from before that was written down, by its id. */
export const systemInWords = ({ who, clientName }: Agent, language: Language): string =>
  who.startsWith('Device/') ? OWN_SYSTEM[language] : `${SYSTEM[language]} ${clientName ?? who.replace(/^Client\//, '')}`

/** What kinds of data it was, as a patient calls them. */
export function typesInWords(types: readonly string[], language: Language): string[] {
  const named = types.filter((type) => typeName(type, language) !== type)
  const shown = [...new Set(named.map((type) => typeName(type, language)))].slice(0, TYPES_NAMED_MAX)
  return shown.length < types.length &&
    (shown.length === 0 || named.length > TYPES_NAMED_MAX || named.length < types.length)
    ? [...shown, OTHER[language]]
    : shown
}

/** `2026-11-22 kl. 14:03`, or from when to when on that day. */
export function timeInWords({ start, end }: Pick<LogEntry, 'start' | 'end'>, language: Language): string {
  const [from, to] = [start, end].map((instant) => momentInWords(new Date(instant), language)) as [string, string]
  if (from === to) return from
  const isSameDay = from.slice(0, 10) === to.slice(0, 10)
  return `${from}–${isSameDay ? to.slice(-5) : to}`
}
