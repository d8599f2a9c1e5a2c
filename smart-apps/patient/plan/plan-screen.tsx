import { Heading } from '@navikt/ds-react'
import { useMemo } from 'react'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useNow } from '../../ui/moment.tsx'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import { useRecord } from '../me-context.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import { ContactList } from '../today/contact-list.tsx'
import { useOwnZone } from '../today/use-own-zone.ts'
import { limitLines } from './limit-lines.ts'
import { PLAN_TEXTS } from './texts.ts'

const MINUTE_MILLIS = 60_000
const CALMEST_FIRST = ['green', 'yellow', 'red'] as const

/** The self-management plan, as it is agreed and as it drives what the team is told: zones, limits, goals, what is asked for, whom to call. */
export default function PlanScreen() {
  const { record } = useRecord()
  return record ? <Plan record={record} /> : <NotLoaded />
}

function Plan({ record }: { record: OwnRecord }) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const now = useNow(MINUTE_MILLIS)
  const { own, advice } = useOwnZone(record, now)
  const limits = useMemo(() => limitLines(record, language), [record, language])
  const goals = record.goals.filter(({ lifecycleStatus }) => lifecycleStatus === 'active')
  const [carePlan] = record.carePlans
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <p>{carePlan ? text('lead') : text('noPlan')}</p>
      {record.carePlans.map(({ id, title, period }) => (
        <p key={id} className="quiet">
          <strong>{title}</strong>
          {period?.start && <> · {text('since', { at: date(new Date(period.start), language) })}</>}
        </p>
      ))}
      {carePlan && advice.length === 0 && <p>{text('noZones')}</p>}
      {CALMEST_FIRST.flatMap((zone) => advice.filter((one) => one.zone === zone)).map(
        ({ zone, todo, call, outsideHours }) => (
          <section key={zone + todo} className="zone-card" data-zone={zone} aria-labelledby={`zone-${zone}`}>
            <Heading size="small" level="2" id={`zone-${zone}`} className="zone-title">
              <ZoneShape zone={zone} />
              {text(zone)}
              {own.zone === zone && <span className="here">{text('here')}</span>}
            </Heading>
            <dl>
              {todo && <Said name={text('todo')} said={todo} />}
              {call && <Said name={text('call')} said={call} />}
              {outsideHours && <Said name={text('outsideHours')} said={outsideHours} />}
            </dl>
          </section>
        ),
      )}
      {limits.length > 0 && (
        <section className="card" aria-labelledby="limits">
          <Heading size="small" level="2" id="limits">
            {text('limits')}
          </Heading>
          <ul className="limits">
            {limits.map(({ what, zone, side, value, isOwn }) => (
              <li key={what + zone + side + value} data-zone={zone === 'baseline' ? 'grey' : zone}>
                {zone !== 'baseline' && <ZoneShape zone={zone} />}
                <span>
                  <strong>{what}</strong>{' '}
                  {zone === 'baseline' ? text('usual', { value }) : text(side === 'low' ? 'below' : 'above', { value })}
                  {isOwn && zone !== 'baseline' && <span className="quiet"> · {text('ownLimit')}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {goals.length > 0 && (
        <section className="card" aria-labelledby="goals">
          <Heading size="small" level="2" id="goals">
            {text('goals')}
          </Heading>
          <ul>
            {goals.map(({ id, description }) => (
              <li key={id}>{translated(description, 'text', language)?.text}</li>
            ))}
          </ul>
        </section>
      )}
      {record.requests.length > 0 && (
        <section className="card" aria-labelledby="asked">
          <Heading size="small" level="2" id="asked">
            {text('asked')}
          </Heading>
          <ul>
            {record.requests.map(({ id, code, patientInstruction }) => (
              <li key={id}>
                <strong>{translated(code, 'text', language)?.text}</strong>
                {patientInstruction && <p className="quiet">{patientInstruction}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="card" aria-labelledby="whom">
        <Heading size="small" level="2" id="whom">
          {text('whom')}
        </Heading>
        <ContactList record={record} now={now} />
      </section>
    </>
  )
}

const Said = ({ name, said }: { name: string; said: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{said}</dd>
  </div>
)
