import type { Told } from '../core/decide/words/told.ts'

const word = (nb: string, nn: string, en: string): Told => ({ nb, nn, en })

/** What the document of a plan calls its parts. */
export const PLAN_DOCUMENT_WORDS = {
  title: word('Egenbehandlingsplan', 'Eigenbehandlingsplan', 'Self-management plan'),
  agreed: word('Det som er avtalt', 'Det som er avtalt', 'What is agreed'),
  plan: word('Plan', 'Plan', 'Plan'),
  since: word('Fra', 'Frå', 'From'),
  until: word('Til', 'Til', 'To'),
  unknown: word('ukjent', 'ukjend', 'unknown'),
  responsible: word('Følges opp av', 'Blir følgd opp av', 'Followed by'),
  zones: word('Hva du gjør', 'Kva du gjer', 'What to do'),
  noZones: word(
    'Planen har ingen råd for hver farge.',
    'Planen har ingen råd for kvar farge.',
    'The plan has no advice for each colour.',
  ),
  zoneHeader: [
    word('Farge', 'Farge', 'Colour'),
    word('Gjør dette', 'Gjer dette', 'Do this'),
    word('Ring', 'Ring', 'Call'),
    word('Kveld, natt og helg', 'Kveld, natt og helg', 'Evening, night and weekend'),
  ],
  limits: word('Grenser', 'Grenser', 'Limits'),
  noLimits: word('Planen har ingen grenser.', 'Planen har ingen grenser.', 'The plan has no limits.'),
  limitHeader: [
    word('Måling', 'Måling', 'Measure'),
    word('Farge', 'Farge', 'Colour'),
    word('Grense', 'Grense', 'Limit'),
    word('Hvem sin', 'Kven sin', 'Whose'),
  ],
  below: word('under', 'under', 'below'),
  above: word('over', 'over', 'above'),
  own: word('din egen', 'din eigen', 'your own'),
  ofPlan: word('planens', 'planen sin', 'the plan’s'),
  goals: word('Mål', 'Mål', 'Goals'),
  noGoals: word('Det er ikke satt mål.', 'Det er ikkje sett mål.', 'No goals are set.'),
  requests: word('Det du er bedt om', 'Det du er beden om', 'What you are asked for'),
  noRequests: word('Du er ikke bedt om noe fast.', 'Du er ikkje beden om noko fast.', 'Nothing regular is asked for.'),
  requestHeader: [word('Hva', 'Kva', 'What'), word('Når', 'Når', 'When'), word('Slik gjør du', 'Slik gjer du', 'How')],
} as const satisfies Record<string, Told | Told[]>
