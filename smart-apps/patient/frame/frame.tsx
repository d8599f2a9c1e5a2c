import {
  ChatElipsisIcon,
  CheckmarkCircleIcon,
  CloudSlashIcon,
  CloudUpIcon,
  ExclamationmarkTriangleIcon,
  HeartIcon,
  HouseIcon,
  MenuHamburgerIcon,
  PersonGroupIcon,
  TasklistIcon,
} from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'
import { BASE } from '../../launch/settings.ts'
import { Go, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { nameOf } from '../../ui/person.ts'
import { useMe, useRecord, useSending, useSigned } from '../me-context.ts'
import { DueReminder } from '../reminders/due-reminder.tsx'
import { signInAgain, signInForAnother } from '../sign-in/sign-in-again.ts'
import { isKin } from '../sign-in/whose.ts'
import { FRAME_TEXTS } from './texts.ts'

const PLACES = [
  { to: '', key: 'today', Icon: HouseIcon },
  { to: 'measure', key: 'measure', Icon: HeartIcon },
  { to: 'plan', key: 'plan', Icon: TasklistIcon },
  { to: 'messages', key: 'messages', Icon: ChatElipsisIcon },
  { to: 'more', key: 'more', Icon: MenuHamburgerIcon },
] as const

/** The bar on top with how sending stands, the screen, and the five places within reach of a thumb. */
export function Frame({ children }: { children: ReactNode }) {
  const text = useTexts(FRAME_TEXTS)
  const { path } = usePlace()
  const { session } = useSigned()
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  // Whoever reads by ear is told where they are; the page that the app opens at tells itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each other screen
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [path])
  return (
    <>
      <a className="skip" href="#main">
        {text('skip')}
      </a>
      <header className="bar">
        <Go to="" className="brand">
          <img src={`${BASE}mark.svg`} alt="" width="28" height="28" />
          <span>Fylgje</span>
        </Go>
        {session.isDemo && <span className="demo-mark">{text('demo')}</span>}
        <SendingState />
      </header>
      <SessionOver />
      <Whose />
      <DueReminder />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="emergency">{text('notEmergency')}</footer>
      <nav className="places" aria-label={text('menu')}>
        {PLACES.map(({ to, key, Icon }) => (
          <Go key={key} to={to} aria-current={isAt(path, to) ? 'page' : undefined}>
            <Icon aria-hidden fontSize="1.625rem" />
            <span>{text(key)}</span>
          </Go>
        ))}
      </nav>
    </>
  )
}

const isAt = (path: string, to: string): boolean => (to === '' ? path === '' : path === to || path.startsWith(`${to}/`))

/** Always there, in colour, sign and words; leads to every single thing that was sent or waits. */
function SendingState() {
  const text = useTexts(FRAME_TEXTS)
  const language = useLanguage()
  const { entries, isReached } = useSending()
  const { record } = useRecord()
  const waiting = entries.filter(({ state }) => state === 'waiting').length
  const refused = entries.filter(({ state }) => state === 'refused').length
  const isOffline = isReached === false
  const [state, Icon, words] =
    refused > 0
      ? (['refused', ExclamationmarkTriangleIcon, text('refusedCount', { count: refused })] as const)
      : waiting > 0
        ? isOffline
          ? (['offline', CloudSlashIcon, text('offlineCount', { count: waiting })] as const)
          : (['sending', CloudUpIcon, text('sendingCount', { count: waiting })] as const)
        : isOffline
          ? (['offline', CloudSlashIcon, text('offline')] as const)
          : (['sent', CheckmarkCircleIcon, text('allSent')] as const)
  return (
    <Go to="sending" className="sending-state" data-state={state}>
      <Icon aria-hidden fontSize="1.375rem" />
      <span>
        <span className="words" role="status">
          {words}
        </span>
        {record && <small>{text('readAt', { at: moment(new Date(record.readAt), language) })}</small>}
        <span className="visually-hidden">. {text('toSending')}</span>
      </span>
    </Go>
  )
}

/** Next of kin see on each screen whose data it is, and go from there to another patient's. */
function Whose() {
  const text = useTexts(FRAME_TEXTS)
  const { me, session } = useSigned()
  const { record } = useRecord()
  if (!isKin(session)) return null
  const name = nameOf(record?.patient.name) ?? text('somebody')
  return (
    <section className="whose" aria-labelledby="whose">
      <PersonGroupIcon aria-hidden fontSize="1.75rem" />
      <p id="whose">
        <strong>{text('whose', { name })}</strong>{' '}
        <span>
          {session.userName ? text('asKin', { name: session.userName }) : text('asSomeKin')} {text('whatIsShared')}
        </span>
      </p>
      <Button size="small" variant="secondary" onClick={() => void signInForAnother(me)}>
        {text('otherPerson')}
      </Button>
    </section>
  )
}

/** The server takes the sign-in no longer: what is kept here stays, and nothing is sent until somebody signs in again. */
function SessionOver() {
  const text = useTexts(FRAME_TEXTS)
  const me = useMe()
  const state = useSyncExternalStore(me.sessions.subscribe, me.sessions.current)
  const { isOver } = useSending()
  if (!state?.isOver && !isOver) return null
  return (
    <section className="notice" aria-labelledby="signed-out">
      <div>
        <h2 id="signed-out">{text('signedOut')}</h2>
        <p>{text('signedOutHelp')}</p>
      </div>
      <Button size="small" onClick={() => void signInAgain(me)}>
        {text('signInAgain')}
      </Button>
    </section>
  )
}
