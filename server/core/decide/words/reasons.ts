import type { Told } from './told.ts'

/** Why the engine takes back, ends or begins what it had made: for whoever finds it so. */
export const REASONS = {
  corrected: {
    nb: 'Målingen er rettet; regelen slår ikke lenger til.',
    nn: 'Målinga er retta; regelen slår ikkje til lenger.',
    en: 'The measurement was corrected; the rule no longer applies.',
  },
  withdrawn: {
    nb: 'Målingen er trukket tilbake.',
    nn: 'Målinga er trekt tilbake.',
    en: 'The measurement was withdrawn.',
  },
  'not-judged': {
    nb: 'Målingen er rettet eller ikke endelig, og ingen regel vurderer den slik den står nå.',
    nn: 'Målinga er retta eller ikkje endeleg, og ingen regel vurderer henne slik ho står no.',
    en: 'The measurement was corrected or is not final, and no rule evaluates it as it stands now.',
  },
  'other-limits': {
    nb: 'Grensene er endret; regelen slår ikke lenger til.',
    nn: 'Grensene er endra; regelen slår ikkje til lenger.',
    en: 'The limits were changed; the rule no longer applies.',
  },
  measured: {
    nb: 'Målingen er kommet.',
    nn: 'Målinga er komen.',
    en: 'The measurement has come.',
  },
  'measured-again': {
    nb: 'En ny måling er kommet.',
    nn: 'Ei ny måling er komen.',
    en: 'A new measurement has come.',
  },
  'not-first': {
    nb: 'Det som skulle gjøres først, blir ikke gjort.',
    nn: 'Det som skulle gjerast først, vert ikkje gjort.',
    en: 'What was to be done first will not be done.',
  },
  'no-conflict': {
    nb: 'Planene motsier ikke lenger hverandre.',
    nn: 'Planane seier ikkje lenger imot kvarandre.',
    en: 'The plans no longer contradict each other.',
  },
  closed: {
    nb: 'Oppfølgingen er avsluttet.',
    nn: 'Oppfølginga er avslutta.',
    en: 'The follow-up has ended.',
  },
  'moved-back': {
    nb: 'Flyttingen til en ny versjon av planen ble tatt tilbake.',
    nn: 'Flyttinga til ein ny versjon av planen vart teken tilbake.',
    en: 'The move to a new version of the plan was taken back.',
  },
} as const satisfies Record<string, Told>
