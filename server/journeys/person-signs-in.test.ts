import { createHash, randomUUID } from 'node:crypto'
import * as client from 'openid-client'
import type { Access } from '../access/access.ts'
import { reachOf } from '../access/reach.ts'
import { putClient } from '../authorization-server/clients/clients.ts'
import { createLaunch } from '../authorization-server/launch/launches.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { Browser } from './harness/browser.ts'

let database: TestDatabase
let app: AuthorizationApp
beforeAll(async () => {
  database = await startTestDatabase()
  app = await startAuthorizationApp(database.pool, { demo: true })
})
afterAll(async () => {
  await app?.stop()
  await database?.stop()
})

const CLIENT_ID = 'fylgje-apps'
const verifier = 'a'.repeat(50)
const challenge = createHash('sha256').update(verifier).digest('base64url')
const redirectUri = () => `${app.baseUrl}/apps/clinician/`

type Params = Record<string, string | undefined>
function authorizeUrl(params: Params = {}): URL {
  const url = new URL(`${app.baseUrl}/auth/authorize`)
  const all: Params = {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: redirectUri(),
    scope: 'openid fhirUser user/*.rs',
    state: randomUUID(),
    aud: `${app.baseUrl}/fhir`,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
  return url
}

/** Opens the authorize address and, if a login page comes, chooses this account on it. */
async function signIn(account: string, params: Params = {}, browser = new Browser()): Promise<URL> {
  const { response, url } = await browser.open(authorizeUrl(params), app.baseUrl)
  if (response.status !== 200) return url
  const action = /action="([^"]+\/login)"/.exec(await response.text())?.[1] ?? ''
  return (await browser.open(new URL(action, url), app.baseUrl, { account })).url
}

const redeem = (code: string, params: Params = {}) =>
  fetch(`${app.baseUrl}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      code,
      redirect_uri: redirectUri(),
      code_verifier: verifier,
      ...params,
    } as Record<string, string>),
  })
type Tokens = { access_token: string; scope: string; patient?: string; id_token?: string }
const codeIn = (url: URL) => url.searchParams.get('code') ?? ''
async function tokensFor(account: string, params: Params = {}, browser = new Browser()): Promise<Tokens> {
  const response = await redeem(codeIn(await signIn(account, params, browser)))
  return (await response.json()) as Tokens
}
const accessOf = (tokens: Tokens): Promise<Access> =>
  app.authenticate({ authorization: `Bearer ${tokens.access_token}` })

test('a nurse signs in with openid-client: ID token, fhirUser, and access under her own name', async () => {
  const config = await client.discovery(new URL(`${app.baseUrl}/auth`), CLIENT_ID, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
  const nonce = client.randomNonce()
  const state = client.randomState()
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri(),
    scope: 'openid fhirUser profile user/*.cruds',
    aud: `${app.baseUrl}/fhir`,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const callback = await signIn('demo-nurse', Object.fromEntries(url.searchParams))
  const tokens = await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier,
    expectedNonce: nonce,
    expectedState: state,
  })
  expect(tokens.claims()).toMatchObject({
    sub: 'demo-nurse',
    name: 'Kari Nordlys',
    fhirUser: `${app.baseUrl}/fhir/Practitioner/demo-nurse`,
    iss: `${app.baseUrl}/auth`,
    aud: CLIENT_ID,
  })
  expect(tokens).toMatchObject({ scope: 'openid fhirUser profile user/*.cruds', expires_in: 3600 })
  const access = await app.authenticate({ authorization: `Bearer ${tokens.access_token}` })
  expect(access).toMatchObject({ actor: 'Practitioner/demo-nurse', clientId: CLIENT_ID })
  expect(access.scopes.map(({ text }) => text)).toContain('user/*.cruds')
})

test('a patient gets her own compartment, no more letters than she may have, and is told which patient', async () => {
  const tokens = await tokensFor('demo-line', { scope: 'openid fhirUser launch/patient patient/*.cruds user/*.cruds' })
  expect(tokens).toMatchObject({ patient: 'demo-line' })
  expect(tokens.scope.split(' ').sort()).toEqual(
    [
      'fhirUser',
      'launch/patient',
      'openid',
      'patient/*.rs',
      'patient/Observation.crs',
      'patient/QuestionnaireResponse.crus',
      'patient/Communication.crs',
      // Pictures.
      'patient/Media.crs',
      'patient/Consent.crus',
      // Whom she shares with.
      'patient/RelatedPerson.crus',
    ].sort(),
  )
  const access = await accessOf(tokens)
  expect(access).toMatchObject({ actor: 'Patient/demo-line', patient: 'demo-line' })
  const own = { kind: 'parts', parts: [{ whose: { kind: 'patient', patient: 'demo-line' } }] }
  expect(reachOf(access, 'Observation', 'c')).toMatchObject(own)
  expect(reachOf(access, 'CarePlan', 'r')).toMatchObject(own)
  expect(reachOf(access, 'CarePlan', 'u')).toEqual({ kind: 'none' })
})

test('a nurse without a launch who asks for nothing of one patient gets none in context', async () => {
  const tokens = await tokensFor('demo-nurse', { scope: 'user/Task.rs' })
  expect(tokens).toMatchObject({ scope: 'user/Task.rs' })
  expect(tokens).not.toHaveProperty('patient')
})

test('scopes that nobody knows are left out', async () =>
  expect(await tokensFor('demo-nurse', { scope: 'user/Task.rs user/Task.dus nonsense' })).toMatchObject({
    scope: 'user/Task.rs',
  }))

test('who is signed in is not asked again, unless the app says so with prompt=login', async () => {
  const browser = new Browser()
  await tokensFor('demo-nurse', {}, browser)
  const { url } = await browser.open(authorizeUrl(), app.baseUrl)
  expect(codeIn(url)).not.toBe('')
  const { response } = await browser.open(authorizeUrl({ prompt: 'login' }), app.baseUrl)
  expect(await response.text()).toContain('Line Danser')
})

describe('an EHR launch', () => {
  const launchFor = (patient: string, fhirUser?: string) =>
    createLaunch(database.pool, {
      clientId: CLIENT_ID,
      context: { patient, need_patient_banner: false },
      ...(fhirUser ? { fhirUser } : {}),
    })
  const SCOPE = 'launch patient/Observation.rs'

  test('gives the context to the app, and its patient alone', async () => {
    const tokens = await tokensFor('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-a') })
    expect(tokens).toMatchObject({ patient: 'patient-a', need_patient_banner: false, scope: SCOPE })
    expect(await accessOf(tokens)).toMatchObject({ patient: 'patient-a', scopes: [{ level: 'patient' }] })
  })

  test('with openid-client gives the patient beside the ID token', async () => {
    const config = await client.discovery(new URL(`${app.baseUrl}/auth`), CLIENT_ID, undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    })
    const [nonce, state, pkceCodeVerifier] = [
      client.randomNonce(),
      client.randomState(),
      client.randomPKCECodeVerifier(),
    ]
    const url = client.buildAuthorizationUrl(config, {
      ...{ redirect_uri: redirectUri(), scope: `openid fhirUser ${SCOPE}`, aud: `${app.baseUrl}/fhir`, state, nonce },
      ...{ launch: await launchFor('patient-b'), code_challenge_method: 'S256' },
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    })
    const callback = await signIn('demo-nurse', Object.fromEntries(url.searchParams))
    const expected = { pkceCodeVerifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true }
    const tokens = await client.authorizationCodeGrant(config, callback, expected)
    expect(tokens).toMatchObject({ patient: 'patient-b', need_patient_banner: false })
    expect(tokens.claims()?.fhirUser).toBe(`${app.baseUrl}/fhir/Practitioner/demo-nurse`)
    expect(await accessOf(tokens as unknown as Tokens)).toMatchObject({ patient: 'patient-b' })
  })

  test('for another patient in the same browser gets that patient, and the first window keeps its own', async () => {
    const browser = new Browser()
    const first = await tokensFor('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-a') }, browser)
    const second = await tokensFor('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-b') }, browser)
    expect([first.patient, second.patient]).toEqual(['patient-a', 'patient-b'])
    expect([(await accessOf(first)).patient, (await accessOf(second)).patient]).toEqual(['patient-a', 'patient-b'])
  })

  test('in a second window does not disturb the first, which has not redeemed its code yet', async () => {
    const browser = new Browser()
    const first = codeIn(await signIn('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-a') }, browser))
    const second = codeIn(await signIn('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-b') }, browser))
    for (const [code, patient] of [
      [first, 'patient-a'],
      [second, 'patient-b'],
    ] as const)
      expect(await (await redeem(code)).json()).toMatchObject({ patient })
  })

  test('can be used once', async () => {
    const launch = await launchFor('patient-a')
    expect(codeIn(await signIn('demo-nurse', { scope: SCOPE, launch }))).not.toBe('')
    expect((await signIn('demo-nurse', { scope: SCOPE, launch })).searchParams.get('error')).toBe('invalid_request')
  })

  test('that two windows use at the same moment lets one of them in', async () => {
    const launch = await launchFor('patient-a')
    const urls = await Promise.all([1, 2, 3, 4].map(() => signIn('demo-nurse', { scope: SCOPE, launch })))
    expect(urls.filter((url) => codeIn(url) !== '')).toHaveLength(1)
  })

  test('for somebody else is refused', async () => {
    const url = await signIn('demo-nurse', { scope: SCOPE, launch: await launchFor('patient-a', 'Patient/demo-line') })
    expect(url.searchParams.get('error')).toBe('access_denied')
  })

  test('does not show a patient another patient', async () => {
    const url = await signIn('demo-line', { scope: SCOPE, launch: await launchFor('patient-a') })
    expect(url.searchParams.get('error')).toBe('access_denied')
  })

  test.each([
    ['without the parameter', async () => ({ scope: SCOPE })],
    ['that nobody made', async () => ({ scope: SCOPE, launch: 'guess' })],
    [
      'that was made for another client',
      async () => {
        const context = { patient: 'patient-a', need_patient_banner: false }
        return { scope: SCOPE, launch: await createLaunch(database.pool, { clientId: 'demo-service', context }) }
      },
    ],
    [
      'that has expired',
      async () => {
        const launch = await launchFor('patient-a')
        await database.pool.query("UPDATE launch SET expires_at = now() - interval '1 second'")
        return { scope: SCOPE, launch }
      },
    ],
  ] as const)('%s is refused before anybody signs in', async (_name, params) => {
    const { url } = await new Browser().open(authorizeUrl(await params()), app.baseUrl)
    expect(url.searchParams.get('error')).toBe('invalid_request')
  })
})

test.each([
  ['plain PKCE', { code_challenge_method: 'plain', code_challenge: verifier }, 'invalid_request'],
  ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['no aud', { aud: undefined }, 'invalid_request'],
  ['the aud of another server', { aud: 'https://inferno.healthit.gov/invalid_aud' }, 'invalid_request'],
  ['another response type', { response_type: 'id_token', nonce: 'n' }, 'unsupported_response_type'],
] as const)('%s goes back to the app as an error, with its state and without a code', async (_name, params, error) => {
  const { url } = await new Browser().open(authorizeUrl({ ...params, state: 'as-sent' }), app.baseUrl)
  const answer = new URLSearchParams(url.search || url.hash.slice(1))
  expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual([error, 'as-sent', null])
  expect(url.href.startsWith(redirectUri())).toBe(true)
})

test('a request for nothing that can be granted is denied', async () => {
  const url = await signIn('demo-line', { scope: 'user/*.cruds' })
  expect(url.searchParams.get('error')).toBe('access_denied')
})

test.each([
  ['an unknown client', { client_id: 'BAD_CLIENT_ID' }],
  ['an address that is not registered', { redirect_uri: 'https://evil.example.org/' }],
  ['an address below one that is registered', { redirect_uri: 'BELOW' }],
])('%s is told on a page here, and nobody is sent anywhere', async (_name, params) => {
  const given =
    'redirect_uri' in params && params.redirect_uri === 'BELOW' ? { redirect_uri: `${redirectUri()}x` } : params
  const { response, url } = await new Browser().open(authorizeUrl(given), app.baseUrl)
  expect([response.status, url.pathname]).toEqual([400, '/auth/authorize'])
  expect(await response.text()).toContain('Innloggingen kunne ikke fullføres')
})

test.each([
  ['no verifier', { code_verifier: '' }],
  ['another verifier', { code_verifier: 'b'.repeat(50) }],
  ['the challenge as verifier', { code_verifier: challenge }],
  ['another redirect_uri', { redirect_uri: 'https://evil.example.org/' }],
  ['another code', { code: 'BAD_CODE' }],
])('a code is not redeemed with %s', async (_name, params) => {
  const response = await redeem(codeIn(await signIn('demo-nurse')), params)
  expect([response.status, (await response.json()).error]).toEqual([
    400,
    expect.stringMatching(/^invalid_(grant|request)$/),
  ])
})

test('a code is not redeemed by another client', async () => {
  await putClient(database.pool, {
    client_id: 'other-app',
    client_name: 'Other',
    token_endpoint_auth_method: 'none',
    secret_hash: null,
    grant_types: ['authorization_code'],
    redirect_uris: [redirectUri()],
    allowed_scope: 'user/*.rs',
    token_lifetime_seconds: 300,
    demo: false,
  })
  const response = await redeem(codeIn(await signIn('demo-nurse')), { client_id: 'other-app' })
  expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_grant'])
})

test('of eight who redeem one code at the same moment, one gets a token', async () => {
  const code = codeIn(await signIn('demo-nurse'))
  const responses = await Promise.all(Array.from({ length: 8 }, () => redeem(code)))
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400, 400, 400])
})

test('a code that is redeemed again ends the token that it gave the first time', async () => {
  const code = codeIn(await signIn('demo-nurse'))
  const tokens = (await (await redeem(code)).json()) as Tokens
  await accessOf(tokens)
  expect((await redeem(code)).status).toBe(400)
  await expect(accessOf(tokens)).rejects.toMatchObject({ status: 401 })
})

test('a token ends with the account that it was given for', async () => {
  await database.pool.query("INSERT INTO account VALUES ('leaver', 'Anne', 'Practitioner/leaver', 'user/*.rs', true)")
  const tokens = await tokensFor('leaver')
  const browser = new Browser()
  await tokensFor('leaver', {}, browser)
  await database.pool.query("DELETE FROM account WHERE account_id = 'leaver'")
  await expect(accessOf(tokens)).rejects.toMatchObject({ status: 401 })
  const { response } = await browser.open(authorizeUrl(), app.baseUrl)
  expect(await response.text()).toContain('<h1>Logg inn</h1>')
})

describe('the login page', () => {
  const open = async (params: Params = {}) => {
    const browser = new Browser()
    const { response, url } = await browser.open(authorizeUrl(params), app.baseUrl)
    return { browser, response, url, html: await response.text() }
  }

  test('names the app and every demo user, in bokmål, and keeps others from framing it', async () => {
    const { html, response } = await open()
    expect(html).toContain('<html lang="nb">')
    for (const text of [
      'Logg inn',
      'Fylgje vil ha tilgang',
      'Kari Nordlys',
      'Helsepersonell',
      'Line Danser',
      'Pasient',
    ])
      expect(html).toContain(text)
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('cache-control')).toContain('no-store')
  })

  test('turns to English by its link', async () => {
    const { browser, url } = await open()
    const { response } = await browser.open(new URL('?lang=en', url), app.baseUrl)
    expect(await response.text()).toContain('<h1>Sign in</h1>')
  })

  test('turns to English when the app asks for it', async () =>
    expect((await open({ ui_locales: 'en' })).html).toContain('<h1>Sign in</h1>'))

  test('lets the person go back without signing in', async () => {
    const { browser, html, url } = await open()
    const cancel = /action="([^"]+\/cancel)"/.exec(html)?.[1] ?? ''
    const end = await browser.open(new URL(cancel, url), app.baseUrl, {})
    expect(end.url.searchParams.get('error')).toBe('access_denied')
  })

  test('cannot be answered by somebody who does not have its cookie', async () => {
    const { html, url } = await open()
    const action = /action="([^"]+\/login)"/.exec(html)?.[1] ?? ''
    const { response } = await new Browser().open(new URL(action, url), app.baseUrl, { account: 'demo-nurse' })
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
  })

  test.each([{ account: 'nobody' }, { account: '' }, {}])('does not let %j in', async (form) => {
    const { browser, html, url } = await open()
    const action = /action="([^"]+\/login)"/.exec(html)?.[1] ?? ''
    const end = await browser.open(new URL(action, url), app.baseUrl, form as Record<string, string>)
    expect(end.response.status).toBe(400)
    expect(codeIn(end.url)).toBe('')
  })
})
