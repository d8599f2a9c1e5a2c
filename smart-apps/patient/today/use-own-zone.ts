import { useMemo } from 'react'
import { useLanguage } from '../../texts/use-texts.ts'
import { useSending } from '../me-context.ts'
import type { OwnRecord } from '../record/record.ts'
import { asStored, resultsOf } from './day.ts'
import { adviceOf, type OwnZone, ownZone, type Verdict, verdictOf, type ZoneAdvice } from './zone.ts'

/** The zone of now, what the plans say about each, and whether this phone alone has judged so far. */
export function useOwnZone(
  record: OwnRecord,
  now: Date,
): { own: OwnZone; advice: ZoneAdvice[]; isPreliminary: boolean } {
  const language = useLanguage()
  const { entries } = useSending()
  return useMemo(() => {
    const kinds = new Map(resultsOf(record, entries).map((one) => [`${one.resourceType}/${one.id}`, kindOf(one)]))
    const byServer = record.triages.flatMap((one) => verdictOf(one, language) ?? [])
    const known = new Set(byServer.map(({ about }) => about))
    // What the server has judged is judged; the phone speaks of the rest.
    const byPhone = entries.flatMap((entry): Verdict[] => {
      const { resourceType, id } = asStored(entry)
      const about = `${resourceType}/${id}`
      const { verdict } = entry
      if (!verdict || entry.state === 'refused' || known.has(about)) return []
      return [{ zone: verdict.zone, reason: verdict.reason[language], at: new Date(verdict.at), about }]
    })
    const own = ownZone([...byServer, ...byPhone], (about) => kinds.get(about) ?? about, now)
    const isPreliminary = byPhone.some(({ about }) => about === own.verdict?.about)
    return { own, advice: adviceOf(record, language), isPreliminary }
  }, [record, entries, language, now])
}

/** What was measured or answered: a later one of the same kind takes the place of an earlier one. */
function kindOf(result: { resourceType: string; [key: string]: unknown }): string {
  if (result.resourceType === 'QuestionnaireResponse') return String(result.questionnaire).split('|')[0] ?? ''
  const { coding = [] } = (result.code ?? {}) as { coding?: { code?: string }[] }
  return coding.map(({ code }) => code).sort()[0] ?? ''
}
