import { fillIn, type Language } from '../../texts/language.ts'

type Words = { said: RegExp; nb: string; nn: string; en: string }

/**
 * Why a message was not sent or not taken, as the server says it in English for its log, and in the languages of whoever reads the page.
 * Named groups are filled in; what a receiver says in its own words stays as it said it, after ours. `rest` is told by itself, after.
 */
const WORDS: readonly Words[] = [
  {
    said: /^Given up after (?<count>\d+) attempts\. (?<rest>.+)$/s,
    nb: 'Gitt opp etter {count} forsøk.',
    nn: 'Gitt opp etter {count} forsøk.',
    en: 'Given up after {count} attempts.',
  },
  {
    said: /^It was accepted (?<hours>\d+) hours ago and is in no journal\.(?: (?<rest>.+))?$/s,
    nb: 'Mottatt for {hours} timer siden, men ikke journalført.',
    nn: 'Motteken for {hours} timar sidan, men ikkje journalført.',
    en: 'Received {hours} hours ago, and in no journal.',
  },
  {
    said: /^The receiver was not reached: (?<cause>.+)$/,
    nb: 'Fikk ikke kontakt med mottakeren ({cause}).',
    nn: 'Fekk ikkje kontakt med mottakaren ({cause}).',
    en: 'The receiver was not reached ({cause}).',
  },
  {
    said: /^The receiver answered (?<status>\d+) to \$status\.$/,
    nb: 'Mottakeren svarte {status} da den ble spurt om hva det ble av meldingen.',
    nn: 'Mottakaren svarte {status} då han vart spurd om kva det vart av meldinga.',
    en: 'The receiver answered {status} when it was asked what became of the message.',
  },
  {
    said: /^The receiver answered (?<status>\d+) when it was asked for the document\.$/,
    nb: 'Mottakeren svarte {status} da den ble spurt etter dokumentet.',
    nn: 'Mottakaren svarte {status} då han vart spurd etter dokumentet.',
    en: 'The receiver answered {status} when it was asked for the document.',
  },
  {
    said: /^The receiver answered (?<status>\d+)(?: and did not say| without saying) where (?:the message|the document|it) is\.$/,
    nb: 'Mottakeren svarte {status}, men sa ikke hvor meldingen er.',
    nn: 'Mottakaren svarte {status}, men sa ikkje kvar meldinga er.',
    en: 'The receiver answered {status} and did not say where the message is.',
  },
  {
    said: /^(?:The receiver answered 200 with something else than a batch-response|The receiver gave no status for it|What the receiver answered to \$status is none of registered, read, journaled and failed)\.$/,
    nb: 'Mottakeren svarte noe som ikke lar seg lese.',
    nn: 'Mottakaren svarte noko som ikkje lèt seg lese.',
    en: 'The receiver answered something that cannot be read.',
  },
  {
    said: /^The receiver answered (?<status>\d+)\.$/,
    nb: 'Mottakeren svarte {status}.',
    nn: 'Mottakaren svarte {status}.',
    en: 'The receiver answered {status}.',
  },
  {
    said: /^The receiver answered (?<status>\d+): (?<quote>.+)$/s,
    nb: 'Mottakeren svarte {status}: «{quote}»',
    nn: 'Mottakaren svarte {status}: «{quote}»',
    en: 'The receiver answered {status}: “{quote}”',
  },
  {
    said: /^The receiver did not say what became of it\.$/,
    nb: 'Mottakeren sa ikke hva det ble av meldingen.',
    nn: 'Mottakaren sa ikkje kva det vart av meldinga.',
    en: 'The receiver did not say what became of it.',
  },
  {
    said: /^The receiver does not know the message that it has accepted\.$/,
    nb: 'Mottakeren kjenner ikke meldingen som den har tatt imot.',
    nn: 'Mottakaren kjenner ikkje meldinga som han har teke imot.',
    en: 'The receiver does not know the message that it has accepted.',
  },
  {
    said: /^It could not be journaled\.$/,
    nb: 'Meldingen kunne ikke journalføres.',
    nn: 'Meldinga kunne ikkje journalførast.',
    en: 'It could not be journaled.',
  },
  {
    said: /^It could not be journaled: (?<quote>.+)$/s,
    nb: 'Meldingen kunne ikke journalføres: «{quote}»',
    nn: 'Meldinga kunne ikkje journalførast: «{quote}»',
    en: 'It could not be journaled: “{quote}”',
  },
  {
    said: /^It waits for an earlier message about the patient\.$/,
    nb: 'Venter på en tidligere melding om pasienten.',
    nn: 'Ventar på ei tidlegare melding om pasienten.',
    en: 'It waits for an earlier message about the patient.',
  },
  {
    said: /^There was no time left to send it by itself\.$/,
    nb: 'Det var ikke tid igjen til å sende den alene.',
    nn: 'Det var ikkje tid att til å sende ho åleine.',
    en: 'There was no time left to send it by itself.',
  },
  {
    said: /^The message has (?<size>\d+) bytes; the receiver takes (?<most>\d+)\.$/,
    nb: 'Meldingen er på {size} byte; mottakeren tar imot {most}.',
    nn: 'Meldinga er på {size} byte; mottakaren tek imot {most}.',
    en: 'The message has {size} bytes; the receiver takes {most}.',
  },
  {
    said: /^Unexpected fault; the log has it under (?<id>.+)\.$/,
    nb: 'En feil hos oss. Loggen har den under {id}.',
    nn: 'Ein feil hos oss. Loggen har han under {id}.',
    en: 'A fault of ours. The log has it under {id}.',
  },
  {
    said: /^It was withdrawn before it was sent\.$/,
    nb: 'Trukket tilbake før den ble sendt.',
    nn: 'Trekt tilbake før ho vart send.',
    en: 'It was withdrawn before it was sent.',
  },
  {
    said: /^The patient has closed it to somebody\.$/,
    nb: 'Pasienten har sperret dette for noen, og sperringen følger ikke med dit det skulle sendes.',
    nn: 'Pasienten har sperra dette for nokon, og sperringa følgjer ikkje med dit det skulle sendast.',
    en: 'The patient has closed this to somebody, which would not be known where it was to be sent.',
  },
  {
    said: /^It is told of as another patient’s\.$/,
    nb: 'Målingen er meldt som en annen pasients.',
    nn: 'Målinga er meld som ein annan pasient si.',
    en: 'The measurement is told of as another patient’s.',
  },
  {
    said: /^The receiver may not see all of it\.$/,
    nb: 'Mottakeren har ikke tilgang til alt i meldingen.',
    nn: 'Mottakaren har ikkje tilgang til alt i meldinga.',
    en: 'The receiver may not see all of it.',
  },
  {
    said: /^The receiver may not see the patient\.$/,
    nb: 'Mottakeren har ikke tilgang til pasienten.',
    nn: 'Mottakaren har ikkje tilgang til pasienten.',
    en: 'The receiver may not see the patient.',
  },
  {
    said: /^No one Organization here has the number (?<number>\S+)\. Organization\.identifier$/,
    nb: 'Ingen organisasjon her har nummeret {number}, eller flere har det.',
    nn: 'Ingen organisasjon her har nummeret {number}, eller fleire har det.',
    en: 'No organisation here has the number {number}, or several have.',
  },
  {
    said: /^The patient has no fødselsnummer, .+ Patient\.identifier$/,
    nb: 'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakeren kunne kjenne dem på.',
    nn: 'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakaren kunne kjenne dei på.',
    en: 'The patient has no fødselsnummer, D-number or FH-number, by which the receiver would know them.',
  },
  {
    said: /^Must be an? .+ Patient\.identifier\.value$/,
    nb: 'Nummeret som er ført på pasienten, kan ikke være rett.',
    nn: 'Nummeret som er ført på pasienten, kan ikkje vere rett.',
    en: 'The number that stands with the patient cannot be right.',
  },
  {
    said: /^The patient’s number is made for tests, .+$/,
    nb: 'Pasientens nummer er laget for test, og mottakeren er for virkelige personer.',
    nn: 'Nummeret til pasienten er laga for test, og mottakaren er for verkelege personar.',
    en: 'The patient’s number is made for tests, and the receiver is for people.',
  },
  {
    said: /^The patient’s number is not made for tests, .+$/,
    nb: 'Pasientens nummer er ikke laget for test, og mottakeren er et testmiljø.',
    nn: 'Nummeret til pasienten er ikkje laga for test, og mottakaren er eit testmiljø.',
    en: 'The patient’s number is not made for tests, and the receiver is a test environment.',
  },
  {
    said: /^(?<about>\S+) is in "(?<given>[^"]*)"; (?<measure>.+) \(\S+\) is sent in (?<unit>\S+)\. Observation\.value.*$/,
    nb: '{about} er i «{given}»; {measure} sendes i {unit}.',
    nn: '{about} er i «{given}»; {measure} blir sendt i {unit}.',
    en: '{about} is in “{given}”; {measure} is sent in {unit}.',
  },
  {
    said: /^The document has no pages \(PDF\) here\. DocumentReference\.content$/,
    nb: 'Dokumentet har ingen sider (PDF) her.',
    nn: 'Dokumentet har ingen sider (PDF) her.',
    en: 'The document has no pages (PDF) here.',
  },
  {
    said: /^(?<cause>\S+) takes back no measurement that was told of\. Observation$/,
    nb: '{cause} trekker tilbake en måling som ikke var meldt.',
    nn: '{cause} trekkjer tilbake ei måling som ikkje var meld.',
    en: '{cause} takes back no measurement that was told of.',
  },
]

/** @property lang of words that are not in the language of the page */
export type Reason = { text: string; lang?: 'en' }

/** In the reader's language; what is not known here is told as the server says it. Pure. */
export function tellReason(reason: string, language: Language): Reason {
  for (const words of WORDS) {
    const found = words.said.exec(reason)
    if (!found) continue
    const { rest, ...values } = found.groups ?? {}
    const after = rest ? tellReason(rest, language) : undefined
    return {
      ...(after?.lang && { lang: after.lang }),
      text: [fillIn(words[language], values), after?.text].filter(Boolean).join(' '),
    }
  }
  return language === 'en' ? { text: reason } : { text: reason, lang: 'en' }
}
