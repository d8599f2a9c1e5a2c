import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bundle, Endpoint, OperationOutcome, Organization } from '@medplum/fhirtypes'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, UnsecuredJWT } from 'jose'
import pg from 'pg'
import type { Browser as ChromiumBrowser } from 'playwright-core'
import { BRAND_PROFILES } from './harness/brand-profiles.ts'
import { Browser } from './harness/browser.ts'
import { openChromium } from './harness/chromium.ts'
import { type FhirclientApp, type FhirclientFound, startFhirclientApp } from './harness/fhirclient-app.ts'
import {
  adminToken,
  type ClientKey,
  newClientKey,
  registerClient,
  SmartApp,
  type TokenResponse,
} from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

// The numbers in the names are those of the checks that the public test kits for SMART App Launch 2.2 make.

const REDIRECT = 'https://app.example.org/callback'
const LAUNCH_URI = 'https://app.example.org/launch'
const LINE = 'demo-line'
const CONTEXT = { scope: 'openid fhirUser offline_access launch/patient patient/*.rs' }
/** A type for each that a compartment's app would ask for. */
const TYPES = ['Patient', 'Observation', 'Condition', 'CarePlan', 'CareTeam', 'Goal', 'Encounter', 'Practitioner']

let server: RunningServer
let keys: { es384: ClientKey; rs384: ClientKey }
let keyServer: Server
let publishedKeys: { keys: object[]; cacheControl: string }
let keyFetches = 0
let jwksUri: string
let apps: Record<'public' | 'basic' | 'rs384' | 'es384', SmartApp>
let backend: SmartApp
let encounter: string

beforeAll(async () => {
  server = await startServer()
  keys = { es384: await newClientKey('ES384', 'es'), rs384: await newClientKey('RS384', 'rs') }
  publishedKeys = { keys: [keys.es384.publicJwk], cacheControl: 'max-age=600' }
  keyServer = createServer((_req, res) => {
    keyFetches++
    res.setHeader('content-type', 'application/json').setHeader('cache-control', publishedKeys.cacheControl)
    res.end(JSON.stringify({ keys: publishedKeys.keys }))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => keyServer.once('listening', resolve))
  jwksUri = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks.json`
  const common = {
    client_name: 'Prøveapp',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [REDIRECT],
    launch_uris: [LAUNCH_URI],
    scope: 'patient/*.cruds user/*.cruds',
  }
  const register = async (method: string, more: object = {}) => {
    const client = await registerClient(server.baseUrl, { ...common, token_endpoint_auth_method: method, ...more })
    return { ...client, redirect_uri: REDIRECT }
  }
  apps = {
    public: new SmartApp(server, await register('none')),
    basic: new SmartApp(server, await register('client_secret_basic')),
    rs384: new SmartApp(server, {
      ...(await register('private_key_jwt', { jwks: { keys: [keys.rs384.publicJwk] } })),
      key: keys.rs384,
    }),
    es384: new SmartApp(server, { ...(await register('private_key_jwt', { jwks_uri: jwksUri })), key: keys.es384 }),
  }
  const service = await registerClient(server.baseUrl, {
    ...{ client_name: 'Tjeneste', token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
    ...{ jwks: { keys: [keys.es384.publicJwk] }, scope: 'system/*.rs' },
  })
  backend = new SmartApp(server, { ...service, key: keys.es384 })
  encounter = await createEncounter()
})
afterAll(async () => {
  keyServer?.close()
  await server?.dispose()
})

async function createEncounter(): Promise<string> {
  const response = await fetch(`${server.fhir}/Encounter`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      ...{ resourceType: 'Encounter', status: 'in-progress', subject: { reference: `Patient/${LINE}` } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
    }),
  })
  return ((await response.json()) as { id: string }).id
}

async function ehrLaunch(
  app: SmartApp,
  more: object = {},
): Promise<{ launch: string; launch_url: string; error?: string; error_description?: string }> {
  const response = await fetch(`${server.baseUrl}/auth/launch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await adminToken(server.baseUrl, 'fylgje/launch.create')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ client_id: app.clientId, patient: LINE, encounter, ...more }),
  })
  return (await response.json()) as { launch: string; launch_url: string }
}

describe('discovery', () => {
  let smart: Record<string, unknown>
  test('1–3, 9: smart-configuration is JSON with what an app must know', async () => {
    const response = await fetch(`${server.fhir}/.well-known/smart-configuration`, {
      headers: { accept: 'application/json' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    smart = (await response.json()) as Record<string, unknown>
    for (const name of [
      'authorization_endpoint',
      'token_endpoint',
      'issuer',
      'jwks_uri',
      'introspection_endpoint',
      'revocation_endpoint',
      'registration_endpoint',
      'management_endpoint',
    ])
      expect([name, URL.canParse(String(smart[name]))]).toEqual([name, true])
    expect(smart.grant_types_supported).toEqual(expect.arrayContaining(['authorization_code', 'client_credentials']))
    expect(smart.code_challenge_methods_supported).toEqual(['S256'])
    expect(smart.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['private_key_jwt', 'client_secret_basic']),
    )
    expect(smart.token_endpoint_auth_signing_alg_values_supported).toEqual(expect.arrayContaining(['RS384', 'ES384']))
    expect(smart.scopes_supported).toEqual(
      expect.arrayContaining(['openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access']),
    )
  })
  test('4, 7, 8: it names every capability that the sets for standalone and EHR launch ask for', () => {
    const wanted = [
      ...['launch-standalone', 'launch-ehr', 'client-public', 'client-confidential-symmetric', 'authorize-post'],
      ...[
        'client-confidential-asymmetric',
        'sso-openid-connect',
        'context-banner',
        'context-style',
        'context-ehr-patient',
      ],
      ...['context-ehr-encounter', 'context-standalone-patient', 'permission-offline', 'permission-online'],
      ...['permission-patient', 'permission-user', 'permission-v1', 'permission-v2'],
    ]
    expect((smart.capabilities as string[]).sort()).toEqual(wanted.sort())
  })
  test.each(['.well-known/smart-configuration', 'metadata'])(
    '5, 6: %s may be read by pages of every origin',
    async (path) => {
      const response = await fetch(`${server.fhir}/${path}`, { headers: { origin: 'https://anyone.example.org' } })
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    },
  )
  test('58–61: the brand under which patients find it, with its one endpoint, may be read by every page', async () => {
    const address = String(smart.user_access_brand_bundle)
    const response = await fetch(address, { headers: { origin: 'https://anyone.example.org' } })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    const etag = response.headers.get('etag') ?? ''
    expect([etag.slice(0, 3), (await fetch(address, { headers: { 'if-none-match': etag } })).status]).toEqual([
      'W/"',
      304,
    ])
    const bundle = (await response.json()) as Bundle<Organization | Endpoint>
    expect(bundle).toMatchObject({ type: 'collection', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) })
    const all = (bundle.entry ?? []).map(({ resource }) => resource)
    const brands = all.filter((one) => one?.resourceType === 'Organization')
    const endpoints = all.filter((one) => one?.resourceType === 'Endpoint')
    expect(brands.map(({ identifier }) => identifier)).toEqual([[smart.user_access_brand_identifier]])
    const named = brands.flatMap(({ endpoint = [] }) => endpoint.map(({ reference }) => reference))
    expect(named).toEqual(endpoints.map(({ id }) => `Endpoint/${id}`))
    const portal = brands[0]?.extension?.find(({ url }) => url?.endsWith('/organization-portal'))?.extension ?? []
    expect(portal.find(({ url }) => url === 'portalEndpoint')?.valueReference?.reference).toBe(named[0])
    for (const { address: base } of endpoints) {
      expect((await (await fetch(`${base}/metadata`)).json()).resourceType).toBe('CapabilityStatement')
    }
    const send = async (method: string, path: string, body: object) =>
      fetch(`${server.fhir}/${path}`, {
        ...{ method, body: JSON.stringify(body) },
        headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
      })
    for (const profile of BRAND_PROFILES)
      expect((await send('PUT', `StructureDefinition/${profile.id}`, profile)).status).toBe(201)
    const errorsOf = async (judged: object) => {
      const { issue } = (await (await send('POST', 'Bundle/$validate', judged)).json()) as OperationOutcome
      return issue
        .filter(({ severity }) => severity === 'error' || severity === 'fatal')
        .flatMap(({ expression }) => expression)
    }
    expect(await errorsOf(bundle)).toEqual([])
    const spoiled = structuredClone(bundle)
    const [brand, endpoint] = (spoiled.entry ?? []).map(({ resource }) => resource)
    delete (brand as Organization).telecom
    Object.assign(endpoint as Endpoint, { connectionType: { code: 'hl7v2-mllp' } })
    delete spoiled.timestamp
    expect((await errorsOf(spoiled)).sort()).toEqual([
      'Bundle.entry[0].resource.telecom',
      'Bundle.entry[1].resource.connectionType.code',
      'Bundle.timestamp',
    ])
  })
  test('22, 23: the configuration of OpenID Connect is there too', async () => {
    const response = await fetch(`${smart.issuer}/.well-known/openid-configuration`)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    const openid = (await response.json()) as Record<string, unknown>
    for (const name of ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'])
      expect(openid[name]).toBe(smart[name])
    expect(openid.response_types_supported).toEqual(['code'])
    expect(openid.subject_types_supported).toEqual(['public'])
    expect(openid.id_token_signing_alg_values_supported).toContain('RS256')
    expect(openid).not.toHaveProperty('pushed_authorization_request_endpoint')
  })
})

describe.each(['public', 'basic', 'rs384', 'es384'] as const)('an app that is %s', (kind) => {
  test.each(['GET', 'POST'] as const)('10–19, 21–27: standalone launch by %s', async (method) => {
    const app = apps[kind]
    const { url, state, verifier } = await app.authorize(CONTEXT, { account: LINE }, { method })
    expect(url.href.startsWith(REDIRECT)).toBe(true)
    expect([url.searchParams.get('state'), url.searchParams.get('error')]).toEqual([state, null])
    const response = await app.token(
      {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: REDIRECT,
        code_verifier: verifier,
      },
      kind === 'public' ? { origin: 'https://app.example.org' } : {},
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toContain('no-store')
    expect(response.headers.get('pragma')).toContain('no-cache')
    if (kind === 'public') expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.org')
    const tokens = (await response.json()) as TokenResponse
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: CONTEXT.scope, patient: LINE })
    expect(tokens.refresh_token).toEqual(expect.any(String))
    const [known, unknown] = [await app.fhir(tokens, `Patient/${LINE}`), await app.fhir(undefined, `Patient/${LINE}`)]
    expect([known.status, (await known.json()).resourceType, unknown.status]).toEqual([200, 'Patient', 401])
    await checkIdToken(app, tokens, `Patient/${LINE}`)
  })

  test('10–20: EHR launch', async () => {
    const app = apps[kind]
    const { launch_url } = await ehrLaunch(app, {
      user: 'Practitioner/demo-nurse',
      intent: 'reconcile',
      tenant: 'legekontor-7',
    })
    const { searchParams, origin, pathname } = new URL(launch_url)
    expect([origin + pathname, searchParams.get('iss')]).toEqual([LAUNCH_URI, server.fhir])
    const scope = `openid fhirUser offline_access launch ${TYPES.map((type) => `patient/${type}.rs`).join(' ')}`
    const launch = searchParams.get('launch') ?? ''
    expect(launch).not.toBe('')
    const tokens = await app.launch({ scope, launch }, { account: 'demo-nurse' })
    expect(tokens.scope.split(' ').sort()).toEqual(scope.split(' ').sort())
    expect(tokens).toMatchObject({
      patient: LINE,
      encounter,
      need_patient_banner: true,
      intent: 'reconcile',
      tenant: 'legekontor-7',
    })
    const style = await fetch(tokens.smart_style_url ?? '')
    expect([style.status, style.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ])
    for (const path of [`Patient/${LINE}`, `Encounter/${encounter}`])
      expect((await app.fhir(tokens, path)).status).toBe(200)
    await checkIdToken(app, tokens, 'Practitioner/demo-nurse')
  })

  test('28–30: it refreshes, without a scope and with one; the old refresh token is worth nothing then', async () => {
    const app = apps[kind]
    let tokens = await app.launch(CONTEXT, { account: LINE })
    for (const form of [{}, { scope: tokens.scope }]) {
      const response = await app.refresh(tokens.refresh_token ?? '', form as Record<string, string>)
      expect([response.status, response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual([
        200,
        'no-store',
        'no-cache',
      ])
      const renewed = (await response.json()) as TokenResponse
      expect(renewed).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: tokens.scope, patient: LINE })
      expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
      expect((await app.fhir(renewed, `Patient/${LINE}`)).status).toBe(200)
      tokens = renewed
    }
    const random = await app.refresh('a-refresh-token-that-nobody-has')
    expect([random.status, (await random.json()).error]).toEqual([400, 'invalid_grant'])
  })
})

async function checkIdToken(app: SmartApp, tokens: TokenResponse, fhirUser: string): Promise<void> {
  const idToken = tokens.id_token ?? ''
  const jwks = createRemoteJWKSet(new URL(`${server.baseUrl}/auth/jwks`))
  expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'RS256', kid: expect.any(String) })
  const { payload } = await jwtVerify(idToken, jwks, { issuer: `${server.baseUrl}/auth`, audience: app.clientId })
  expect(payload.aud).toBe(app.clientId)
  expect(payload).toMatchObject({ sub: expect.stringMatching(/^.{1,255}$/), iat: expect.any(Number) })
  expect(payload.exp).toBeGreaterThan(Date.now() / 1000)
  expect(payload.fhirUser).toBe(`${server.fhir}/${fhirUser}`)
  const response = await app.fhir(tokens, fhirUser)
  expect([response.status, (await response.json()).resourceType]).toEqual([200, fhirUser.split('/')[0]])
}

describe('scopes', () => {
  test('20: who asks in v1 is answered in v1, and what is meant is the same', async () => {
    const tokens = await apps.public.launch(
      { scope: 'launch/patient patient/Observation.read patient/Patient.read' },
      { account: LINE },
    )
    expect(tokens.scope).toBe('launch/patient patient/Observation.read patient/Patient.read')
    expect((await apps.public.fhir(tokens, 'Observation?_count=1')).status).toBe(200)
    expect((await apps.public.fhir(tokens, 'Condition?_count=1')).status).toBe(403)
  })
  /** What the public kits ask for: what is in a patient’s compartment there, and what is in nobody’s, which they take at either level. */
  const OF_PATIENT = [
    ...[
      'AllergyIntolerance',
      'CarePlan',
      'CareTeam',
      'Condition',
      'Coverage',
      'Device',
      'DiagnosticReport',
      'Encounter',
    ],
    ...[
      'DocumentReference',
      'Goal',
      'Immunization',
      'MedicationDispense',
      'MedicationRequest',
      'Observation',
      'Patient',
    ],
    ...['Procedure', 'Provenance', 'QuestionnaireResponse', 'RelatedPerson', 'ServiceRequest', 'Specimen'],
  ]
  const OF_NOBODY = ['Location', 'Medication', 'Organization', 'Practitioner', 'PractitionerRole']
  test.each([
    ['v2', 'rs', LINE, 'patient'],
    ['v1', 'read', LINE, 'patient'],
    ['v2', 'rs', 'demo-nurse', 'user'],
    ['v1', 'read', 'demo-nurse', 'user'],
  ])(
    '20: in %s (.%s) %s grants the whole compartment, each type at its level, and each is of use',
    async (_version, letters, account, levelOfOthers) => {
      const scopes = [
        ...OF_PATIENT.map((type) => `patient/${type}.${letters}`),
        ...OF_NOBODY.map((type) => `${levelOfOthers}/${type}.${letters}`),
      ]
      const { launch } = account === LINE ? { launch: undefined } : await ehrLaunch(apps.basic)
      const asked = [launch === undefined ? 'launch/patient' : 'launch', ...scopes]
      const tokens = await apps.basic.launch({ scope: asked.join(' '), launch }, { account })
      expect(tokens.scope.split(' ').sort()).toEqual(asked.sort())
      const entry = [...OF_PATIENT, ...OF_NOBODY].map((type) => ({
        request: { method: 'GET', url: `${type}?_count=1` },
      }))
      const found = await fetch(`${server.fhir}/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
      })
      const answers = ((await found.json()) as Bundle).entry?.map(({ response }) => response?.status.slice(0, 3))
      expect(answers).toEqual(entry.map(() => '200'))
      // What was not granted is refused, beside it.
      expect((await apps.basic.fhir(tokens, 'Task?_count=1')).status).toBe(403)
    },
  )
  test('refresh: fewer scopes may be asked for, and more may not', async () => {
    const tokens = await apps.public.launch(
      { scope: 'offline_access launch/patient patient/Observation.rs patient/Patient.rs' },
      { account: LINE },
    )
    const more = await apps.public.refresh(tokens.refresh_token ?? '', {
      scope: 'patient/Observation.rs patient/Goal.rs',
    })
    expect([more.status, (await more.json()).error]).toEqual([400, 'invalid_scope'])
    const fewer = await apps.public.refresh(tokens.refresh_token ?? '', { scope: 'patient/Patient.rs' })
    const renewed = (await fewer.json()) as TokenResponse
    expect(renewed.scope).toBe('patient/Patient.rs')
    expect((await apps.public.fhir(renewed, 'Observation?_count=1')).status).toBe(403)
  })
  test('43: types that the person refuses are not granted, and their searches are refused', async () => {
    const scope = `openid fhirUser offline_access launch/patient ${TYPES.map((type) => `patient/${type}.rs`).join(' ')}`
    const tokens = await apps.public.launch({ scope }, { account: LINE, untick: ['Condition', 'Goal', 'Encounter'] })
    const granted = tokens.scope.split(' ')
    for (const type of TYPES) {
      const isRefused = ['Condition', 'Goal', 'Encounter'].includes(type)
      expect([type, granted.includes(`patient/${type}.rs`)]).toEqual([type, !isRefused])
      if (type === 'Practitioner') continue
      expect([type, (await apps.public.fhir(tokens, `${type}?_count=1`)).status]).toEqual([type, isRefused ? 403 : 200])
    }
    expect(tokens.id_token).toEqual(expect.any(String))
  })
  test('44: a person may allow parts of a type; the whole of it is not granted then', async () => {
    const untick = [
      'Condition|encounter-diagnosis',
      ...['survey', 'laboratory', 'social-history', 'activity'].map((part) => `Observation|${part}`),
    ]
    const scope = 'launch/patient patient/Condition.rs patient/Observation.rs patient/Patient.rs'
    const tokens = await apps.public.launch({ scope }, { account: LINE, untick })
    const granted = tokens.scope.split(' ')
    expect(granted).toContain('patient/Patient.rs')
    expect(granted).not.toContain('patient/Observation.rs')
    expect(granted).toContain(
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs',
    )
    expect(granted.filter((word) => word.startsWith('patient/Condition'))).toEqual([
      'patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item',
    ])
  })
  test('offline access that is unticked is not given', async () => {
    const tokens = await apps.public.launch(CONTEXT, { account: LINE, untick: ['offline'] })
    expect([tokens.refresh_token, tokens.scope.includes('offline_access')]).toEqual([undefined, false])
  })
  test('a person who refuses everything gives the app nothing', async () => {
    const { url } = await apps.public.authorize(
      { scope: 'launch/patient patient/Goal.rs' },
      { account: LINE, untick: ['Goal'] },
    )
    expect([url.searchParams.get('error'), url.searchParams.get('code')]).toEqual(['access_denied', null])
  })
  test('a form that allows more than was asked for gives no more', async () => {
    const tokens = await apps.public.launch(
      { scope: 'launch/patient patient/Goal.rs patient/Task.cruds' },
      { account: LINE },
    )
    expect(tokens.scope).toBe('launch/patient patient/Goal.rs patient/Task.rs')
  })
})

describe('a patient must be chosen', () => {
  test('by a health professional whose app was not launched', async () => {
    const tokens = await apps.public.launch(
      { scope: 'launch/patient patient/Patient.rs' },
      { account: 'demo-nurse', patient: LINE },
    )
    expect(tokens).toMatchObject({ patient: LINE, scope: 'launch/patient patient/Patient.rs' })
    expect((await apps.public.fhir(tokens, `Patient/${LINE}`)).status).toBe(200)
  })
  test('on a page with names; one who is not there cannot be chosen', async () => {
    const shown = await apps.public.authorize({ scope: 'launch/patient patient/Patient.rs' }, { account: 'demo-nurse' })
    expect(shown.html).toContain('Velg pasient')
    expect(shown.html).toContain('name="patient"')
    const { url } = await apps.public.authorize(
      { scope: 'launch/patient patient/Patient.rs' },
      { account: 'demo-nurse', patient: 'nobody' },
    )
    expect(url.searchParams.get('error')).toBe('access_denied')
  })
  test('the pages of the server itself, and its engine’s name, open no patient to who signs in by them', async () => {
    const engine = new SmartApp(server, { client_id: 'fylgje', redirect_uri: `${server.baseUrl}/account/apps` })
    const refused = await engine.authorize({ scope: 'openid' })
    expect(refused.html).toContain('invalid_client')
    const pages = new SmartApp(server, { client_id: 'fylgje-account', redirect_uri: engine.redirectUri })
    const unknown = { resourceType: 'Patient', name: [{ family: 'Ukjentsen', given: ['Ulla'] }] }
    const stored = await fetch(`${server.fhir}/Patient`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(unknown),
    })
    expect(stored.status).toBe(201)
    const browser = new Browser()
    const nurse = await pages.authorize({ scope: 'openid launch/patient' }, { account: 'demo-nurse' }, { browser })
    const named = async (text: string) =>
      (await browser.open(`${nurse.url}/patient`, server.baseUrl, { text })).response.text()
    expect(await named('Danser')).toContain('Line Danser')
    expect(await named('Ukjentsen')).not.toContain('Ulla')
  })
  test.each(['demo-nurse', 'demo-line-kin'])('%s is shown no patients where none is to be chosen', async (account) => {
    const browser = new Browser()
    const pages = new SmartApp(server, {
      ...{ client_id: 'fylgje-account', redirect_uri: `${server.baseUrl}/account/apps` },
    })
    await pages.authorize({ scope: 'openid' }, { account }, { browser })
    // The browser stands still before the first redirect that it is to follow.
    const authorize = new URL(`${server.baseUrl}/auth/authorize`)
    const params = {
      ...{ response_type: 'code', client_id: pages.clientId, redirect_uri: pages.redirectUri, scope: 'openid' },
      ...{ aud: server.fhir, state: 's'.repeat(22), code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
    }
    for (const [name, value] of Object.entries(params)) authorize.searchParams.set(name, value)
    const { url } = await browser.open(authorize, 'nowhere')
    expect(url.pathname).toMatch(/^\/interaction\//)
    const { response, url: end } = await browser.open(`${url}/patient`, server.baseUrl, { text: '' })
    expect(await response.text()).not.toContain('name="patient"')
    expect(end.searchParams.get('error')).toBe('invalid_request')
  })
})

describe('introspection', () => {
  test('31: tells what the token response told', async () => {
    const { launch } = await ehrLaunch(apps.basic)
    const tokens = await apps.basic.launch(
      { scope: 'openid fhirUser launch patient/*.rs', launch },
      { account: 'demo-nurse' },
    )
    const { iss, sub, fhirUser } = decodeJwt(tokens.id_token ?? '')
    const expected = {
      active: true,
      client_id: apps.basic.clientId,
      patient: LINE,
      encounter,
      iss,
      sub,
      fhirUser,
      need_patient_banner: true,
    }
    const byClient = await (await apps.basic.post('/auth/introspect', { token: tokens.access_token })).json()
    const bearer = await adminToken(server.baseUrl, 'fylgje/token.introspect')
    const byBearer = await (await introspectAs(bearer, tokens.access_token)).json()
    for (const answer of [byClient, byBearer]) {
      expect(answer).toMatchObject(expected)
      expect(answer.scope.split(' ').sort()).toEqual(tokens.scope.split(' ').sort())
      expect(answer.exp).toBeGreaterThan(Date.now() / 1000)
    }
  })
  test('32: of a token that nobody has says that it is not active, and nothing else', async () => {
    expect(await (await apps.basic.post('/auth/introspect', { token: 'invalid_token_value' })).json()).toEqual({
      active: false,
    })
    const bearer = await adminToken(server.baseUrl, 'fylgje/token.introspect')
    expect(await (await introspectAs(bearer, 'invalid_token_value')).json()).toEqual({ active: false })
  })
  test('another client learns nothing, and a bearer token without the permission is refused', async () => {
    const tokens = await apps.basic.launch({ scope: 'openid' }, { account: LINE })
    expect(await (await apps.es384.post('/auth/introspect', { token: tokens.access_token })).json()).toEqual({
      active: false,
    })
    const refused = await introspectAs(await server.token(), tokens.access_token)
    expect([refused.status, (await refused.json()).error]).toEqual([403, 'insufficient_scope'])
    expect((await introspectAs('nobody', tokens.access_token)).status).toBe(401)
  })
  const introspectAs = (bearer: string, token: string) =>
    fetch(`${server.baseUrl}/auth/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: new URLSearchParams({ token }),
    })
})

describe('backend services', () => {
  const ask = (form: Record<string, string> = {}) =>
    backend.token({ grant_type: 'client_credentials', scope: 'system/*.rs', ...form })
  test('33, 34: a service gets a token for five minutes, and no refresh token', async () => {
    const response = await ask()
    expect(response.status).toBe(200)
    const tokens = (await response.json()) as TokenResponse
    expect(tokens).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'system/*.rs',
    })
    expect((await backend.fhir(tokens, 'Patient?_count=1')).status).toBe(200)
  })
  test.each([
    ['35: grant_type', { grant_type: 'not_a_grant_type' }, 400, 'unsupported_grant_type'],
    ['36: client_assertion_type', { client_assertion_type: 'not_an_assertion_type' }, 400, 'invalid_request'],
    ['scope beyond what it may have', { scope: 'system/*.cruds' }, 400, 'invalid_scope'],
    ['scope of a person', { scope: 'user/*.rs' }, 400, 'invalid_scope'],
  ])('%s: a wrong one is refused', async (_name, form, status, error) => {
    const response = await ask(form as Record<string, string>)
    expect([response.status, (await response.json()).error]).toEqual([status, error])
  })

  const assertionCases: [string, () => Promise<string>][] = [
    ['signed by another key', async () => backend.assertion({}, {}, { ...(await newClientKey('ES384')), kid: 'es' })],
    ['with the kid of no key', () => backend.assertion({}, { kid: 'other' })],
    ['without kid', () => backend.assertion({}, { kid: undefined })],
    ['for another server', () => backend.assertion({ aud: 'https://other.example.org/token' })],
    ['without exp', () => backend.assertion({ exp: undefined })],
    ['that has expired', () => backend.assertion({ exp: Math.floor(Date.now() / 1000) - 60 })],
    ['that lasts longer than five minutes', () => backend.assertion({ exp: Math.floor(Date.now() / 1000) + 400 })],
    ['without jti', () => backend.assertion({ jti: undefined })],
    ['by another issuer', () => backend.assertion({ iss: apps.es384.clientId })],
    ['for another subject', () => backend.assertion({ sub: apps.es384.clientId })],
    ['with a jku that was not registered', () => backend.assertion({}, { jku: jwksUri })],
    ['of the type of a DPoP proof', () => backend.assertion({}, { typ: 'dpop+jwt' })],
    [
      'without signature',
      async () =>
        new UnsecuredJWT({ iss: backend.clientId, sub: backend.clientId, aud: backend.tokenUrl, jti: 'x' })
          .setExpirationTime('4m')
          .encode(),
    ],
    ['that is none', async () => 'not.a.jwt'],
  ]
  test.each(assertionCases)('37: an assertion %s is refused', async (_name, assertion) => {
    const response = await ask({ client_assertion: await assertion() })
    expect([400, 401]).toContain(response.status)
    expect(['invalid_client', 'invalid_request']).toContain((await response.json()).error)
  })

  test('an assertion is used once: again it is refused, and of ten copies at once one is taken', async () => {
    const client_assertion = await backend.assertion()
    expect((await ask({ client_assertion })).status).toBe(200)
    expect((await ask({ client_assertion })).status).toBe(401)
    const copy = await backend.assertion()
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ client_assertion: copy })))
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
  })
})

describe('keys that a client publishes', () => {
  const signIn = async () => (await apps.es384.token({ grant_type: 'refresh_token', refresh_token: 'x' })).json()
  test('47: are kept as long as Cache-Control says, and looked for anew when one is not among them', async () => {
    await signIn()
    const before = keyFetches
    for (let i = 0; i < 3; i++) expect((await signIn()).error).toBe('invalid_grant')
    expect(keyFetches).toBe(before)
    const next = await newClientKey('ES384', 'next')
    publishedKeys.keys = [next.publicJwk]
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const assertion = await apps.es384.assertion({}, {}, next)
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_assertion: assertion }
    expect((await (await apps.es384.token(form)).json()).error).toBe('invalid_grant')
    expect(keyFetches).toBe(before + 1)
    // What is not published any more does not count, however long it was to be kept.
    expect((await signIn()).error).toBe('invalid_client')
    publishedKeys.keys = [keys.es384.publicJwk]
  })
  test('of which two bear one name are no proof', async () => {
    publishedKeys.keys = [keys.es384.publicJwk, { ...(await newClientKey('ES384', 'es')).publicJwk }]
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await signIn()
    expect((await signIn()).error).toBe('invalid_client')
    publishedKeys.keys = [keys.es384.publicJwk]
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect((await signIn()).error).toBe('invalid_grant')
  })
})

describe('what must not work', () => {
  test('39: with the aud of another server no code comes back', async () => {
    const { url } = await apps.public.authorize(
      { ...CONTEXT, aud: 'https://inferno.healthit.gov/invalid_aud' },
      { account: LINE },
    )
    expect([url.searchParams.get('code'), url.searchParams.get('error')]).toEqual([null, 'invalid_request'])
  })
  test('40, 41: a code that nobody has, and a client that nobody is', async () => {
    for (const app of Object.values(apps)) expect((await app.redeem('BAD_CODE', 'v'.repeat(43))).status).toBe(400)
    const nobody = new SmartApp(server, { client_id: 'BAD_CLIENT_ID', redirect_uri: REDIRECT })
    const { url, verifier } = await apps.public.authorize(CONTEXT, { account: LINE })
    const code = url.searchParams.get('code') ?? ''
    expect([400, 401]).toContain((await nobody.redeem(code, verifier)).status)
    const byBasic = new SmartApp(server, {
      client_id: 'BAD_CLIENT_ID',
      redirect_uri: REDIRECT,
      client_secret: apps.basic.secret ?? '',
    })
    expect((await byBasic.redeem(code, verifier)).status).toBe(401)
    // A code is for the client that asked for it.
    expect((await apps.basic.redeem(code, verifier)).status).toBe(400)
  })
  test.each([
    ['none', () => ({ code_verifier: '' })],
    ['a blank one', () => ({ code_verifier: ' ' })],
    ['a random one', () => ({ code_verifier: 'r'.repeat(43) })],
  ])('42: with %s for a verifier no token comes', async (_name, form) => {
    const { url } = await apps.public.authorize(CONTEXT, { account: LINE })
    const response = await apps.public.redeem(url.searchParams.get('code') ?? '', '', form())
    expect([400, 401]).toContain(response.status)
  })
  test('42: nor without the parameter', async () => {
    const { url } = await apps.public.authorize(CONTEXT, { account: LINE })
    const [code, redirect_uri] = [url.searchParams.get('code') ?? '', REDIRECT]
    const response = await apps.public.token({ grant_type: 'authorization_code', code, redirect_uri })
    expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_grant'])
  })
  test('42: nor with the challenge for a verifier', async () => {
    const challenge = 'c'.repeat(43)
    const { url } = await apps.public.authorize({ ...CONTEXT, code_challenge: challenge }, { account: LINE })
    expect((await apps.public.redeem(url.searchParams.get('code') ?? '', challenge)).status).toBe(400)
  })
  test('a refresh that names no client is a public client’s; of one that has a secret or a key it is refused', async () => {
    const refresh = (refreshToken = '') =>
      fetch(`${server.baseUrl}/auth/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      })
    for (const kind of ['public', 'basic', 'es384'] as const) {
      const tokens = await apps[kind].launch(CONTEXT, { account: LINE })
      const response = await refresh(tokens.refresh_token)
      expect([kind, response.status]).toEqual([kind, kind === 'public' ? 200 : 400])
      if (kind === 'public') expect((await response.json()).patient).toBe(LINE)
      // What was refused has used nothing up.
      else expect((await apps[kind].refresh(tokens.refresh_token ?? '')).status).toBe(200)
    }
    for (const unknown of ['a-refresh-token-that-nobody-has', '']) expect((await refresh(unknown)).status).toBe(400)
  })
  test('a refresh token that is used again ends everything that the authorization gave', async () => {
    const app = apps.basic
    const first = await app.launch(CONTEXT, { account: LINE })
    const second = (await (await app.refresh(first.refresh_token ?? '')).json()) as TokenResponse
    expect((await app.fhir(second, `Patient/${LINE}`)).status).toBe(200)
    expect((await app.refresh(first.refresh_token ?? '')).status).toBe(400)
    expect((await app.refresh(second.refresh_token ?? '')).status).toBe(400)
    for (const tokens of [first, second]) expect((await app.fhir(tokens, `Patient/${LINE}`)).status).toBe(401)
  })
  test('of several that refresh with one token at once, none keeps what it got', async () => {
    const tokens = await apps.basic.launch(CONTEXT, { account: LINE })
    const answers = await Promise.all([1, 2, 3, 4].map(() => apps.basic.refresh(tokens.refresh_token ?? '')))
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect((await apps.basic.refresh(tokens.refresh_token ?? '')).status).toBe(400)
    expect((await apps.basic.fhir(tokens, `Patient/${LINE}`)).status).toBe(401)
  })
  test('a refresh token is worth nothing to another client', async () => {
    const tokens = await apps.basic.launch(CONTEXT, { account: LINE })
    expect((await apps.public.refresh(tokens.refresh_token ?? '')).status).toBe(400)
    expect((await apps.basic.refresh(tokens.refresh_token ?? '')).status).toBe(200)
  })
})

describe('the launch of an EHR', () => {
  test.each([
    ['a client that is not there', { client_id: 'nobody' }, /client_id/],
    ['an address that is not registered', { launch_uri: 'https://evil.example.org/launch' }, /launch_uri/],
    ['a patient who is not there', { patient: 'nobody' }, /patient/],
    [
      'a patient by a number that nobody has',
      { patient: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '00000000000' } },
      /patient/,
    ],
    ['an encounter of somebody else', { encounter: 'nothing' }, /encounter/],
    ['a user by a number that nobody has', { user: { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '1' } }, /user/],
    ['a member that is not known', { patients: [] }, /patients/],
    ['a patient in fhirContext', { fhirContext: [{ reference: `Patient/${LINE}` }] }, /fhirContext/],
    ['a type that is none in fhirContext', { fhirContext: [{ reference: 'Nothing/a' }] }, /^fhirContext\.0: Nothing/],
    [
      'a type that is none beside a canonical',
      { fhirContext: [{ reference: 'Task/a' }, { canonical: 'https://example.org/a', type: 'Form' }] },
      /^fhirContext\.1: Form/,
    ],
    ['an address in fhirContext', { fhirContext: [{ reference: 'https://example.org/Task/a' }] }, /fhirContext/],
    ['an id that is none in fhirContext', { fhirContext: [{ reference: `Task/${'a'.repeat(65)}` }] }, /fhirContext/],
    ['an empty role in fhirContext', { fhirContext: [{ reference: 'Task/a', role: '' }] }, /fhirContext/],
    ['nothing named in fhirContext', { fhirContext: [{ type: 'Task' }] }, /fhirContext/],
  ])('with %s is refused, and told why', async (_name, more, reason) => {
    const { error, error_description } = await ehrLaunch(apps.public, more)
    expect([error, error_description]).toEqual(['invalid_request', expect.stringMatching(reason)])
  })
  test('finds the patient by the national number, and hands on what else is in context', async () => {
    const fhirContext = [
      { reference: 'ImagingStudy/a', role: 'launch' },
      { canonical: 'https://example.org/Questionnaire/b', type: 'Questionnaire' },
    ]
    const patient = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }
    const { launch } = await ehrLaunch(apps.public, { patient, fhirContext, need_patient_banner: false })
    const tokens = await apps.public.launch({ scope: 'launch patient/Patient.r', launch }, { account: 'demo-nurse' })
    expect(tokens).toMatchObject({ patient: LINE, fhirContext, need_patient_banner: false })
  })
  test('is for the person whom it names, and for nobody else', async () => {
    const { launch } = await ehrLaunch(apps.public, { user: 'Practitioner/somebody' })
    const { url } = await apps.public.authorize(
      { scope: 'launch patient/Patient.r', launch },
      { account: 'demo-nurse' },
    )
    expect(url.searchParams.get('error')).toBe('access_denied')
  })
  test('needs the permission to launch', async () => {
    const post = (token: string) =>
      fetch(`${server.baseUrl}/auth/launch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: apps.public.clientId }),
      })
    expect((await post(await server.token())).status).toBe(403)
    expect((await post('nobody')).status).toBe(401)
  })
})

describe('what others attest by hand', () => {
  const examples = [
    ...readFileSync(new URL('../../docs/smart.md', import.meta.url), 'utf8').matchAll(/```json\n(.+?)```/gs),
  ].map(([, text = '']): Record<string, string> => JSON.parse(text))
  test('47: what docs/smart.md says of registering is so: each of its examples registers a client', async () => {
    expect(examples.map(({ token_endpoint_auth_method }) => token_endpoint_auth_method)).toEqual([
      ...['none', 'client_secret_basic', 'private_key_jwt'],
    ])
    for (const { jwks_uri, ...metadata } of examples) {
      const client = await registerClient(server.baseUrl, jwks_uri ? { ...metadata, jwks_uri: jwksUri } : metadata)
      expect(client.client_id).toEqual(expect.any(String))
      expect('client_secret' in client).toBe(metadata.token_endpoint_auth_method === 'client_secret_basic')
    }
  })
  test.each([
    ['two lines', 'App\nApp', /^client_name: must be of characters that can be seen/],
    ['text that turns around', 'App \u202egpj', /^client_name: must be of characters that can be seen/],
    ['a national number', 'App 13116900216', /^client_name: must not hold eleven digits/],
    ['more than 100 characters', 'a'.repeat(101), /^client_name: must have 100 characters at most/],
  ])('47: a name of %s is refused in the words of RFC 7591', async (_what, client_name, description) => {
    const response = await fetch(`${server.baseUrl}/auth/register`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await adminToken(server.baseUrl, 'fylgje/client.manage')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...examples[0], client_name }),
    })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_client_metadata', error_description: expect.stringMatching(description) },
    ])
  })
  test('47: the page of consent has a box for each type and one for offline access, and says what it means', async () => {
    const scope = `offline_access launch/patient ${TYPES.map((type) => `patient/${type}.rs`).join(' ')}`
    const browser = new Browser()
    // Signs in, and stays on the page: whoever is asked has nothing to choose but what stands there.
    await apps.public.launch({ scope: 'launch/patient patient/Goal.rs' }, { account: LINE }, { browser })
    const { html } = await apps.public.authorize({ scope }, { stayAtConsent: true }, { browser })
    for (const type of TYPES) expect(html).toMatch(new RegExp(`<input type="checkbox" name="[^"]+" value="${type}"`))
    expect(html).toMatch(/<input type="checkbox" name="offline"/)
    for (const text of ['også når jeg ikke bruker den', 'I inntil ett år']) expect(html).toContain(text)
  })
  test('47: what was given offline is good for three months and more', async () => {
    const { refresh_token = '' } = await apps.basic.launch(CONTEXT, { account: LINE })
    const told = await (await apps.basic.post('/auth/introspect', { token: refresh_token })).json()
    expect(told).toMatchObject({ active: true })
    expect((told as { exp: number }).exp - Date.now() / 1000).toBeGreaterThan(92 * 24 * 3600)
  })
})

describe('what a person has allowed', () => {
  test('46: is listed on a page, and ends there: the token and the refresh token at once', async () => {
    const browser = new Browser()
    const tokens = await apps.basic.launch(CONTEXT, { account: LINE }, { browser })
    const { response, url } = await browser.open(`${server.baseUrl}/account/apps`, server.baseUrl)
    const html = await response.text()
    expect([url.pathname, url.search]).toEqual(['/account/apps', ''])
    for (const text of ['Mine apper', 'Prøveapp', 'Line Danser', 'Også når du ikke bruker appen'])
      expect(html).toContain(text)
    const grants = [...html.matchAll(/name="grant" value="([^"]+)"/g)].map(([, grant = '']) => grant)
    expect((await apps.basic.fhir(tokens, `Patient/${LINE}`)).status).toBe(200)
    for (const grant of grants) await browser.open(`${server.baseUrl}/account/apps/revoke`, server.baseUrl, { grant })
    expect((await apps.basic.fhir(tokens, `Patient/${LINE}`)).status).toBe(401)
    expect((await apps.basic.refresh(tokens.refresh_token ?? '')).status).toBe(400)
    expect(await (await apps.basic.post('/auth/introspect', { token: tokens.access_token })).json()).toEqual({
      active: false,
    })
    const after = await browser.open(`${server.baseUrl}/account/apps`, server.baseUrl)
    expect(await after.response.text()).toContain('Ingen apper har tilgang')
  })
  test('is not ended by somebody else, nor by a page of another site', async () => {
    const browser = new Browser()
    const tokens = await apps.basic.launch(CONTEXT, { account: LINE }, { browser })
    const html = await (await browser.open(`${server.baseUrl}/account/apps`, server.baseUrl)).response.text()
    const grant = /name="grant" value="([^"]+)"/.exec(html)?.[1] ?? ''
    const nurse = new Browser()
    await apps.basic.launch({ scope: 'openid' }, { account: 'demo-nurse' }, { browser: nurse })
    await nurse.open(`${server.baseUrl}/account/apps/revoke`, server.baseUrl, { grant })
    const foreign = await fetch(`${server.baseUrl}/account/apps/revoke`, {
      method: 'POST',
      headers: { origin: 'https://evil.example.org' },
      body: new URLSearchParams({ grant }),
    })
    expect(foreign.status).toBe(403)
    expect((await apps.basic.fhir(tokens, `Patient/${LINE}`)).status).toBe(200)
  })
  test('online_access ends with the session of the browser, offline_access does not', async () => {
    const browser = new Browser()
    const online = await apps.basic.launch(
      { scope: 'online_access launch/patient patient/*.rs' },
      { account: LINE },
      { browser },
    )
    const offline = await apps.basic.launch(CONTEXT, { account: LINE }, { browser })
    const renewed = (await (await apps.basic.refresh(online.refresh_token ?? '')).json()) as TokenResponse
    expect(renewed.scope).toBe('online_access launch/patient patient/*.rs')
    await browser.open(`${server.baseUrl}/account/logout`, server.baseUrl, {})
    expect((await apps.basic.refresh(renewed.refresh_token ?? '')).status).toBe(400)
    expect((await apps.basic.fhir(renewed, `Patient/${LINE}`)).status).toBe(401)
    expect((await apps.basic.refresh(offline.refresh_token ?? '')).status).toBe(200)
  })

  describe('whoever has signed in', () => {
    let db: pg.Client
    beforeAll(async () => {
      db = new pg.Client({ connectionString: server.databaseUrl() })
      await db.connect()
    })
    afterAll(() => db?.end())
    const SCOPE = { scope: 'online_access launch/patient patient/*.rs' }
    async function signIn(browser: Browser) {
      const tokens = await apps.basic.launch(SCOPE, { account: LINE }, { browser })
      const { rows } = await db.query<{ uid: string }>(
        'SELECT session_uid AS uid FROM grant_context WHERE client_id = $1 ORDER BY granted_at DESC LIMIT 1',
        [apps.basic.clientId],
      )
      return { tokens, uid: rows[0]?.uid ?? '' }
    }
    /** Time passes for one session: it ends earlier, and its sign-in is longer ago. */
    const pass = (uid: string, minutes: number, since = minutes) =>
      db.query(
        `UPDATE oidc_artifact SET expires_at = expires_at - make_interval(mins => $2),
                payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::bigint - $3 * 60))
          WHERE model = 'Session' AND uid = $1`,
        [uid, minutes, since],
      )
    const minutesLeft = async (uid: string) => {
      const { rows } = await db.query<{ left: number }>(
        `SELECT ceil(extract(epoch FROM expires_at - now()) / 60)::int AS left FROM oidc_artifact WHERE model = 'Session' AND uid = $1`,
        [uid],
      )
      return rows[0]?.left ?? 0
    }
    const isAskedWho = async (browser: Browser) =>
      /action="[^"]+\/login"/.test((await apps.basic.authorize(SCOPE, { stayAtConsent: true }, { browser })).html)

    test('and does nothing for half an hour is asked anew, and so is the online app; each use of either begins it again', async () => {
      const browser = new Browser()
      const { tokens, uid } = await signIn(browser)
      // So that it comes for a new one while the session goes on.
      expect(tokens.expires_in).toBe(900)
      await pass(uid, 20)
      expect(await minutesLeft(uid)).toBeLessThanOrEqual(10)
      const renewed = (await (await apps.basic.refresh(tokens.refresh_token ?? '')).json()) as TokenResponse
      expect(await minutesLeft(uid)).toBeGreaterThan(20)
      await pass(uid, 20)
      expect(await isAskedWho(browser)).toBe(false)
      expect(await minutesLeft(uid)).toBeGreaterThan(20)
      await pass(uid, 31)
      const over = await apps.basic.refresh(renewed.refresh_token ?? '')
      expect([over.status, (await over.json()).error]).toEqual([400, 'invalid_grant'])
      expect(await isAskedWho(browser)).toBe(true)
    })
    test('is asked anew after eight hours, whatever they do', async () => {
      const browser = new Browser()
      const { tokens, uid } = await signIn(browser)
      await pass(uid, 0, 470)
      const renewed = (await (await apps.basic.refresh(tokens.refresh_token ?? '')).json()) as TokenResponse
      expect(await minutesLeft(uid)).toBeLessThanOrEqual(10)
      expect(await isAskedWho(browser)).toBe(false)
      expect(await minutesLeft(uid)).toBeLessThanOrEqual(10)
      await pass(uid, 10)
      expect((await apps.basic.refresh(renewed.refresh_token ?? '')).status).toBe(400)
      expect(await isAskedWho(browser)).toBe(true)
    })
    test('and whose app may go on without them ends nothing of it by doing nothing', async () => {
      const browser = new Browser()
      const offline = await apps.basic.launch(CONTEXT, { account: LINE }, { browser })
      const { uid } = await signIn(browser)
      await pass(uid, 31)
      const renewed = (await (await apps.basic.refresh(offline.refresh_token ?? '')).json()) as TokenResponse
      expect(renewed).toMatchObject({ scope: CONTEXT.scope, expires_in: 3600 })
    })
  })
})

describe('an app written with the library fhirclient, in a real browser', () => {
  let browser: ChromiumBrowser
  let fhirclient: FhirclientApp
  beforeAll(async () => {
    ;[browser, fhirclient] = await Promise.all([openChromium(), startFhirclientApp()])
    const { client_id } = await registerClient(server.baseUrl, {
      ...{ client_name: 'Fhirclient', token_endpoint_auth_method: 'none', scope: 'patient/*.rs user/*.rs' },
      ...{ grant_types: ['authorization_code', 'refresh_token'] },
      ...{ redirect_uris: [fhirclient.redirectUri], launch_uris: [fhirclient.launchUri] },
    })
    fhirclient.options.clientId = client_id
  })
  afterAll(async () => {
    await browser?.close()
    fhirclient?.stop()
  })

  /** Opens the app, answers our pages, and waits for what the app has found. */
  async function found(launchUrl: string, ...buttons: string[]): Promise<FhirclientFound & { complaints: string[] }> {
    const context = await browser.newContext({ locale: 'nb-NO' })
    const visited = await context.newPage()
    const complaints: string[] = []
    visited.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    await visited.goto(launchUrl)
    for (const button of buttons) await visited.locator(button).click()
    await visited.waitForFunction(() => document.title !== '' && document.body.textContent !== '', undefined, {
      timeout: 15_000,
    })
    const text = (await visited.locator('body').textContent()) ?? ''
    if ((await visited.title()) !== 'found') throw new Error(`${text} ${complaints}`)
    await context.close()
    return { ...(JSON.parse(text) as FhirclientFound), complaints }
  }
  const launchUrl = (params: Record<string, string>) =>
    `${fhirclient.launchUri}?${new URLSearchParams({ iss: server.fhir, ...params })}`

  test('signs a patient in by itself, reads her record, and goes on with a refreshed token', async () => {
    fhirclient.options.scope = 'openid fhirUser offline_access launch/patient patient/Patient.rs'
    const answer = await found(launchUrl({}), `button[value=${LINE}]`, 'button.primary')
    expect(answer).toMatchObject({ patient: LINE, family: 'Danser', familyAfter: 'Danser', complaints: [] })
    expect(answer.fhirUser).toMatch(new RegExp(`Patient/${LINE}$`))
    expect(answer.tokenAfter).not.toBe(answer.tokenBefore)
  })
  test('is launched by the EHR for a patient, and goes on with a refreshed token', async () => {
    fhirclient.options.scope = 'openid fhirUser online_access launch patient/Patient.rs'
    const { launch_url } = await ehrLaunch(new SmartApp(server, { client_id: fhirclient.options.clientId }))
    const answer = await found(launch_url, 'button[value=demo-nurse]', 'button.primary')
    expect(answer).toMatchObject({ patient: LINE, family: 'Danser', familyAfter: 'Danser', complaints: [] })
    expect(answer.fhirUser).toMatch(/Practitioner\/demo-nurse$/)
    expect(answer.tokenAfter).not.toBe(answer.tokenBefore)
  })
})
