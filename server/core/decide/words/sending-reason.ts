import { sameInAll, type Told, tell, words } from './told.ts'

/** Why a message to a national service was not sent or not taken, in words for whoever reads of it; what stands in braces is filled in. */
const WORDS = {
  'given-up': words(
    'Gitt opp etter {count} forsøk.',
    'Gitt opp etter {count} forsøk.',
    'Given up after {count} attempts.',
  ),
  'not-journaled': words(
    'Mottatt for {hours} timer siden, men ikke journalført.',
    'Motteken for {hours} timar sidan, men ikkje journalført.',
    'It was accepted {hours} hours ago and is in no journal.',
  ),
  'not-reached': words(
    'Fikk ikke kontakt med mottakeren ({cause}).',
    'Fekk ikkje kontakt med mottakaren ({cause}).',
    'The receiver was not reached: {cause}',
  ),
  answered: words('Mottakeren svarte {status}.', 'Mottakaren svarte {status}.', 'The receiver answered {status}.'),
  'answered-with': words(
    'Mottakeren svarte {status}: «{quote}»',
    'Mottakaren svarte {status}: «{quote}»',
    'The receiver answered {status}: {quote}',
  ),
  'answered-to-status': words(
    'Mottakeren svarte {status} da den ble spurt om hva det ble av meldingen.',
    'Mottakaren svarte {status} då han vart spurd om kva det vart av meldinga.',
    'The receiver answered {status} when it was asked what became of the message.',
  ),
  'answered-to-finding': words(
    'Mottakeren svarte {status} da den ble spurt etter dokumentet.',
    'Mottakaren svarte {status} då han vart spurd etter dokumentet.',
    'The receiver answered {status} when it was asked for the document.',
  ),
  'no-place': words(
    'Mottakeren svarte {status}, men sa ikke hvor meldingen er.',
    'Mottakaren svarte {status}, men sa ikkje kvar meldinga er.',
    'The receiver answered {status} and did not say where it is.',
  ),
  'not-understood': words(
    'Mottakeren svarte noe som ikke lar seg lese.',
    'Mottakaren svarte noko som ikkje lèt seg lese.',
    'The receiver answered something that cannot be read.',
  ),
  'not-said': words(
    'Mottakeren sa ikke hva det ble av meldingen.',
    'Mottakaren sa ikkje kva det vart av meldinga.',
    'The receiver did not say what became of it.',
  ),
  'not-known-there': words(
    'Mottakeren kjenner ikke meldingen som den har tatt imot.',
    'Mottakaren kjenner ikkje meldinga som han har teke imot.',
    'The receiver does not know the message that it has accepted.',
  ),
  'journaling-failed': words(
    'Meldingen kunne ikke journalføres.',
    'Meldinga kunne ikkje journalførast.',
    'It could not be journaled.',
  ),
  'journaling-failed-with': words(
    'Meldingen kunne ikke journalføres: «{quote}»',
    'Meldinga kunne ikkje journalførast: «{quote}»',
    'It could not be journaled: {quote}',
  ),
  'behind-another': words(
    'Venter på en tidligere melding om pasienten.',
    'Ventar på ei tidlegare melding om pasienten.',
    'It waits for an earlier message about the patient.',
  ),
  'out-of-time': words(
    'Det var ikke tid igjen til å sende den alene.',
    'Det var ikkje tid att til å sende ho åleine.',
    'There was no time left to send it by itself.',
  ),
  'too-large': words(
    'Meldingen er på {size} byte; mottakeren tar imot {most}.',
    'Meldinga er på {size} byte; mottakaren tek imot {most}.',
    'The message has {size} bytes; the receiver takes {most}.',
  ),
  fault: words(
    'En feil hos oss. Loggen har den under {id}.',
    'Ein feil hos oss. Loggen har han under {id}.',
    'A fault of ours; the log has it under {id}.',
  ),
  withdrawn: words(
    'Trukket tilbake før den ble sendt.',
    'Trekt tilbake før ho vart send.',
    'It was withdrawn before it was sent.',
  ),
  closed: words(
    'Pasienten har sperret dette for noen, og sperringen følger ikke med dit det skulle sendes.',
    'Pasienten har sperra dette for nokon, og sperringa følgjer ikkje med dit det skulle sendast.',
    'The patient has closed it to somebody, which would not be known where it was to be sent.',
  ),
  delayed: words(
    'Pasienten får se dette senere; det sendes når de får det.',
    'Pasienten får sjå dette seinare; det blir sendt når dei får det.',
    'The patient sees this later; it is sent when they do.',
  ),
  'of-another-patient': words(
    'Målingen er meldt som en annen pasients.',
    'Målinga er meld som ein annan pasient si.',
    'It is told of as another patient’s.',
  ),
  'not-all-seen': words(
    'Mottakeren har ikke tilgang til alt i meldingen.',
    'Mottakaren har ikkje tilgang til alt i meldinga.',
    'The receiver may not see all of it.',
  ),
  'patient-not-seen': words(
    'Mottakeren har ikke tilgang til pasienten.',
    'Mottakaren har ikkje tilgang til pasienten.',
    'The receiver may not see the patient.',
  ),
  'organization-unknown': words(
    'Ingen organisasjon her har nummeret {number}, eller flere har det.',
    'Ingen organisasjon her har nummeret {number}, eller fleire har det.',
    'No one Organization here has the number {number}.',
  ),
  'number-missing': words(
    'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakeren kunne kjenne dem på.',
    'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakaren kunne kjenne dei på.',
    'The patient has no fødselsnummer, D-number or FH-number, by which the receiver would know them.',
  ),
  'number-impossible': words(
    'Nummeret som er ført på pasienten, kan ikke være rett.',
    'Nummeret som er ført på pasienten, kan ikkje vere rett.',
    'The number that stands with the patient cannot be right.',
  ),
  'number-for-tests': words(
    'Pasientens nummer er laget for test, og mottakeren er for virkelige personer.',
    'Nummeret til pasienten er laga for test, og mottakaren er for verkelege personar.',
    'The patient’s number is made for tests, and the receiver is for people.',
  ),
  'number-for-people': words(
    'Pasientens nummer er ikke laget for test, og mottakeren er et testmiljø.',
    'Nummeret til pasienten er ikkje laga for test, og mottakaren er eit testmiljø.',
    'The patient’s number is not made for tests, and the receiver is a test environment.',
  ),
  unit: words(
    '{about} er i «{given}»; {measure} sendes i {unit}.',
    '{about} er i «{given}»; {measure} blir sendt i {unit}.',
    '{about} is in "{given}"; {measure} is sent in {unit}.',
  ),
  'no-pages': words(
    'Dokumentet har ingen sider (PDF) her.',
    'Dokumentet har ingen sider (PDF) her.',
    'The document has no pages (PDF) here.',
  ),
  'takes-back-nothing': words(
    '{cause} trekker tilbake en måling som ikke var meldt.',
    '{cause} trekkjer tilbake ei måling som ikkje var meld.',
    '{cause} takes back no measurement that was told of.',
  ),
  /** What has no code: an issue of validation, or what was put down before there were codes. In English. */
  other: sameInAll('{said}'),
} as const satisfies Record<string, Told>

export type SendingReasonCode = keyof typeof WORDS
export const SENDING_REASON_CODES = Object.keys(WORDS) as SendingReasonCode[]

/** @property last what was said of it last, told after */
export type SendingReason = {
  code: SendingReasonCode
  values?: Readonly<Record<string, string | number>>
  last?: SendingReason
}

/** Pure. What is not given stays in its braces. */
export function tellSendingReason({ code, values = {}, last }: SendingReason): Told {
  const after = last && tellSendingReason(last)
  return tell((language) => {
    const said = WORDS[code][language].replace(/\{(\w+)\}/g, (braces, name: string) => String(values[name] ?? braces))
    return [said, after?.[language]].filter(Boolean).join(' ')
  })
}
