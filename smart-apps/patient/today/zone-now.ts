import type { Language } from '../../texts/language.ts'
import type { OwnRecord } from '../record/record.ts'
import type { Entry } from '../sending/entry.ts'
import { asStored, resultsOf } from './day.ts'
import { type OwnZone, ownZone, type Verdict, verdictOf } from './zone.ts'

/** Who knows of the result that decides the zone: the team, this phone alone so far, or nobody else, for the server would not have it. */
export type KnownBy = 'team' | 'phone' | 'nobodyElse'

type Facts = { record: Pick<OwnRecord, 'observations' | 'answers' | 'triages'>; entries: readonly Entry[]; now: Date }

/** The zone of now. What the server has judged is judged; the phone speaks of the rest, also of what the server has refused. */
export function zoneNow({ record, entries, now }: Facts, language: Language): { own: OwnZone; knownBy: KnownBy } {
  const refused = entries.filter(({ state }) => state === 'refused').map(asStored)
  const results = [...resultsOf(record, entries), ...refused]
  const kinds = new Map(results.map((one) => [`${one.resourceType}/${one.id}`, kindOf(one)]))
  const byServer = record.triages.flatMap((one) => verdictOf(one, language) ?? [])
  const known = new Set(byServer.map(({ about }) => about))
  const byPhone = entries.flatMap((entry): (Verdict & { knownBy: KnownBy })[] => {
    const { resourceType, id } = asStored(entry)
    const about = `${resourceType}/${id}`
    const { verdict, state } = entry
    if (!verdict || known.has(about)) return []
    const { zone, reason, at } = verdict
    const knownBy = state === 'refused' ? 'nobodyElse' : 'phone'
    return [{ zone, reason: reason[language], at: new Date(at), about, knownBy }]
  })
  const own = ownZone([...byServer, ...byPhone], (about) => kinds.get(about) ?? about, now)
  const knownBy = byPhone.find(({ about }) => about === own.verdict?.about)?.knownBy ?? 'team'
  return { own, knownBy }
}

/** What was measured or answered: a later one of the same kind takes the place of an earlier one. */
function kindOf(result: object): string {
  const { resourceType, questionnaire, code } = result as {
    resourceType: string
    questionnaire?: string
    code?: { coding?: { code?: string }[] }
  }
  if (resourceType === 'QuestionnaireResponse') return String(questionnaire).split('|')[0] ?? ''
  return (code?.coding ?? []).map((coding) => coding.code).sort()[0] ?? ''
}
