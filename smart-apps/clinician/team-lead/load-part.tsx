import { useMemo } from 'react'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import { ZONE_TEXTS, ZONES } from '../../ui/zone.ts'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLiveFigures } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { cutNote } from './cut-note.tsx'
import { type Column, type Figure, FigureTable } from './figure-table.tsx'
import { loadOf, ofTeam } from './figures.ts'
import { readOpen, type Teams } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'

/** What waits now: in all, and for each team and person. @param team `CareTeam/7`; undefined: all that somebody may see */
export function LoadPart({ team, names }: { team: string | undefined; names: Teams['names'] | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery('lead open', (signal) => readOpen(fhir, signal))
  useLiveFigures('task-changes', answer.reload)
  const load = useMemo(() => answer.data && loadOf(ofTeam(answer.data.found, team), new Date()), [answer.data, team])
  const toWorklist = (query: Record<string, string>) => {
    const params = new URLSearchParams({ ...query, ...(team && { team }) }).toString()
    return params === '' ? 'worklist' : `worklist?${params}`
  }
  return (
    <AnswerView answer={answer} what={text('tasks')} rows={4}>
      {(read) => {
        const { all, by } = load ?? loadOf(ofTeam(read.found, team), new Date())
        const longest = Math.max(1, ...by.map(({ total }) => total))
        const columns: Column[] = [
          { label: text('openCount'), csv: text('openCount'), isNumber: true },
          ...ZONES.map((one) => ({
            label: (
              <span className="limit-label" data-zone={one}>
                <ZoneShape zone={one} /> {zone(one)}
              </span>
            ),
            csv: zone(one),
            isNumber: true,
          })),
          { label: text('overdue'), csv: text('overdue'), isNumber: true },
          { label: text('free'), csv: text('free'), isNumber: true },
        ]
        return (
          <>
            <dl className="tiles">
              <Tile name={text('openCount')} value={all.total} to={toWorklist({})} />
              <Tile name={zone('red')} value={all.red} to={toWorklist({ zone: 'red' })} zone="red" />
              <Tile
                name={text('overdue')}
                value={all.overdue}
                to={toWorklist({ overdue: 'true' })}
                isBad={all.overdue > 0}
              />
              <Tile name={text('free')} value={all.free} to={toWorklist({ tab: 'unassigned' })} />
              <Tile name={text('snoozed')} value={all.snoozed} to={toWorklist({ tab: 'snoozed' })} />
            </dl>
            <FigureTable
              title={text('load')}
              explained={text('loadExplained', {
                time: answer.answeredAt ? clock(answer.answeredAt, language) : '–',
              })}
              first={{ label: text('who'), csv: text('who') }}
              columns={columns}
              file="belastning"
              note={cutNote(read, text('cut'))}
              empty={text('noneOpen')}
              rows={by.map((one) => {
                const name = (one.owner && (names?.get(one.owner) || one.name)) || one.owner || text('nobody')
                const plain = (value: number): Figure => ({ shown: value, csv: String(value) })
                return {
                  ...{ key: one.owner ?? '', name: one.isPerson ? `– ${name}` : name, csv: name },
                  cells: [
                    { ...plain(one.total), bar: { share: one.total / longest } },
                    ...ZONES.map((each) => plain(one[each])),
                    plain(one.overdue),
                    plain(one.free),
                  ],
                }
              })}
            />
          </>
        )
      }}
    </AnswerView>
  )
}

type TileProps = { name: string; value: number; to: string; zone?: 'red'; isBad?: boolean }

const Tile = ({ name, value, to, zone, isBad }: TileProps) => (
  <div className="tile" data-zone={zone} data-bad={isBad ? '' : undefined}>
    <dt>
      {zone && <ZoneShape zone={zone} />}
      {name}
    </dt>
    <dd>
      <Go to={to} aria-label={`${name}: ${value}`}>
        {value}
      </Go>
    </dd>
  </div>
)
