import { useMemo } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number, span } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLiveFigures } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { cutNote } from './cut-note.tsx'
import { FigureTable } from './figure-table.tsx'
import { ofTeam, responsesOf, SHOWN_COUNT_MIN, shownCount } from './figures.ts'
import { daysBefore, readDone } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'

const MINUTE_MILLIS = 60_000

/** How soon what came was done, against its deadline. */
export function ResponsePart({ days, team }: { days: number; team: string | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const zone = useTexts(ZONE_TEXTS)
  const fhir = useFhir()
  const since = useMemo(() => daysBefore(new Date(), days), [days])
  const answer = useQuery(`lead done ${days}`, (signal) => readDone(fhir, since, signal))
  useLiveFigures('task-changes', answer.reload)
  const tooFew = { shown: text('tooFew'), csv: '' }
  return (
    <AnswerView answer={answer} what={text('responses')} rows={5}>
      {(read) => {
        const rows = responsesOf(ofTeam(read.found, team), since).filter(({ count }) => count > 0)
        return (
          <FigureTable
            title={text('response', { days })}
            explained={text('responseExplained', { count: SHOWN_COUNT_MIN })}
            first={{ label: text('zone'), csv: text('zone') }}
            columns={[
              { label: text('done'), csv: text('done'), isNumber: true },
              { label: text('inTime'), csv: text('inTimeCsv') },
              { label: text('median'), csv: text('medianCsv'), isNumber: true },
            ]}
            file="svartid"
            note={cutNote(read, text('cut'))}
            empty={text('noneDone')}
            rows={rows.map(({ zone: one, count, inTimePercent, medianMinutes }) => ({
              ...{ key: one, name: <ZoneBadge zone={one} />, csv: zone(one) },
              cells: [
                { shown: shownCount(count) ?? text('tooFew'), csv: String(shownCount(count) ?? '') },
                inTimePercent === undefined
                  ? tooFew
                  : {
                      shown: `${number(inTimePercent, language, 0)} %`,
                      csv: number(inTimePercent, language, 1),
                      bar: { share: inTimePercent / 100, zone: inTimePercent < 80 ? 'yellow' : 'green' },
                    },
                medianMinutes === undefined
                  ? tooFew
                  : { shown: span(medianMinutes * MINUTE_MILLIS, language), csv: number(medianMinutes, language, 0) },
              ],
            }))}
          />
        )
      }}
    </AnswerView>
  )
}
