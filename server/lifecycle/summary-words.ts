import { type Told, words } from '../core/decide/words/told.ts'

/** What a final summary calls its parts. */
export const SUMMARY_WORDS = {
  period: words('Oppsummering', 'Oppsummering', 'Summary'),
  report: words('Sluttrapport', 'Sluttrapport', 'Final summary'),
  followed: words('Oppfølgingen', 'Oppfølginga', 'The follow-up'),
  plan: words('Plan', 'Plan', 'Plan'),
  from: words('Fra', 'Frå', 'From'),
  to: words('Til', 'Til', 'To'),
  closed: words('Noe er sperret', 'Noko er sperra', 'Something is closed'),
  closedText: words(
    'Pasienten har sperret noe. Det er ikke med her.',
    'Pasienten har sperra noko. Det er ikkje med her.',
    'The patient has closed something. It is not in here.',
  ),
  narrowed: words('Det du har tilgang til', 'Det du har tilgang til', 'What you may see'),
  narrowedText: words(
    'Dette er laget av det du har tilgang til her. Finnes det noe som du ikke har tilgang til, er det ikke med.',
    'Dette er laga av det du har tilgang til her. Finst det noko som du ikkje har tilgang til, er det ikkje med.',
    'This is made of what you may see here. If there is something that you may not see, it is not in here.',
  ),
  gone: words('Noe er slettet siden', 'Noko er sletta sidan', 'Something has been deleted since'),
  goneText: words(
    'Noe av det som rapporten bygger på, er slettet etter at den ble skrevet. Teksten er slik den ble skrevet.',
    'Noko av det som rapporten byggjer på, er sletta etter at han vart skriven. Teksten er slik han vart skriven.',
    'Some of what the report was made of has been deleted since it was written. The text is as it was written.',
  ),
  unknown: words('ukjent', 'ukjend', 'unknown'),
  endedAs: words('Avsluttet som', 'Avslutta som', 'Ended as'),
  stands: words('Status', 'Status', 'Status'),
  decisions: words('Vurderinger', 'Vurderingar', 'Decisions'),
  measurements: words('Målinger', 'Målingar', 'Measurements'),
  nothingMeasured: words('Ingenting ble målt.', 'Ingenting vart målt.', 'Nothing was measured.'),
  measureHeader: [
    words('Måling', 'Måling', 'Measure'),
    words('Antall', 'Tal', 'Count'),
    words('Første', 'Første', 'First'),
    words('Siste', 'Siste', 'Latest'),
    words('Lavest', 'Lågast', 'Lowest'),
    words('Høyest', 'Høgast', 'Highest'),
    words('Snitt', 'Snitt', 'Mean'),
  ],
  tasks: words('Oppgaver', 'Oppgåver', 'Tasks'),
  noTasks: words('Det ble ikke laget noen oppgaver.', 'Det vart ikkje laga nokon oppgåver.', 'No Tasks were made.'),
  taskHeader: [
    words('Oppgave', 'Oppgåve', 'Task'),
    words('Antall', 'Tal', 'Count'),
    words('De siste', 'Dei siste', 'The latest'),
  ],
  open: words('åpen', 'open', 'open'),
  colourless: words('Uten farge', 'Utan farge', 'No colour'),
  goals: words('Mål og grenser', 'Mål og grenser', 'Goals and limits'),
  ownLimits: words(
    'Planens egne grenser gjaldt.',
    'Planen sine eigne grenser galdt.',
    'The limits of the plan itself applied.',
  ),
  goalHeader: [
    words('Mål', 'Mål', 'Goal'),
    words('Status', 'Status', 'Status'),
    words('Oppnådd', 'Oppnådd', 'Achieved'),
  ],
  goal: words('Mål', 'Mål', 'Goal'),
} as const satisfies Record<string, Told | Told[]>

const BY_MISTAKE = words('ført ved en feil', 'ført ved ein feil', 'entered in error')
const COMPLETED = words('fullført', 'fullført', 'completed')

/** How a CarePlan stands, or has ended. */
export const STATUS_WORDS: { readonly [status: string]: Told } = {
  active: words('pågår', 'går føre seg', 'going on'),
  'on-hold': words('på pause', 'på pause', 'paused'),
  completed: COMPLETED,
  revoked: words('stanset', 'stansa', 'stopped'),
  'entered-in-error': BY_MISTAKE,
}

/** What can have come of a Task; of any other it is open. */
export const OUTCOME_WORDS: { readonly [status: string]: Told } = {
  completed: COMPLETED,
  cancelled: words('avbrutt', 'avbroten', 'cancelled'),
  rejected: words('avvist', 'avvist', 'rejected'),
  failed: words('mislyktes', 'mislukkast', 'failed'),
  'entered-in-error': BY_MISTAKE,
}
