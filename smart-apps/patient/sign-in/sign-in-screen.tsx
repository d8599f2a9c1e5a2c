import { Button, Heading, Loader, LocalAlert, Switch } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import type { Session } from '../../launch/session.ts'
import { BASE, type Issuer, readSettings, type Settings } from '../../launch/settings.ts'
import { beginSignIn, finishSignIn, issuerOf, SignInFailure, signInForDemo, signOut } from '../../launch/sign-in.ts'
import { addressOf, currentPlace, navigate } from '../../place/router.tsx'
import { LANGUAGES } from '../../texts/language.ts'
import { useTexts } from '../../texts/use-texts.ts'
import type { Preferences } from '../frame/preferences.ts'
import type { Me } from '../me.ts'
import { About } from '../start/about.tsx'
import { WELCOME } from '../start/invitation.ts'
import { START_TEXTS } from '../start/texts.ts'
import { PATIENT_SCOPE } from './scope.ts'
import { SIGN_IN_TEXTS } from './texts.ts'

type Stage =
  | { at: 'working' }
  | { at: 'asking'; settings: Settings }
  | { at: 'failed'; failure: SignInFailure | 'noPatient'; settings?: Settings }
  | { at: 'unsent'; session: Session; to: string }

type Props = { me: Me; preferences: Preferences; onPreferences: (preferences: Preferences) => void }

/** SMART standalone launch with PKCE; the demo's one click; and coming back from the server's sign-in. */
export function SignInScreen({ me, preferences, onPreferences }: Props) {
  const text = useTexts(SIGN_IN_TEXTS)
  const startText = useTexts(START_TEXTS)
  const [stage, setStage] = useState<Stage>({ at: 'working' })
  const hasBegun = useRef(false)
  const failed = (error: unknown) =>
    setStage((before) => ({
      ...('settings' in before && before.settings ? { settings: before.settings } : {}),
      at: 'failed',
      failure: error instanceof SignInFailure ? error : new SignInFailure('failed', String(error)),
    }))

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the address brings is used once
  useEffect(() => {
    if (hasBegun.current) return
    hasBegun.current = true
    begin().catch(failed)
  }, [])

  async function begin(): Promise<void> {
    const { query } = currentPlace()
    if (query.has('state')) {
      const { session, returnTo } = await finishSignIn(location.search)
      return enter(session, returnTo ?? '')
    }
    const settings = await readSettings().catch(() => {
      throw new SignInFailure('unreachable')
    })
    const iss = query.get('iss')
    if (iss !== null) {
      const launch = query.get('launch')
      const scope = launch === null ? PATIENT_SCOPE : `launch ${PATIENT_SCOPE}`
      return go(issuerOf(settings, iss), { scope, ...(launch === null ? {} : { launch }) })
    }
    const [own] = settings.issuers
    const user = query.get('demo')
    if ((user === 'patient' || user === 'kin') && settings.demo && own) return demo(own, user)
    setStage({ at: 'asking', settings })
  }

  async function enter(session: Session, to: string, mayRemoveUnsent = false): Promise<void> {
    if (session.patient === undefined) {
      setStage({ at: 'failed', failure: 'noPatient' })
      return
    }
    const entered = await me.enter(session, mayRemoveUnsent)
    if (entered === 'unsent') setStage({ at: 'unsent', session, to })
    else if (entered === 'elsewhere') location.replace(addressOf(to))
    else navigate(to, { replace: true })
  }
  /** Who had signed in is signed out again; what lies here stays whose it is. */
  const giveUp = async (session: Session) => {
    await signOut(session)
    location.replace(addressOf(''))
  }
  const demo = async (own: Issuer, user: 'patient' | 'kin') => enter(await signInForDemo(own, user), placeAsked())
  const go = async (issuer: Issuer, asked: { scope: string; launch?: string }) =>
    location.assign(await beginSignIn(issuer, { returnTo: placeAsked(), ...asked }))

  if (stage.at === 'working')
    return (
      <main className="sign-in" aria-busy="true">
        <Loader size="2xlarge" title={text('signingIn')} />
      </main>
    )
  if (stage.at === 'unsent')
    return (
      <main className="sign-in">
        <section className="card" role="alertdialog" aria-labelledby="unsent" aria-describedby="unsent-help">
          <Heading size="medium" level="1" id="unsent">
            {text('unsent')}
          </Heading>
          <p id="unsent-help">{text('unsentHelp')}</p>
          <div className="buttons">
            <Button onClick={() => void giveUp(stage.session)}>{text('unsentKeep')}</Button>
            <Button variant="danger" onClick={() => void enter(stage.session, stage.to, true).catch(failed)}>
              {text('unsentRemove')}
            </Button>
          </div>
        </section>
      </main>
    )
  const { settings } = stage
  const isInvited = currentPlace().path === WELCOME
  return (
    <main className="sign-in">
      <div className="card">
        <img src={`${BASE}mark.svg`} alt="" width="56" height="56" />
        <Heading size="large" level="1">
          {isInvited ? startText('welcome') : text('title')}
        </Heading>
        {isInvited ? <Introduction {...{ preferences, onPreferences }} /> : <p>{text('lead')}</p>}
        {stage.at === 'failed' && <Failed failure={stage.failure} />}
        {settings?.demo &&
          settings.issuers[0] &&
          DEMO_USERS.map((user) => (
            <Button
              key={user}
              variant={user === 'patient' ? 'primary' : 'secondary'}
              onClick={() => void demo(settings.issuers[0] as Issuer, user).catch(failed)}
            >
              {text(user === 'patient' ? 'demo' : 'demoKin')}
            </Button>
          ))}
        {settings?.issuers.map((issuer) => (
          <Button
            key={issuer.iss}
            variant={settings.demo ? 'secondary' : 'primary'}
            onClick={() => void go(issuer, { scope: PATIENT_SCOPE }).catch(failed)}
          >
            {settings.issuers.length > 1 ? text('signInAt', { host: new URL(issuer.iss).host }) : text('signIn')}
          </Button>
        ))}
        {settings?.issuers.length === 0 && (
          <LocalAlert status="announcement">
            <LocalAlert.Header>
              <LocalAlert.Title as="h2">{text('nothing')}</LocalAlert.Title>
            </LocalAlert.Header>
            <LocalAlert.Content>{text('nothingHelp')}</LocalAlert.Content>
          </LocalAlert>
        )}
        {!settings && (
          <Button as="a" href={BASE}>
            {text('signIn')}
          </Button>
        )}
        <fieldset className="languages">
          <legend className="visually-hidden">{text('language')}</legend>
          {LANGUAGES.map((language) => (
            <Button
              key={language}
              lang={language}
              size="small"
              variant="tertiary"
              aria-pressed={language === preferences.language}
              onClick={() => onPreferences({ ...preferences, language })}
            >
              {LANGUAGE_NAMES[language]}
            </Button>
          ))}
        </fieldset>
        {!isInvited && <p className="quiet">{text('notEmergency')}</p>}
      </div>
    </main>
  )
}

/** What somebody reads who was invited, before they sign in. */
function Introduction({ preferences, onPreferences }: Pick<Props, 'preferences' | 'onPreferences'>) {
  const text = useTexts(START_TEXTS)
  return (
    <>
      <p>{text('introLead')}</p>
      <About level={2} />
      <p>{text('proof')}</p>
      <Switch
        checked={preferences.isLarge}
        onChange={({ target }) => onPreferences({ ...preferences, isLarge: target.checked })}
      >
        {text('largeText')}
      </Switch>
    </>
  )
}

const DEMO_USERS = ['patient', 'kin'] as const

/** Where somebody wanted to go, without what was meant for the sign-in. */
function placeAsked(): string {
  const { path, query } = currentPlace()
  const rest = new URLSearchParams([...query].filter(([name]) => !['demo', 'iss', 'launch'].includes(name))).toString()
  return rest ? `${path}?${rest}` : path
}

/** In themselves: whoever does not read the one that is chosen must find their own. */
export const LANGUAGE_NAMES = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' } as const

function Failed({ failure }: { failure: SignInFailure | 'noPatient' }) {
  const text = useTexts(SIGN_IN_TEXTS)
  const code = failure === 'noPatient' ? failure : failure.code
  const detail = failure === 'noPatient' ? '' : failure.message
  return (
    <LocalAlert status="error">
      <LocalAlert.Header>
        <LocalAlert.Title as="h2">{text(code)}</LocalAlert.Title>
      </LocalAlert.Header>
      <LocalAlert.Content>{text(`${code}Help`, { detail })}</LocalAlert.Content>
    </LocalAlert>
  )
}
