import { BodyShort, Button, Heading, Loader, LocalAlert, VStack } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { FIRST_SCREEN } from '../screens.tsx'
import { useTexts } from '../texts/use-texts.ts'
import type { Session } from './session.ts'
import { BASE, type Issuer, readSettings, type Settings } from './settings.ts'
import { beginSignIn, finishSignIn, issuerOf, SignInFailure, signInForDemo, signInInWindow } from './sign-in.ts'
import { LAUNCH_TEXTS } from './texts.ts'

type Stage =
  | { at: 'working' }
  /** Somebody must choose, or at least click: where to sign in, or because a window is opened. */
  | { at: 'asking'; settings: Settings; issuer?: Issuer; launch?: string }
  | { at: 'failed'; failure: SignInFailure; settings?: Settings }

type Props = {
  returnTo: string
  onSignedIn: (session: Session, returnTo: string) => void
}

/** Whether we stand in somebody's frame, where no server shows its sign-in. */
const isFramed = () => window.parent !== window

/**
 * Everything before there is a session: the launch by an EHR (`launch?iss=…&launch=…`), coming back from the server's sign-in, opening
 * the app by itself, and the demo's one click (`launch?demo=nurse`).
 */
export function LaunchScreen({ returnTo, onSignedIn }: Props) {
  const text = useTexts(LAUNCH_TEXTS)
  const [stage, setStage] = useState<Stage>({ at: 'working' })
  const hasBegun = useRef(false)
  const failed = (error: unknown, settings?: Settings) =>
    setStage({
      at: 'failed',
      failure: error instanceof SignInFailure ? error : new SignInFailure('failed', String(error)),
      ...(settings && { settings }),
    })

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
      return onSignedIn(session, to)
    }
    const settings = await readSettings().catch(() => {
      throw new SignInFailure('unreachable')
    })
    const iss = params.get('iss')
    if (iss !== null) {
      const issuer = issuerOf(settings, iss)
      const launch = params.get('launch') ?? undefined
      if (isFramed()) return setStage({ at: 'asking', settings, issuer, ...(launch !== undefined && { launch }) })
      location.assign(await beginSignIn(issuer, { returnTo: FIRST_SCREEN, ...(launch !== undefined && { launch }) }))
      return
    }
    const [own] = settings.issuers
    if (params.get('demo') === 'nurse' && settings.demo && own) return demo(own)
    setStage({ at: 'asking', settings })
  }

  const demo = async (own: Issuer) => onSignedIn(await signInForDemo(own.iss, own.clientId), returnTo)

  const go = async (issuer: Issuer, launch?: string) => {
    const asked = launch === undefined ? {} : { launch }
    if (isFramed()) onSignedIn(await signInInWindow(issuer, asked), returnTo)
    else location.assign(await beginSignIn(issuer, { ...asked, returnTo }))
  }

  if (stage.at === 'working') {
    return (
      <main className="launch" aria-busy="true">
        <Loader size="2xlarge" title={text('signingIn')} />
      </main>
    )
  }
  const { settings } = stage
  const issuer = stage.at === 'asking' ? stage.issuer : undefined
  const launch = stage.at === 'asking' ? stage.launch : undefined
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
          <Button onClick={() => void demo(offered[0] as Issuer).catch((error) => failed(error, settings))}>
            {text('demo')}
          </Button>
        )}
        {offered.map((one) => (
          <Button
            key={one.iss}
            variant={settings?.demo && launch === undefined ? 'secondary' : 'primary'}
            onClick={() => void go(one, launch).catch((error) => failed(error, settings))}
          >
            {offered.length > 1 ? text('signInAt', { host: new URL(one.iss).host }) : text('signIn')}
          </Button>
        ))}
        {isFramed() && offered.length > 0 && <BodyShort size="small">{text('framed')}</BodyShort>}
        {stage.at === 'asking' && offered.length === 0 && (
          <LocalAlert status="announcement">
            <LocalAlert.Header>
              <LocalAlert.Title as="h2">{text('nothing')}</LocalAlert.Title>
            </LocalAlert.Header>
            <LocalAlert.Content>{text('nothingHelp')}</LocalAlert.Content>
          </LocalAlert>
        )}
        {stage.at === 'failed' && !settings && (
          <Button as="a" variant="secondary" href={BASE}>
            {text('signIn')}
          </Button>
        )}
      </VStack>
    </main>
  )
}

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
