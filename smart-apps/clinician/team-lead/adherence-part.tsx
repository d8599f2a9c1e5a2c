import { useTexts } from '../../texts/use-texts.ts'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { cutNote } from './cut-note.tsx'
import { type Figure, FigureTable } from './figure-table.tsx'
import {
  ADHERENCE_BANDS,
  ADHERENCE_DAYS,
  adherenceOf,
  followedBy,
  SHOWN_COUNT_MIN,
  shownBands,
  shownCount,
} from './figures.ts'
import { type Followed, readFollowed } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'

/** On how many of the last days they have measured, by pathway. */
export function AdherencePart({ team }: { team: string | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const fhir = useFhir()
  const pathwayName = usePathwayNames()
  const answer = useQuery<Followed>('lead followed', (signal) => readFollowed(fhir, new Date(), signal))
  return (
    <AnswerView answer={answer} what={text('measurements')} rows={4}>
      {(read) => (
        <FigureTable
          title={text('adherence', { days: ADHERENCE_DAYS })}
          explained={text('adherenceExplained', { days: ADHERENCE_DAYS, count: SHOWN_COUNT_MIN })}
          first={{ label: text('pathway'), csv: text('pathway') }}
          columns={[
            { label: text('patients'), csv: text('patients'), isNumber: true },
            ...ADHERENCE_BANDS.map(({ from, to }) => {
              const label = from === to ? text('bandNone') : text('band', { from, to })
              return { label, csv: label, isNumber: true }
            }),
          ]}
          file="etterlevelse"
          note={cutNote(read, text('cut'))}
          empty={text('noneFollowed')}
          rows={adherenceOf(followedBy(read.carePlans, team), read.observations, new Date()).map((one) => {
            const bands = shownBands(one)
            const name = pathwayName(one.pathway)
            return {
              ...{ key: one.pathway, name, csv: name },
              cells: [
                { shown: shownCount(one.patients) ?? text('tooFew'), csv: String(shownCount(one.patients) ?? '') },
                ...ADHERENCE_BANDS.map(({ key }): Figure => {
                  const count = bands[key]
                  if (count === undefined) return { shown: text('hidden'), csv: '' }
                  const zone = key === 'none' ? 'grey' : key === 'some' ? 'yellow' : 'green'
                  return { shown: count, csv: String(count), bar: { share: count / one.patients, zone } }
                }),
              ],
            }
          })}
        />
      )}
    </AnswerView>
  )
}
