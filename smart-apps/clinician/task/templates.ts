import { OUTCOME_WORDS, type OutcomeCode } from '../../../server/core/decide/words/coded-words.ts'
import type { Told } from '../../../server/core/decide/words/told.ts'

/** Words that are written often. `{…}` is left for whoever writes to fill in; what is filled in for them is the name alone. */
export type Template = { id: string; name: Told; text: Told }

/** What is written down after a call, in the language of the record. */
export const CALL_NOTES: readonly Template[] = [
  {
    id: 'stable',
    name: { nb: 'Svarte, stabil', nn: 'Svara, stabil', en: 'Answered, stable' },
    text: {
      nb: 'Ringte pasienten. Føler seg som vanlig. Ikke mer tungpust, hoste eller slim enn før. Fortsetter etter planen.',
      nn: 'Ringde pasienten. Kjenner seg som vanleg. Ikkje meir tungpust, hoste eller slim enn før. Held fram etter planen.',
      en: 'Called the patient. Feels as usual. No more breathlessness, cough or sputum than before. Goes on with the plan.',
    },
  },
  {
    id: 'worse',
    name: { nb: 'Svarte, verre', nn: 'Svara, verre', en: 'Answered, worse' },
    text: {
      nb: 'Ringte pasienten. Forverret siden …: … Tiltak etter egenbehandlingsplanen: … Ny kontakt …',
      nn: 'Ringde pasienten. Forverra sidan …: … Tiltak etter eigenbehandlingsplanen: … Ny kontakt …',
      en: 'Called the patient. Worse since …: … Measures by the self-treatment plan: … Next contact …',
    },
  },
  {
    id: 'measured-wrong',
    name: { nb: 'Svarte, feil måling', nn: 'Svara, feil måling', en: 'Answered, faulty reading' },
    text: {
      nb: 'Ringte pasienten. Målingen ble tatt med kalde fingre eller løs måler. Har målt på nytt: …',
      nn: 'Ringde pasienten. Målinga vart teken med kalde fingrar eller laus målar. Har målt på nytt: …',
      en: 'Called the patient. The reading was taken with cold fingers or a loose probe. Has measured again: …',
    },
  },
  {
    id: 'no-answer',
    name: { nb: 'Svarte ikke', nn: 'Svara ikkje', en: 'No answer' },
    text: {
      nb: 'Ringte pasienten, ikke svar. Prøver igjen …',
      nn: 'Ringde pasienten, ikkje svar. Prøver igjen …',
      en: 'Called the patient, no answer. Will try again …',
    },
  },
]

/** What is written to patients, in their language. */
export const MESSAGES: readonly Template[] = [
  {
    id: 'how-are-you',
    name: { nb: 'Hvordan går det?', nn: 'Korleis går det?', en: 'How are you?' },
    text: {
      nb: 'Hei. Vi har sett målingen din. Hvordan har du det i dag? Svar her, eller ring oss i åpningstiden. Blir du akutt dårlig, ring 113.',
      nn: 'Hei. Vi har sett målinga di. Korleis har du det i dag? Svar her, eller ring oss i opningstida. Blir du akutt dårleg, ring 113.',
      en: 'Hello. We have seen your reading. How are you today? Answer here, or call us in opening hours. If you become acutely ill, call 113.',
    },
  },
  {
    id: 'missing',
    name: { nb: 'Målingen kom ikke fram', nn: 'Målinga kom ikkje fram', en: 'The reading did not arrive' },
    text: {
      nb: 'Hei. Vi har ikke fått noen måling fra deg på en stund. Kan du måle i dag? Si fra her hvis utstyret ikke virker.',
      nn: 'Hei. Vi har ikkje fått noka måling frå deg på ei stund. Kan du måle i dag? Sei frå her om utstyret ikkje verkar.',
      en: 'Hello. No reading from you has arrived for a while. Can you measure today? Tell us here if the equipment does not work.',
    },
  },
  {
    id: 'seen',
    name: { nb: 'Sett, alt i orden', nn: 'Sett, alt i orden', en: 'Seen, all is well' },
    text: {
      nb: 'Hei. Vi har sett målingene dine, og de ser fine ut. Fortsett som vanlig.',
      nn: 'Hei. Vi har sett målingane dine, og dei ser fine ut. Hald fram som vanleg.',
      en: 'Hello. We have seen your readings, and they look fine. Go on as usual.',
    },
  },
  {
    id: 'will-call',
    name: { nb: 'Vi ringer deg', nn: 'Vi ringer deg', en: 'We will call you' },
    text: {
      nb: 'Hei. Vi ringer deg i dag mellom kl. … og … Ha gjerne måleren klar.',
      nn: 'Hei. Vi ringer deg i dag mellom kl. … og … Ha gjerne målaren klar.',
      en: 'Hello. We will call you today between … and … Please have the device ready.',
    },
  },
]

const NO_ACTION_NOTE: Told = {
  nb: 'Vurdert. Innenfor det som er kjent for pasienten; ingen tiltak.',
  nn: 'Vurdert. Innanfor det som er kjent for pasienten; ingen tiltak.',
  en: 'Assessed. Within what is known of the patient; no action.',
}

/** How a Task ends. Only what needed nothing must say why by itself; for the rest the note does. */
export const OUTCOMES: readonly { id: OutcomeCode; told: Told; template?: Told }[] = (
  Object.keys(OUTCOME_WORDS) as OutcomeCode[]
).map((id) => ({ id, told: OUTCOME_WORDS[id], ...(id === 'no-action' && { template: NO_ACTION_NOTE }) }))
