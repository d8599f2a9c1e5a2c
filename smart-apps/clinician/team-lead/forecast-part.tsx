import { ToggleGroup } from '@navikt/ds-react'
import { useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date, number } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { type Figure, FigureTable } from './figure-table.tsx'
import { shiftsOf } from './figures.ts'
import { readForecasts, type Teams } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'

/** What the coming shifts are expected to bring, and whether there are people enough. */
export function ForecastPart({ team, names }: { team: string | undefined; names: Teams['names'] | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const [weeks, setWeeks] = useState<'coming' | 'past'>('coming')
  const answer = useQuery('lead forecasts', (signal) => readForecasts(fhir, new Date(), signal))
  return (
    <AnswerView answer={answer} what={text('forecasts')} rows={3}>
      {(reports) => {
        const isPast = weeks === 'past'
        const shifts = shiftsOf(reports.filter(({ status }) => (status === 'complete') === isPast)).filter(
          (shift) => !team || shift.team === team,
        )
        const longest = Math.max(0.01, ...shifts.map(({ p95, mean }) => p95 ?? mean))
        return (
          <FigureTable
            title={text('forecast')}
            explained={text('forecastExplained')}
            tools={
              <ToggleGroup
                size="small"
                aria-label={text('weeks')}
                value={weeks}
                onChange={(value) => setWeeks(value as 'coming' | 'past')}
              >
                <ToggleGroup.Item value="coming" label={text('coming')} />
                <ToggleGroup.Item value="past" label={text('past')} />
              </ToggleGroup>
            }
            first={{ label: text('shift'), csv: text('shift') }}
            columns={[
              { label: text('team'), csv: text('team') },
              { label: text('pathway'), csv: text('pathway') },
              { label: text('expected'), csv: text('expected') },
              { label: text('most'), csv: text('most'), isNumber: true },
              ...(isPast ? [{ label: text('came'), csv: text('came'), isNumber: true }] : []),
              { label: text('needed'), csv: text('needed'), isNumber: true },
              { label: text('rostered'), csv: text('rostered'), isNumber: true },
            ]}
            file="bemanning"
            empty={text(isPast ? 'nonePast' : 'noneForecast')}
            rows={shifts.map((shift) => {
              const name = `${shiftName(shift.kind, text)} · ${text('weekOf', { date: date(new Date(shift.week), language) })}`
              const plain = (value: number | undefined): Figure =>
                value === undefined
                  ? { shown: '–', csv: '' }
                  : { shown: number(value, language, 1), csv: number(value, language, 1) }
              const isShort =
                shift.needed !== undefined && shift.rostered !== undefined && shift.rostered < shift.needed
              const teamName = names?.get(shift.team) ?? shift.team
              return {
                ...{ key: `${shift.week} ${shift.team} ${shift.plan} ${shift.kind}`, name, csv: name },
                isMarked: isShort,
                cells: [
                  { shown: teamName, csv: teamName },
                  { shown: shift.plan, csv: shift.plan },
                  { ...plain(shift.mean), bar: { share: shift.mean / longest } },
                  plain(shift.p95),
                  ...(isPast ? [plain(shift.came)] : []),
                  plain(shift.needed),
                  isShort
                    ? { shown: text('short', { count: shift.rostered ?? 0 }), csv: String(shift.rostered) }
                    : plain(shift.rostered),
                ],
              }
            })}
          />
        )
      }}
    </AnswerView>
  )
}

/** `weekday 07:00–15:00` in words. */
function shiftName(kind: string, text: (key: 'weekday' | 'saturday' | 'sunday') => string): string {
  const [day, ...hours] = kind.split(' ')
  const known = (['weekday', 'saturday', 'sunday'] as const).find((one) => one === day)
  return known ? `${text(known)} ${hours.join(' ')}` : kind
}
