import type { Told } from '../core/decide/words/told.ts'

const word = (nb: string, nn: string, en: string): Told => ({ nb, nn, en })

/** What a final summary calls its parts. */
export const SUMMARY_WORDS = {
  period: word('Oppsummering', 'Oppsummering', 'Summary'),
  report: word('Sluttrapport', 'Sluttrapport', 'Final summary'),
  followed: word('Oppfølgingen', 'Oppfølginga', 'The follow-up'),
  plan: word('Plan', 'Plan', 'Plan'),
  from: word('Fra', 'Frå', 'From'),
  to: word('Til', 'Til', 'To'),
  closed: word('Noe er sperret', 'Noko er sperra', 'Something is closed'),
  closedText: word(
    'Pasienten har sperret noe. Det er ikke med her.',
    'Pasienten har sperra noko. Det er ikkje med her.',
    'The patient has closed something. It is not in here.',
  ),
  narrowed: word('Det du har tilgang til', 'Det du har tilgang til', 'What you may see'),
  narrowedText: word(
    'Dette er laget av det du har tilgang til her. Finnes det noe som du ikke har tilgang til, er det ikke med.',
    'Dette er laga av det du har tilgang til her. Finst det noko som du ikkje har tilgang til, er det ikkje med.',
    'This is made of what you may see here. If there is something that you may not see, it is not in here.',
  ),
  gone: word('Noe er slettet siden', 'Noko er sletta sidan', 'Something has been deleted since'),
  goneText: word(
    'Noe av det som rapporten bygger på, er slettet etter at den ble skrevet. Teksten er slik den ble skrevet.',
    'Noko av det som rapporten byggjer på, er sletta etter at han vart skriven. Teksten er slik han vart skriven.',
    'Some of what the report was made of has been deleted since it was written. The text is as it was written.',
  ),
  unknown: word('ukjent', 'ukjend', 'unknown'),
  endedAs: word('Avsluttet som', 'Avslutta som', 'Ended as'),
  stands: word('Status', 'Status', 'Status'),
  decisions: word('Vurderinger', 'Vurderingar', 'Decisions'),
  measurements: word('Målinger', 'Målingar', 'Measurements'),
  nothingMeasured: word('Ingenting ble målt.', 'Ingenting vart målt.', 'Nothing was measured.'),
  measureHeader: [
    word('Måling', 'Måling', 'Measure'),
    word('Antall', 'Tal', 'Count'),
    word('Første', 'Første', 'First'),
    word('Siste', 'Siste', 'Latest'),
    word('Lavest', 'Lågast', 'Lowest'),
    word('Høyest', 'Høgast', 'Highest'),
    word('Snitt', 'Snitt', 'Mean'),
  ],
  tasks: word('Oppgaver', 'Oppgåver', 'Tasks'),
  noTasks: word('Det ble ikke laget noen oppgaver.', 'Det vart ikkje laga nokon oppgåver.', 'No Tasks were made.'),
  taskHeader: [
    word('Oppgave', 'Oppgåve', 'Task'),
    word('Antall', 'Tal', 'Count'),
    word('De siste', 'Dei siste', 'The latest'),
  ],
  open: word('åpen', 'open', 'open'),
  colourless: word('Uten farge', 'Utan farge', 'No colour'),
  goals: word('Mål og grenser', 'Mål og grenser', 'Goals and limits'),
  ownLimits: word(
    'Planens egne grenser gjaldt.',
    'Planen sine eigne grenser galdt.',
    'The limits of the plan itself applied.',
  ),
  goalHeader: [word('Mål', 'Mål', 'Goal'), word('Status', 'Status', 'Status'), word('Oppnådd', 'Oppnådd', 'Achieved')],
  goal: word('Mål', 'Mål', 'Goal'),
} as const satisfies Record<string, Told | Told[]>

const BY_MISTAKE = word('ført ved en feil', 'ført ved ein feil', 'entered in error')
const COMPLETED = word('fullført', 'fullført', 'completed')

/** How a CarePlan stands, or has ended. */
export const STATUS_WORDS: { readonly [status: string]: Told } = {
  active: word('pågår', 'går føre seg', 'going on'),
  'on-hold': word('på pause', 'på pause', 'paused'),
  completed: COMPLETED,
  revoked: word('stanset', 'stansa', 'stopped'),
  'entered-in-error': BY_MISTAKE,
}

/** What can have come of a Task; of any other it is open. */
export const OUTCOME_WORDS: { readonly [status: string]: Told } = {
  completed: COMPLETED,
  cancelled: word('avbrutt', 'avbroten', 'cancelled'),
  rejected: word('avvist', 'avvist', 'rejected'),
  failed: word('mislyktes', 'mislukkast', 'failed'),
  'entered-in-error': BY_MISTAKE,
}
