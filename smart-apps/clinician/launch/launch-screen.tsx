import { BodyShort, Button, Heading, Loader, LocalAlert, VStack } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import type { Session } from '../../launch/session.ts'
import { BASE, type Issuer, readSettings, type Settings } from '../../launch/settings.ts'
import {
  beginSignIn,
  finishSignIn,
  issuerOf,
  SignInFailure,
  signInForDemo,
  signInInWindow,
} from '../../launch/sign-in.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { FIRST_SCREEN } from '../screens.tsx'
import { scopeAsked } from './scopes.ts'
import { LAUNCH_TEXTS } from './texts.ts'

type Stage =
  | { at: 'working' }
  /** Somebody must choose, or at least click: where to sign in, or because a window is opened. */
  | { at: 'asking'; settings: Settings; issuer?: Issuer; launch?: string }
  /** On the way to the server's sign-in. */
  | { at: 'leaving'; settings: Settings; issuer: Issuer; launch?: string }
  /** What it was launched for is kept: who tries again must not land in the app without the patient. */
  | { at: 'failed'; failure: SignInFailure; settings?: Settings; issuer?: Issuer; launch?: string }

type Props = {
  /** Where in the app somebody wanted to go; undefined where they leave that to the launch. */
  returnTo?: string | undefined
  onSignedIn: (session: Session, returnTo: string) => void
}

const isFramed = () => window.parent !== window
/** In somebody's frame most servers do not show their sign-in; one that asks nobody anything there, such as an EHR's own, is configured so. */
const needsWindow = (issuer: Issuer) => isFramed() && !issuer.signsInFramed

/**
 * Everything before there is a session: the launch by an EHR (`launch?iss=…&launch=…`), coming back from the server's sign-in, opening
 * the app by itself, and the demo's one click (`launch?demo=nurse`).
 */
export function LaunchScreen({ returnTo, onSignedIn }: Props) {
  const text = useTexts(LAUNCH_TEXTS)
  const [stage, setStage] = useState<Stage>({ at: 'working' })
  const hasBegun = useRef(false)
  const failed = (error: unknown) =>
    setStage((before) => ({
      ...(before.at === 'working' ? {} : before),
      at: 'failed',
      failure: error instanceof SignInFailure ? error : new SignInFailure('failed', String(error)),
    }))

  // biome-ignore lint/correctness/useExhaustiveDependencies: a launch is used once, whatever is drawn meanwhile
  useEffect(() => {
    if (hasBegun.current) return
    hasBegun.current = true
    begin().catch(failed)
  }, [])

  async function begin(): Promise<void> {
    const params = new URLSearchParams(location.search)
    if (params.has('state')) {
      const { session, returnTo: to } = await finishSignIn(location.search)
      return enter(session, to)
    }
    const settings = await readSettings().catch(() => {
      throw new SignInFailure('unreachable')
    })
    const iss = params.get('iss')
    if (iss !== null) {
      const issuer = issuerOf(settings, iss)
      const launch = params.get('launch') ?? undefined
      setStage({ at: needsWindow(issuer) ? 'asking' : 'leaving', settings, issuer, ...launched(launch) })
      if (!needsWindow(issuer)) location.assign(await beginSignIn(issuer, asked(launch)))
      return
    }
    const [own] = settings.issuers
    const asDemo = DEMO_USERS.find((one) => one === params.get('demo'))
    if (asDemo && settings.demo && own) return demo(own, asDemo)
    setStage({ at: 'asking', settings })
  }

  const enter = (session: Session, to = returnTo) => onSignedIn(session, to ?? firstPlaceOf(session))
  const demo = async (own: Issuer, user: (typeof DEMO_USERS)[number]) => enter(await signInForDemo(own, user))

  const go = async (issuer: Issuer, launch?: string) => {
    if (needsWindow(issuer)) enter(await signInInWindow(issuer, asked(launch)))
    else location.assign(await beginSignIn(issuer, { ...asked(launch), ...(returnTo !== undefined && { returnTo }) }))
  }

  if (stage.at === 'working' || stage.at === 'leaving') {
    return (
      <main className="launch" aria-busy="true">
        <Loader size="2xlarge" title={text('signingIn')} />
      </main>
    )
  }
  const { settings, issuer, launch } = stage
  const offered = issuer ? [issuer] : (settings?.issuers ?? [])
  return (
    <main className="launch">
      <VStack gap="space-20" className="launch-card">
        <img src={`${BASE}mark.svg`} alt="" width="48" height="48" />
        <Heading size="large" level="1">
          {text('title')}
        </Heading>
        {stage.at === 'failed' && <Failed failure={stage.failure} />}
        {offered.length > 0 && <BodyShort>{text('choose')}</BodyShort>}
        {settings?.demo && offered[0] && launch === undefined && (
          <>
            <Button onClick={() => void demo(offered[0] as Issuer, 'nurse').catch(failed)}>{text('demo')}</Button>
            <Button variant="secondary" onClick={() => void demo(offered[0] as Issuer, 'gp').catch(failed)}>
              {text('asGp')}
            </Button>
          </>
        )}
        {offered.map((one) => (
          <Button
            key={one.iss}
            variant={settings?.demo && launch === undefined ? 'secondary' : 'primary'}
            onClick={() => void go(one, launch).catch(failed)}
          >
            {offered.length > 1 ? text('signInAt', { host: new URL(one.iss).host }) : text('signIn')}
          </Button>
        ))}
        {offered.some(needsWindow) && <BodyShort size="small">{text('framed')}</BodyShort>}
        {stage.at === 'asking' && offered.length === 0 && (
          <LocalAlert status="announcement">
            <LocalAlert.Header>
              <LocalAlert.Title as="h2">{text('nothing')}</LocalAlert.Title>
            </LocalAlert.Header>
            <LocalAlert.Content>{text('nothingHelp')}</LocalAlert.Content>
          </LocalAlert>
        )}
        {stage.at === 'failed' && !settings && (
          <Button as="a" variant="secondary" href={againAt(stage.failure)}>
            {text('signIn')}
          </Button>
        )}
      </VStack>
    </main>
  )
}

/** Who can be in this app with one click, in a demo. */
const DEMO_USERS = ['nurse', 'gp'] as const

const asked = (launch: string | undefined) => ({ scope: scopeAsked(launch !== undefined), ...launched(launch) })
const launched = (launch: string | undefined) => (launch === undefined ? {} : { launch })

/** A patient whom the EHR has open is shown; what it asks for by another name than the patient's is the worklist. */
const firstPlaceOf = ({ patient, intent }: Session): string =>
  patient !== undefined && intent !== 'worklist' ? `patient/${patient}` : FIRST_SCREEN

const againAt = ({ launched: given }: SignInFailure) => BASE + (given ? `launch?${new URLSearchParams(given)}` : '')

function Failed({ failure }: { failure: SignInFailure }) {
  const text = useTexts(LAUNCH_TEXTS)
  const detail = failure.message
  return (
    <LocalAlert status="error">
      <LocalAlert.Header>
        <LocalAlert.Title as="h2">{text(failure.code, { detail })}</LocalAlert.Title>
      </LocalAlert.Header>
      <LocalAlert.Content>{text(`${failure.code}Help`, { detail })}</LocalAlert.Content>
    </LocalAlert>
  )
}
