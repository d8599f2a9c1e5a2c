import { PhoneIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { LOCALES } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { type Contact, contactsOf } from '../record/contacts.ts'
import type { OwnRecord } from '../record/record.ts'
import { type Callee, callsOf } from './calls.ts'
import { TODAY_TEXTS } from './texts.ts'

type Props = { record?: OwnRecord; now: Date }

/** Whom to call, who answers now first: the team while it is open, and otherwise who else answers. Emergency is always there. */
export function ContactList({ record, now }: Props) {
  const text = useTexts(TODAY_TEXTS)
  const contacts = record ? contactsOf(record, now) : []
  const { first, others } = callsOf(contacts)
  return (
    <>
      <Callees callees={[...first, ...others]} now={now} />
      {contacts.length === 0 && <p className="quiet">{text('noTeam')}</p>}
    </>
  )
}

/** Those of them to lead with, where something must be done now. */
export function FirstCalls({ record, now }: Props) {
  return <Callees callees={callsOf(record ? contactsOf(record, now) : []).first} now={now} isUrgent />
}

/** And the rest of them. */
export function OtherCalls({ record, now }: Props) {
  return <Callees callees={callsOf(record ? contactsOf(record, now) : []).others} now={now} />
}

function Callees({ callees, now, isUrgent = false }: { callees: readonly Callee[]; now: Date; isUrgent?: boolean }) {
  const text = useTexts(TODAY_TEXTS)
  if (callees.length === 0) return null
  return (
    <ul className="contacts">
      {callees.map((callee, i) =>
        callee.who === 'team' ? (
          <li key={callee.contact.name}>
            <Team contact={callee.contact} now={now} />
          </li>
        ) : (
          <li key={callee.who}>
            <Call number={callee.who === 'outOfHours' ? '116117' : '113'} isPrimary={isUrgent && i === 0}>
              {text(callee.who === 'outOfHours' ? 'callOutOfHours' : 'callEmergency')}
            </Call>
          </li>
        ),
      )}
    </ul>
  )
}

function Team({ contact, now }: { contact: Contact; now: Date }) {
  const text = useTexts(TODAY_TEXTS)
  const { name, phone, isOpen } = contact
  return (
    <>
      {phone ? (
        <Call number={phone} isPrimary={isOpen}>
          {text('callTeam', { name })}
        </Call>
      ) : (
        <p>
          <strong>{name}</strong> <span className="quiet">{text('noPhone')}</span>
        </p>
      )}
      <Hours contact={contact} now={now} />
    </>
  )
}

function Call({ number, isPrimary, children }: { number: string; isPrimary: boolean; children: string }) {
  return (
    <Button
      as="a"
      href={`tel:${number.replaceAll(' ', '')}`}
      variant={isPrimary ? 'primary' : 'secondary'}
      icon={<PhoneIcon aria-hidden />}
      className="call"
    >
      {children}
    </Button>
  )
}

function Hours({ contact: { isOpen, opensAt, hours }, now }: { contact: Contact; now: Date }) {
  const text = useTexts(TODAY_TEXTS)
  const language = useLanguage()
  const days = (codes: string[]) => {
    if (codes.join() === 'mon,tue,wed,thu,fri') return text('weekdays')
    const names = new Intl.DateTimeFormat(LOCALES[language], { weekday: 'short', timeZone: 'UTC' })
    return codes.map((code) => names.format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(code))))).join(', ')
  }
  return (
    <p className="hours">
      <span className="open-mark" data-open={isOpen}>
        {text(isOpen ? 'openNow' : 'closedNow')}
      </span>{' '}
      {!isOpen && opensAt ? (
        <span>{text('opensAt', { at: moment(opensAt, language, now) })}</span>
      ) : (
        <span className="quiet">
          {hours.map(({ days: codes, from, to }) => text('hours', { days: days(codes), from, to })).join(' · ')}
        </span>
      )}
    </p>
  )
}

/** 1 January 2024 was a Monday. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
