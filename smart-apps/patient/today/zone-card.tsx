import { Heading } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { unbroken } from '../../ui/format.ts'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import type { OwnRecord } from '../record/record.ts'
import { ContactList } from './contact-list.tsx'
import { TODAY_TEXTS } from './texts.ts'
import type { OwnZone, ZoneAdvice } from './zone.ts'
import type { KnownBy } from './zone-now.ts'

type Props = {
  own: OwnZone
  advice: readonly ZoneAdvice[]
  record: OwnRecord
  now: Date
  /** Who knows of what decides it. */
  knownBy?: KnownBy
}

/** The zone in colour, shape and words, why, and what the plan says to do in it. In yellow and red whom to call stands there as well. */
export function ZoneCard({ own: { zone, verdict }, advice, record, now, knownBy = 'team' }: Props) {
  const text = useTexts(TODAY_TEXTS)
  const ours = advice.filter((one) => one.zone === zone)
  const isPressing = zone === 'red' || zone === 'yellow'
  return (
    <section className="zone-card" data-zone={zone} aria-labelledby="zone-title">
      <p className="eyebrow">{text('zone')}</p>
      <Heading size="medium" level="2" id="zone-title" className="zone-title">
        <ZoneShape zone={zone} />
        {text(`zone-${zone}`)}
      </Heading>
      {zone === 'grey' && <p>{text('greyHelp')}</p>}
      {isPressing && knownBy === 'nobodyElse' && (
        <p>
          <strong>{text('notReceived')}</strong>
        </p>
      )}
      {isPressing && verdict?.reason && <p>{text('because', { reason: unbroken(verdict.reason) })}</p>}
      {ours.map(({ todo, call, outsideHours }) => (
        <dl key={todo ?? call}>
          {todo && <Said name={text('todo')} said={todo} />}
          {isPressing && call && <Said name={text('call')} said={call} />}
          {isPressing && outsideHours && <Said name={text('outsideHours')} said={outsideHours} />}
        </dl>
      ))}
      {isPressing && <ContactList record={record} now={now} isUrgent />}
      {knownBy === 'phone' && <p className="quiet">{text('preliminary')}</p>}
    </section>
  )
}

const Said = ({ name, said }: { name: string; said: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{said}</dd>
  </div>
)
