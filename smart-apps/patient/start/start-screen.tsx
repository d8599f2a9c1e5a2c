import { Button, Heading, LocalAlert } from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { navigate } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useMe, useRecord, useSending, useSigned } from '../me-context.ts'
import { ReadingFields } from '../more/reading-fields.tsx'
import { ReminderFields } from '../reminders/reminder-fields.tsx'
import { dayOf, nextOf } from '../today/day.ts'
import { placeOf } from '../today/place-of.ts'
import { About } from './about.tsx'
import { install, installing, subscribeInstall } from './install.ts'
import { type Acceptance, acceptInvitation, hearInvitations } from './invitation.ts'
import { START_TEXTS } from './texts.ts'

const STEPS = ['about', 'comfort', 'install', 'reminders', 'first'] as const

/** The first screens of whoever was invited, one thing at a time; also found later, under More. */
export default function StartScreen() {
  const text = useTexts(START_TEXTS)
  const [at, setAt] = useState(0)
  const heading = useRef<HTMLHeadingElement>(null)
  const step = STEPS[at] ?? 'about'
  const isLast = at === STEPS.length - 1
  const go = (next: number) => {
    setAt(next)
    scrollTo(0, 0)
    requestAnimationFrame(() => heading.current?.focus({ preventScroll: true }))
  }
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <Invited />
      <section className="card" aria-labelledby="step">
        <p className="eyebrow">{text('step', { number: at + 1, count: STEPS.length })}</p>
        <Heading size="medium" level="2" id="step" ref={heading} tabIndex={-1}>
          {text(step)}
        </Heading>
        {step === 'about' && <About level={3} />}
        {step === 'comfort' && <ReadingFields />}
        {step === 'install' && <Install />}
        {step === 'reminders' && <ReminderFields />}
        {step === 'first' && <FirstMeasurement />}
        <div className="buttons">
          {isLast ? (
            <Button variant="secondary" onClick={() => navigate('')}>
              {text('later')}
            </Button>
          ) : (
            <Button className="big" onClick={() => go(at + 1)}>
              {text('next')}
            </Button>
          )}
          {at > 0 && (
            <Button variant="tertiary" onClick={() => go(at - 1)}>
              {text('back')}
            </Button>
          )}
        </div>
      </section>
    </>
  )
}

/** What became of the link by which somebody came. */
function Invited() {
  const text = useTexts(START_TEXTS)
  const { fhir } = useMe()
  const { patient = '' } = useSigned().session
  const [said, setSaid] = useState<Acceptance>()
  const hasBegun = useRef(false)
  useEffect(() => {
    const accept = () => void acceptInvitation(fhir, patient).then(setSaid)
    if (!hasBegun.current) accept()
    hasBegun.current = true
    return hearInvitations(accept)
  }, [fhir, patient])
  if (!said) return null
  return (
    <Told isGood={said === 'accepted'}>
      <LocalAlert.Title as="h2">{text(said)}</LocalAlert.Title>
    </Told>
  )
}

const Told = ({ isGood, children }: { isGood: boolean; children: ReactNode }) => (
  <div role="status">
    <LocalAlert status={isGood ? 'success' : 'warning'}>
      <LocalAlert.Header>{children}</LocalAlert.Header>
    </LocalAlert>
  </div>
)

function Install() {
  const text = useTexts(START_TEXTS)
  const state = useSyncExternalStore(subscribeInstall, installing)
  if (state === 'installed') return <p>{text('installed')}</p>
  return (
    <>
      <p>{text('installHelp')}</p>
      {state === 'offered' ? (
        <Button variant="secondary" onClick={() => void install()}>
          {text('installNow')}
        </Button>
      ) : (
        <ul className="plain-list">
          <li>{text('iphone')}</li>
          <li>{text('android')}</li>
        </ul>
      )}
    </>
  )
}

function FirstMeasurement() {
  const text = useTexts(START_TEXTS)
  const language = useLanguage()
  const { record } = useRecord()
  const { entries } = useSending()
  const next = record && nextOf(dayOf({ record, entries, now: new Date() }, language))
  return (
    <>
      <p>{text('firstHelp')}</p>
      {next && <p className="what">{text('firstAsked', { title: next.title })}</p>}
      <Button className="big" onClick={() => navigate(next ? placeOf(next) : 'measure')}>
        {text(next?.questionnaire ? 'firstAnswer' : 'firstNow')}
      </Button>
    </>
  )
}
