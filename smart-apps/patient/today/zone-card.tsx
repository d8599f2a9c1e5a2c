import { Heading } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { unbroken } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import { contactsOf } from '../record/contacts.ts'
import type { OwnRecord } from '../record/record.ts'
import { FirstCalls, OtherCalls } from './contact-list.tsx'
import { TODAY_TEXTS } from './texts.ts'
import { useWhose } from './use-whose.ts'
import type { OwnZone, ZoneAdvice } from './zone.ts'
import type { KnownBy } from './zone-now.ts'

type Props = {
  own: OwnZone
  advice: readonly ZoneAdvice[]
  record: OwnRecord
  now: Date
  /** Who knows of what decides it. */
  knownBy?: KnownBy
  /** Something else must be seen below it: what need not be read at once is folded away. */
  isShort?: boolean
}

/**
 * The zone in colour, shape and words, why, and what the plan says to do in it. In yellow and red whom to call stands there as well, above
 * all that must be read: who answers now, and the rest below.
 */
export function ZoneCard({ own: { zone, verdict }, advice, record, now, knownBy = 'team', isShort }: Props) {
  const text = useTexts(TODAY_TEXTS)
  const ours = advice.filter((one) => one.zone === zone)
  const zones = useTexts(ZONE_TEXTS)
  const { name, isSomebodyNear } = useWhose(record)
  // The phone's own words were read, and perhaps acted on.
  const difference = record.differences?.find(({ about, is }) => about === verdict?.about && is === zone)
  const isPressing = zone === 'red' || zone === 'yellow'
  const todos = ours.flatMap(({ todo }) => todo ?? [])
  const isTodoFolded = isShort && zone === 'yellow'
  const todo = todos.length > 0 && (
    <dl>
      {todos.map((said) => (
        <Said key={said} name={text('todo')} said={said} />
      ))}
    </dl>
  )
  return (
    <section className="zone-card" data-zone={zone} aria-labelledby="zone-title">
      <p className="eyebrow">{isSomebodyNear && name ? text('zoneOf', { name }) : text('zone')}</p>
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
      {difference && (
        <p>
          <strong>
            {text('judgedAnew', { said: zones(difference.said).toLowerCase(), is: zones(difference.is).toLowerCase() })}
          </strong>{' '}
          {!difference.isMilder && text('judgedMilder')}
        </p>
      )}
      {isPressing && verdict?.reason && <p>{text('because', { reason: unbroken(verdict.reason) })}</p>}
      {isPressing && <FirstCalls record={record} now={now} />}
      {!isTodoFolded && todo}
      {isPressing &&
        (isShort ? (
          <details>
            <summary>{text(isTodoFolded ? 'moreTodo' : 'moreCalls')}</summary>
            {isTodoFolded && todo}
            <WhomToCall ours={ours} record={record} now={now} />
          </details>
        ) : (
          <WhomToCall ours={ours} record={record} now={now} />
        ))}
      {knownBy === 'phone' && <p className="quiet">{text('preliminary')}</p>}
    </section>
  )
}

type WhomProps = { ours: readonly ZoneAdvice[]; record: OwnRecord; now: Date }

/** What the plan says of calling, each under the hours for which it says so; and the numbers that were not above. */
function WhomToCall({ ours, record, now }: WhomProps) {
  const text = useTexts(TODAY_TEXTS)
  const contacts = contactsOf(record, now)
  const isClosed = contacts.length > 0 && contacts.every(({ isOpen }) => !isOpen)
  return (
    <>
      {ours.map(({ call, outsideHours }) => (
        <dl key={call ?? outsideHours}>
          {call && <Said name={text(isClosed ? 'callWhenOpen' : 'call')} said={call} />}
          {outsideHours && <Said name={text(isClosed ? 'outsideHoursNow' : 'outsideHours')} said={outsideHours} />}
        </dl>
      ))}
      <OtherCalls record={record} now={now} />
    </>
  )
}

const Said = ({ name, said }: { name: string; said: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{said}</dd>
  </div>
)
