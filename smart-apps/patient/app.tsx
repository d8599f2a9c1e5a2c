import { Loader, Provider, Theme } from '@navikt/ds-react'
import { en, nb, nn } from '@navikt/ds-react/locales'
import { Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { match, PlaceParams, usePlace } from '../place/router.tsx'
import { LanguageContext, useTexts } from '../texts/use-texts.ts'
import { Frame } from './frame/frame.tsx'
import { keepPreferences, type Preferences, readPreferences } from './frame/preferences.ts'
import { ScreenFault } from './frame/screen-fault.tsx'
import { FRAME_TEXTS } from './frame/texts.ts'
import { type Me, openMe } from './me.ts'
import { MeContext } from './me-context.ts'
import { keepFresh } from './record/keep-fresh.ts'
import { keepPush } from './reminders/push.ts'
import { SCREENS } from './screens.tsx'
import { SignInScreen } from './sign-in/sign-in-screen.tsx'
import { asksForSignIn } from './sign-in/whose.ts'

const LOCALES = { nb, nn, en }
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const opening = openMe()

/** Language, theme, who it is; then the frame with the screen that the address names. */
export function App() {
  const [preferences, setPreferences] = useState(readPreferences)
  const change = (next: Preferences) => {
    setPreferences(next)
    keepPreferences(next)
  }
  const { language, isLarge } = preferences
  const isDark = useSyncExternalStore(
    (listener) => {
      prefersDark.addEventListener('change', listener)
      return () => prefersDark.removeEventListener('change', listener)
    },
    () => prefersDark.matches,
  )
  const theme = preferences.theme === 'system' ? (isDark ? 'dark' : 'light') : preferences.theme
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.classList.toggle('large-text', isLarge)
  }, [language, isLarge])
  return (
    <LanguageContext value={language}>
      <Provider locale={LOCALES[language]}>
        <Theme theme={theme} className="app">
          <Opened preferences={preferences} onPreferences={change} />
        </Theme>
      </Provider>
    </LanguageContext>
  )
}

type PreferenceProps = { preferences: Preferences; onPreferences: (preferences: Preferences) => void }

/** What is kept on the phone is read first, which takes no net. */
function Opened(props: PreferenceProps) {
  const text = useTexts(FRAME_TEXTS)
  const [opened, setOpened] = useState<{ me?: Me; hasFailed: boolean }>({ hasFailed: false })
  useEffect(() => {
    opening.then(
      (me) => setOpened({ me, hasFailed: false }),
      () => setOpened({ hasFailed: true }),
    )
  }, [])
  if (opened.me) return <SignedInOrNot me={opened.me} {...props} />
  if (opened.hasFailed)
    return (
      <main className="sign-in">
        <h1>{text('cannotKeep')}</h1>
        <p>{text('cannotKeepHelp')}</p>
      </main>
    )
  return (
    <main className="sign-in" aria-busy="true">
      <Loader size="2xlarge" title={text('opening')} />
    </main>
  )
}

function SignedInOrNot({ me, preferences, onPreferences }: PreferenceProps & { me: Me }) {
  const state = useSyncExternalStore(me.sessions.subscribe, me.sessions.current)
  const { path, query } = usePlace()
  const { language } = preferences
  const patient = state?.session.patient
  const isSignedIn = patient !== undefined
  useEffect(() => {
    if (!isSignedIn) return
    void me.records.reload()
    return keepFresh(() => void me.records.reload())
  }, [isSignedIn, me])
  const isShown = state !== undefined && isSignedIn && !asksForSignIn(query, state.session)
  const reminded = isShown && !state.isOver ? patient : undefined
  // At each opening, and anew when somebody has signed in again.
  useEffect(() => {
    if (reminded !== undefined) void keepPush({ fhir: me.fhir, vault: me.vault, patient: reminded, language })
  }, [reminded, me, language])
  if (!isShown) return <SignInScreen me={me} preferences={preferences} onPreferences={onPreferences} />
  return (
    <MeContext value={{ me, session: state.session, preferences, onPreferences }}>
      <Frame>
        <ScreenFault key={path}>
          <CurrentScreen path={path} />
        </ScreenFault>
      </Frame>
    </MeContext>
  )
}

function CurrentScreen({ path }: { path: string }) {
  const text = useTexts(FRAME_TEXTS)
  for (const { path: pattern, component: Screen } of SCREENS) {
    const params = match(pattern, path)
    if (params)
      return (
        <PlaceParams params={params}>
          <Suspense fallback={<Loader size="xlarge" title={text('opening')} />}>
            <Screen />
          </Suspense>
        </PlaceParams>
      )
  }
  return <h1>{text('notFound')}</h1>
}
