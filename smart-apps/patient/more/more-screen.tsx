import { ChevronRightIcon } from '@navikt/aksel-icons'
import { Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { Go, navigate } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { nameOf } from '../../ui/person.ts'
import { useMe, useRecord, useSending, useSigned } from '../me-context.ts'
import { isKin } from '../sign-in/whose.ts'
import { MORE_TEXTS } from './texts.ts'

const PLACES = ['learn', 'history', 'sharing', 'data', 'sending', 'settings', 'welcome'] as const
/** Not for next of kin: the patient alone says who sees what. */
const OWN_PLACES: readonly string[] = ['sharing', 'welcome']

export default function MoreScreen() {
  const text = useTexts(MORE_TEXTS)
  const { record } = useRecord()
  const { session } = useSigned()
  const places = isKin(session) ? PLACES.filter((place) => !OWN_PLACES.includes(place)) : PLACES
  const [isLeaving, setIsLeaving] = useState(false)
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <section className="choices">
        <ul>
          {places.map((place) => (
            <li key={place}>
              <Go to={place} className="choice">
                <span className="what">{text(place)}</span>
                <ChevronRightIcon aria-hidden fontSize="1.5rem" />
              </Go>
            </li>
          ))}
        </ul>
      </section>
      {record && (
        <p className="quiet">
          {text('signedInAs', { name: (isKin(session) ? session.userName : nameOf(record.patient.name)) ?? '' })}
        </p>
      )}
      {isLeaving ? (
        <Leaving onCancel={() => setIsLeaving(false)} />
      ) : (
        <Button variant="secondary" onClick={() => setIsLeaving(true)}>
          {text('signOut')}
        </Button>
      )}
    </>
  )
}

/** Nothing is left on the phone; what has not been sent would be lost, and is told. */
function Leaving({ onCancel }: { onCancel: () => void }) {
  const text = useTexts(MORE_TEXTS)
  const me = useMe()
  const { entries } = useSending()
  const waiting = entries.filter(({ state }) => state === 'waiting').length
  const leave = async () => {
    await me.leave()
    navigate('', { replace: true })
    // What a page still holds in memory goes with it.
    location.reload()
  }
  return (
    <section className="card" role="alertdialog" aria-labelledby="leaving" aria-describedby="leaving-help">
      <Heading size="small" level="2" id="leaving">
        {text('signOutTitle')}
      </Heading>
      <p id="leaving-help">{text('signOutHelp')}</p>
      {waiting > 0 && (
        <p className="zone-card" data-zone="yellow">
          {text('signOutUnsent', { count: waiting })}
        </p>
      )}
      <div className="buttons">
        <Button variant={waiting > 0 ? 'danger' : 'primary'} onClick={() => void leave()}>
          {text('signOut')}
        </Button>
        <Button variant="secondary" onClick={onCancel}>
          {text('cancel')}
        </Button>
      </div>
    </section>
  )
}
