import { bytesOf } from '../fhir/base64.ts'
import { forget, keep, kept } from './kept.ts'
import type { Session } from './session.ts'
import { BASE, findIssuer, type Issuer, type Settings } from './settings.ts'

/** Why nobody could be signed in. `code` says what a person can do about it; the texts of it are in `texts.ts`. */
export class SignInFailure extends Error {
  readonly code: 'unknown-issuer' | 'unreachable' | 'no-pkce' | 'denied' | 'expired' | 'failed'
  /** What it was a launch of: tried again without it, the app would be open without the patient. */
  readonly launched: Launched | undefined
  constructor(code: SignInFailure['code'], detail = '', launched?: Launched) {
    super(detail)
    this.code = code
    this.launched = launched
  }
}

type Launched = { iss: string; launch: string }

type Endpoints = { authorization: string; token: string }

/** What must be known when the browser comes back from the server's sign-in. */
type Pending = {
  issuer: Issuer
  tokenEndpoint: string
  verifier: string
  redirectUri: string
  /** Where in the app it goes on; left out, where the launch leads. */
  returnTo?: string
  launch?: string
}

export type Asked = {
  /** What the app asks for, where the server's entry in APP_ISSUERS says nothing else. */
  scope: string
  /** As the EHR gave it; undefined for a worklist. */
  launch?: string
  returnTo?: string
  /** Asked anew who it is, also where the server remembers somebody. */
  isOtherPerson?: boolean
}

const PENDING = 'fylgje.sign-in.'
const VERIFIER_BYTES = 48
const STATE_BYTES = 24

/** @throws SignInFailure unknown-issuer: anybody can make a link to us; only servers that we know may ask people to sign in */
export function issuerOf(settings: Settings, iss: string): Issuer {
  const issuer = findIssuer(settings, iss)
  if (!issuer) throw new SignInFailure('unknown-issuer', iss)
  return issuer
}

/** @returns the address of the server's sign-in, to go to */
export async function beginSignIn(issuer: Issuer, asked: Asked): Promise<string> {
  return (await prepare(issuer, asked, `${location.origin}${BASE}`)).address
}

/**
 * What came back with the browser. Good once: what was kept for it is forgotten.
 * @param search `?code=…&state=…` or `?error=…&state=…`
 */
export async function finishSignIn(search: string): Promise<{ session: Session; returnTo?: string }> {
  const params = new URLSearchParams(search)
  const state = params.get('state') ?? ''
  const pending = kept<Pending>(PENDING + state)
  forget(PENDING + state)
  if (!pending) throw new SignInFailure('expired')
  const { issuer, launch } = pending
  const launched = launch === undefined ? undefined : { iss: issuer.iss, launch }
  const error = params.get('error')
  if (error) {
    const detail = params.get('error_description') ?? error
    throw new SignInFailure(error === 'access_denied' ? 'denied' : 'failed', detail, launched)
  }
  const answer = await askToken(pending.tokenEndpoint, {
    grant_type: 'authorization_code',
    code: params.get('code') ?? '',
    redirect_uri: pending.redirectUri,
    client_id: issuer.clientId,
    code_verifier: pending.verifier,
  })
  return {
    session: toSession(pending, answer),
    ...(pending.returnTo !== undefined && { returnTo: pending.returnTo }),
  }
}

/**
 * Signs in in a window of its own: in a frame, where servers do not show their sign-in, or while something is typed that must not be lost.
 * Must be called from a click, for the window is opened before anything else is done.
 */
export async function signInInWindow(issuer: Issuer, asked: Omit<Asked, 'returnTo'>): Promise<Session> {
  const opened = window.open('about:blank', '_blank', 'popup,width=520,height=720')
  if (!opened) throw new SignInFailure('failed', 'popup')
  try {
    const { address, state } = await prepare(issuer, asked, `${location.origin}${BASE}signed-in.html`)
    opened.location.href = address
    return (await finishSignIn(await answerOf(opened, state))).session
  } catch (error) {
    opened.close()
    throw error
  }
}

/** The `search` of the page that the sign-in ended at, once its window tells it. */
function answerOf(opened: Window, state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearInterval(timer)
      removeEventListener('message', onMessage)
    }
    const onMessage = ({ origin, data }: MessageEvent) => {
      const isOurs = origin === location.origin && data?.fylgje === 'signed-in' && typeof data.search === 'string'
      if (!isOurs || new URLSearchParams(data.search).get('state') !== state) return
      stop()
      resolve(data.search)
    }
    addEventListener('message', onMessage)
    // Whoever closes the window has changed their mind; its message comes before it is closed.
    const timer = setInterval(() => {
      if (!opened.closed) return
      stop()
      reject(new SignInFailure('denied'))
    }, 500)
  })
}

async function prepare(issuer: Issuer, { scope, launch, returnTo, isOtherPerson }: Asked, redirectUri: string) {
  const endpoints = await discover(issuer.iss)
  const verifier = random(VERIFIER_BYTES)
  const state = random(STATE_BYTES)
  const pending: Pending = {
    ...{ issuer, tokenEndpoint: endpoints.token, verifier, redirectUri },
    ...(returnTo !== undefined && { returnTo }),
    ...(launch !== undefined && { launch }),
  }
  keep(PENDING + state, pending)
  const address = new URL(endpoints.authorization)
  const params = {
    response_type: 'code',
    client_id: issuer.clientId,
    redirect_uri: redirectUri,
    scope: issuer.scope ?? scope,
    state,
    aud: issuer.iss,
    ...(launch === undefined ? {} : { launch }),
    ...(isOtherPerson ? { prompt: 'login' } : {}),
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(params)) address.searchParams.set(name, value)
  return { address: address.href, state }
}

/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */
async function discover(iss: string): Promise<Endpoints> {
  const response = await fetch(`${iss}/.well-known/smart-configuration`, {
    headers: { accept: 'application/json' },
  }).catch(() => undefined)
  if (!response?.ok) throw new SignInFailure('unreachable', iss)
  const found = (await response.json()) as Record<string, unknown>
  const methods = found.code_challenge_methods_supported
  // Without it whoever sees the code can use it.
  if (!Array.isArray(methods) || !methods.includes('S256')) throw new SignInFailure('no-pkce', iss)
  return { authorization: String(found.authorization_endpoint), token: String(found.token_endpoint) }
}

/** https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#response-5 */
type TokenAnswer = {
  access_token: string
  expires_in?: number
  refresh_token?: string
  scope?: string
  patient?: string
  encounter?: string
  need_patient_banner?: boolean
  intent?: string
  smart_web_messaging_handle?: string
  smart_web_messaging_origin?: string
  id_token?: string
}

/** A server that is away, or has too much to do, says nothing of whether a session goes on. */
const isAway = ({ status }: Response) => status >= 500 || status === 429

async function askToken(endpoint: string, params: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(params) }).catch(() => undefined)
  if (!response || isAway(response)) throw new SignInFailure('unreachable', endpoint)
  const answer = (await response.json().catch(() => ({}))) as TokenAnswer & {
    error?: string
    error_description?: string
  }
  if (!response.ok || !answer.access_token) {
    const isOver = answer.error === 'invalid_grant'
    throw new SignInFailure(isOver ? 'expired' : 'failed', answer.error_description ?? `HTTP ${response.status}`)
  }
  return answer
}

/** A server that says nothing of how long a token is good is asked anew soon. */
const EXPIRES_SECONDS = 300
const expiryOf = ({ expires_in = EXPIRES_SECONDS }: { expires_in?: number }) => Date.now() + expires_in * 1000

function toSession({ issuer, tokenEndpoint }: Pending, answer: TokenAnswer): Session {
  const { fhirUser, userName } = userOf(answer.id_token)
  return {
    ...{ iss: issuer.iss, tokenEndpoint, clientId: issuer.clientId },
    ...{ accessToken: answer.access_token, expiresAt: expiryOf(answer), scope: answer.scope ?? '' },
    ...(answer.refresh_token && { refreshToken: answer.refresh_token }),
    ...(issuer.scope && { askedScope: issuer.scope }),
    ...(answer.patient && { patient: answer.patient }),
    ...(answer.encounter && { encounter: answer.encounter }),
    ...(answer.intent && { intent: answer.intent }),
    ...messagingOf(answer),
    ...(fhirUser && { fhirUser }),
    ...(userName && { userName }),
    needPatientBanner: answer.need_patient_banner ?? true,
    isDemo: false,
  }
}

function messagingOf({ smart_web_messaging_handle: handle, smart_web_messaging_origin: origin }: TokenAnswer) {
  return handle && origin && URL.parse(origin)?.origin === origin ? { messaging: { handle, origin } } : {}
}

/** It came from the token endpoint itself, by TLS, so its signature proves nothing more (OpenID Connect Core 3.1.3.7, 6). */
function userOf(idToken: string | undefined): Pick<Session, 'fhirUser' | 'userName'> {
  const [, payload] = idToken?.split('.') ?? []
  if (!payload) return {}
  const claims = JSON.parse(new TextDecoder().decode(bytesOf(payload))) as {
    fhirUser?: string
    profile?: string
    name?: string
  }
  const fhirUser = /[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(claims.fhirUser ?? claims.profile ?? '')?.[0]
  return { ...(fhirUser && { fhirUser }), ...(claims.name && { userName: claims.name }) }
}

/** The same session with a new token. @throws SignInFailure expired when the server takes the refresh token no longer */
export async function renew(session: Session): Promise<Session> {
  if (session.isDemo) return signInForDemo(session, demoUserOf(session))
  if (!session.refreshToken) throw new SignInFailure('expired')
  const answer = await askToken(session.tokenEndpoint, {
    grant_type: 'refresh_token',
    refresh_token: session.refreshToken,
    client_id: session.clientId,
  })
  return {
    ...session,
    ...{ accessToken: answer.access_token, expiresAt: expiryOf(answer), scope: answer.scope ?? session.scope },
    refreshToken: answer.refresh_token ?? session.refreshToken,
  }
}

/** How long somebody who signs out waits for the server: without a net they are signed out here all the same. */
const SIGN_OUT_MILLIS = 3_000

/**
 * Takes the tokens back, and ends the sign-in that the server's own pages remember, where they are of this origin: else whoever uses the
 * device next would be let in without being asked. Never fails.
 */
export async function signOut(session: Session): Promise<void> {
  const signal = AbortSignal.timeout(SIGN_OUT_MILLIS)
  const leave = async () => {
    const address = new URL('../account/logout', `${session.iss}/`)
    if (address.origin === location.origin) await fetch(address, { method: 'POST', redirect: 'manual', signal })
  }
  await Promise.allSettled([takeBack(session, signal), leave()])
}

/** Takes the tokens of one window back, and leaves the others as they are. Never fails. */
export async function takeBack(
  { iss, clientId, refreshToken, accessToken }: Session,
  signal = AbortSignal.timeout(SIGN_OUT_MILLIS),
): Promise<void> {
  try {
    const found = await fetch(`${iss}/.well-known/smart-configuration`, { signal })
    const { revocation_endpoint: endpoint } = (await found.json()) as { revocation_endpoint?: string }
    if (!endpoint) return
    const body = new URLSearchParams({ token: refreshToken ?? accessToken, client_id: clientId })
    await fetch(endpoint, { method: 'POST', body, signal })
  } catch {
    // Without a net they end by themselves.
  }
}

export type DemoUser = 'nurse' | 'gp' | 'patient' | 'kin'

/** Who somebody in the demo was who goes on. */
export function demoUserOf({ fhirUser = '' }: Pick<Session, 'fhirUser'>): DemoUser {
  if (fhirUser.startsWith('RelatedPerson/')) return 'kin'
  if (fhirUser.startsWith('Patient/')) return 'patient'
  return fhirUser === 'Practitioner/demo-gp' ? 'gp' : 'nurse'
}

/** With one click, as the demo's nurse, GP, patient or next of kin; there is no such address outside of a demo. */
export async function signInForDemo(
  { iss, clientId }: Pick<Issuer, 'iss' | 'clientId'>,
  user: DemoUser,
): Promise<Session> {
  const response = await fetch(new URL('../demo/session', `${iss}/`), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  }).catch(() => undefined)
  if (!response || isAway(response)) throw new SignInFailure('unreachable', iss)
  if (!response.ok) throw new SignInFailure('failed', `HTTP ${response.status}`)
  const answer = (await response.json()) as TokenAnswer & { fhirUser?: string; name?: string }
  return {
    ...(answer.patient && { patient: answer.patient }),
    ...{ iss, tokenEndpoint: '', clientId, accessToken: answer.access_token, scope: answer.scope ?? '' },
    ...(answer.fhirUser && { fhirUser: answer.fhirUser }),
    ...(answer.name && { userName: answer.name }),
    ...{ expiresAt: expiryOf(answer), needPatientBanner: true, isDemo: true },
  }
}

function random(byteCount: number): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(byteCount)))
}

async function challengeOf(verifier: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}

const toBase64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
