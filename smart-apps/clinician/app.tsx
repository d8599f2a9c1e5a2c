import { Button, Provider, Theme } from '@navikt/ds-react'
import { en, nb, nn } from '@navikt/ds-react/locales'
import { Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { createFhirClient } from '../fhir/client.ts'
import { presenceInBrowser, watchIdle } from '../launch/idle.ts'
import { keepSession, type Session } from '../launch/session.ts'
import { readSettings } from '../launch/settings.ts'
import { takeBack } from '../launch/sign-in.ts'
import { currentPlace, match, navigate, PlaceParams, usePlace } from '../place/router.tsx'
import { LanguageContext, useTexts } from '../texts/use-texts.ts'
import { SESSION_BEGAN } from './fhir/use-query.ts'
import { Frame } from './frame/frame.tsx'
import { keepPreferences, type Preferences, prefersDark, readPreferences } from './frame/preferences.ts'
import { ScreenFault } from './frame/screen-fault.tsx'
import { FRAME_TEXTS } from './frame/texts.ts'
import { LaunchScreen } from './launch/launch-screen.tsx'
import { mayDo } from './launch/scopes.ts'
import { SessionOver } from './launch/session-over.tsx'
import { createLive, type Socket } from './live/live.ts'
import { openPatient } from './patient/open-patient.ts'
import { FIRST_SCREEN, loadScreen, SCREENS } from './screens.tsx'
import { LEAVING, SessionContext } from './session-context.ts'
import { HeldBar } from './task/held-bar.tsx'
import { EmptyView, LoadingRows } from './ui/answer-view.tsx'
import { ShortcutProvider } from './ui/shortcuts.tsx'

const LOCALES = { nb, nn, en }
const sessions = keepSession()
const presence = presenceInBrowser('fylgje.seen-at')
/** Where the server does not tell. */
const IDLE_MINUTES = 30
const fhir = createFhirClient(sessions)
const live = createLive({
  fhir,
  mayAsk: () =>
    (['c', 'r'] as const).every((one) => mayDo(sessions.current()?.session.scope ?? '', 'Subscription', one)),
  openSocket: (url) => new WebSocket(url) as Socket,
  isHidden: () => document.hidden,
  onSeen: (run) => document.addEventListener('visibilitychange', () => document.hidden || run()),
})
addEventListener('pagehide', live.pause)
addEventListener('pageshow', ({ persisted }) => persisted && live.renew())
addEventListener(SESSION_BEGAN, live.renew)
// Beside the sign-in, which it does not have to wait for.
loadScreen(currentPlace().path)

/** Language, theme, session; then the frame with the screen that the address names. */
export function App() {
  const [preferences, setPreferences] = useState(readPreferences)
  const change = (next: Preferences) => {
    setPreferences(next)
    keepPreferences(next)
  }
  const { language } = preferences
  const theme = useTheme(preferences.theme)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return (
    <LanguageContext value={language}>
      <Provider locale={LOCALES[language]}>
        <Theme theme={theme} className="app">
          <SignedInOrNot preferences={preferences} onChange={change} />
        </Theme>
      </Provider>
    </LanguageContext>
  )
}

type PreferenceProps = { preferences: Preferences; onChange: (preferences: Preferences) => void }

function SignedInOrNot({ preferences, onChange }: PreferenceProps) {
  const state = useSyncExternalStore(sessions.subscribe, sessions.current)
  const { path } = usePlace()
  useIdle(state !== undefined && !state.isIdle)
  const begin = useCallback((session: Session, to: string) => {
    presence.seen(presence.now())
    sessions.begin(session)
    const asked = match('patient/:id', to.split('?', 1)[0] ?? '')?.id
    if (asked) openPatient(fhir, asked)
    navigate(to, { replace: true })
  }, [])
  const signedIn = useMemo(
    () =>
      state && {
        session: state.session,
        fhir,
        live,
        leave: () => {
          dispatchEvent(new Event(LEAVING))
          live.end()
          sessions.leave()
          navigate('', { replace: true })
        },
      },
    [state],
  )
  const isReturning = path === '' && new URLSearchParams(location.search).has('state')
  if (!signedIn || path === 'launch' || isReturning) {
    // A launch begins a session of its own, also where there is one.
    const returnTo = path === 'launch' || path === '' ? undefined : path + location.search
    return <LaunchScreen key={location.href} returnTo={returnTo} onSignedIn={begin} />
  }
  return (
    <SessionContext value={signedIn}>
      <ShortcutProvider>
        <Frame preferences={preferences} onChange={onChange}>
          <ScreenFault key={path}>
            <CurrentScreen />
          </ScreenFault>
        </Frame>
        <HeldBar />
        {state?.isOver && <SessionOver session={state.session} isIdle={state.isIdle === true} onSignedIn={goOn} />}
      </ShortcutProvider>
    </SessionContext>
  )
}

/**
 * Ends the session of this window when nobody has been there for as long as the server says, and hides what is on it: also what still
 * stands below the question of a session that is over.
 */
function useIdle(isWatched: boolean): void {
  const state = useSyncExternalStore(sessions.subscribe, sessions.current)
  const isIdle = state?.isIdle === true
  // Before anything is painted.
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute('data-idle', isIdle)
  }, [isIdle])
  useEffect(() => {
    if (!isWatched) return
    let stop: (() => void) | undefined
    const gone = new AbortController()
    const watch = (idleMinutes: number) => {
      if (gone.signal.aborted) return
      stop = watchIdle(presence, idleMinutes * 60_000, () => {
        const before = sessions.current()
        sessions.end(true)
        if (before && !before.isOver) void takeBack(before.session)
      })
    }
    void readSettings().then(
      ({ idleMinutes }) => watch(idleMinutes),
      () => watch(IDLE_MINUTES),
    )
    return () => {
      gone.abort()
      stop?.()
    }
  }, [isWatched])
}

function goOn(session: Session): void {
  presence.seen(presence.now())
  sessions.begin(session)
  dispatchEvent(new Event(SESSION_BEGAN))
}

function CurrentScreen() {
  const text = useTexts(FRAME_TEXTS)
  const { path } = usePlace()
  useEffect(() => {
    if (path === '') navigate(FIRST_SCREEN, { replace: true })
  }, [path])
  if (path === '') return null
  for (const { path: pattern, component: Screen } of SCREENS) {
    const params = match(pattern, path)
    if (params)
      return (
        <PlaceParams params={params}>
          <Suspense fallback={<LoadingRows count={6} />}>
            <Screen />
          </Suspense>
        </PlaceParams>
      )
  }
  return (
    <EmptyView title={text('notFound')} level="1">
      <p>{text('notFoundHelp')}</p>
      <Button size="small" variant="secondary" onClick={() => navigate(FIRST_SCREEN)}>
        {text('toWorklist')}
      </Button>
    </EmptyView>
  )
}

function useTheme(wanted: Preferences['theme']): 'light' | 'dark' {
  const isDark = useSyncExternalStore(
    (listener) => {
      prefersDark.addEventListener('change', listener)
      return () => prefersDark.removeEventListener('change', listener)
    },
    () => prefersDark.matches,
  )
  if (wanted !== 'system') return wanted
  return isDark ? 'dark' : 'light'
}
