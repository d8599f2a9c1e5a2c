import { type Told, words } from '../core/decide/words/told.ts'

/** What the document of a plan calls its parts. */
export const PLAN_DOCUMENT_WORDS = {
  title: words('Egenbehandlingsplan', 'Eigenbehandlingsplan', 'Self-management plan'),
  agreed: words('Det som er avtalt', 'Det som er avtalt', 'What is agreed'),
  plan: words('Plan', 'Plan', 'Plan'),
  since: words('Fra', 'Frå', 'From'),
  until: words('Til', 'Til', 'To'),
  unknown: words('ukjent', 'ukjend', 'unknown'),
  responsible: words('Følges opp av', 'Blir følgd opp av', 'Followed by'),
  zones: words('Hva du gjør', 'Kva du gjer', 'What to do'),
  noZones: words(
    'Planen har ingen råd for hver farge.',
    'Planen har ingen råd for kvar farge.',
    'The plan has no advice for each colour.',
  ),
  zoneHeader: [
    words('Farge', 'Farge', 'Colour'),
    words('Gjør dette', 'Gjer dette', 'Do this'),
    words('Ring', 'Ring', 'Call'),
    words('Kveld, natt og helg', 'Kveld, natt og helg', 'Evening, night and weekend'),
  ],
  limits: words('Grenser', 'Grenser', 'Limits'),
  noLimits: words('Planen har ingen grenser.', 'Planen har ingen grenser.', 'The plan has no limits.'),
  limitHeader: [
    words('Måling', 'Måling', 'Measure'),
    words('Farge', 'Farge', 'Colour'),
    words('Grense', 'Grense', 'Limit'),
    words('Hvem sin', 'Kven sin', 'Whose'),
  ],
  below: words('under', 'under', 'below'),
  above: words('over', 'over', 'above'),
  own: words('din egen', 'din eigen', 'your own'),
  ofPlan: words('planens', 'planen sin', 'the plan’s'),
  goals: words('Mål', 'Mål', 'Goals'),
  noGoals: words('Det er ikke satt mål.', 'Det er ikkje sett mål.', 'No goals are set.'),
  requests: words('Det du er bedt om', 'Det du er beden om', 'What you are asked for'),
  noRequests: words('Du er ikke bedt om noe fast.', 'Du er ikkje beden om noko fast.', 'Nothing regular is asked for.'),
  requestHeader: [
    words('Hva', 'Kva', 'What'),
    words('Når', 'Når', 'When'),
    words('Slik gjør du', 'Slik gjer du', 'How'),
  ],
} as const satisfies Record<string, Told | Told[]>
