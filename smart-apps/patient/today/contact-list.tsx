import { PhoneIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { LOCALES } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { type Contact, contactsOf } from '../record/contacts.ts'
import type { OwnRecord } from '../record/record.ts'
import { TODAY_TEXTS } from './texts.ts'

/** Whom to call now: the team while it is open, and otherwise who else answers. Emergency is always there. */
export function ContactList({ record, now, isUrgent = false }: { record?: OwnRecord; now: Date; isUrgent?: boolean }) {
  const text = useTexts(TODAY_TEXTS)
  const contacts = record ? contactsOf(record, now) : []
  const isAnyOpen = contacts.some(({ isOpen }) => isOpen)
  return (
    <ul className="contacts">
      {contacts.map((contact) => (
        <li key={contact.name}>
          <Hours contact={contact} />
          {contact.phone ? (
            <Call number={contact.phone} isPrimary={contact.isOpen}>
              {text('callTeam', { name: contact.name })}
            </Call>
          ) : (
            <p className="quiet">{text('noPhone')}</p>
          )}
        </li>
      ))}
      {contacts.length === 0 && <li className="quiet">{text('noTeam')}</li>}
      <li>
        <Call number="116117" isPrimary={isUrgent && !isAnyOpen}>
          {text('callOutOfHours')}
        </Call>
      </li>
      <li>
        <Call number="113" isPrimary={false}>
          {text('callEmergency')}
        </Call>
      </li>
    </ul>
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

function Hours({ contact: { name, isOpen, hours } }: { contact: Contact }) {
  const text = useTexts(TODAY_TEXTS)
  const language = useLanguage()
  const days = (codes: string[]) => {
    if (codes.join() === 'mon,tue,wed,thu,fri') return text('weekdays')
    const names = new Intl.DateTimeFormat(LOCALES[language], { weekday: 'short', timeZone: 'UTC' })
    return codes.map((code) => names.format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(code))))).join(', ')
  }
  return (
    <p>
      <strong>{name}</strong>{' '}
      <span className="open-mark" data-open={isOpen}>
        {text(isOpen ? 'openNow' : 'closedNow')}
      </span>
      {hours.map(({ days: codes, from, to }) => (
        <span key={codes.join() + from} className="quiet hours">
          {text('hours', { days: days(codes), from, to })}
        </span>
      ))}
    </p>
  )
}

/** 1 January 2024 was a Monday. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
