import type { People } from '../authorization-server/people.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp, TEST_PEOPLE } from './harness/authorization-app.ts'
import { Browser } from './harness/browser.ts'
import { startEhr, type TestEhr } from './harness/ehr.ts'
import { startIdentityProvider, type TestIdentityProvider, type TestPerson } from './harness/identity-provider.ts'
import { comeBackTo, privateJwk, signInAt } from './harness/signed-in-elsewhere.ts'
import { challengeOf, newClientKey, registerClient, SmartApp } from './harness/smart-app.ts'
import { freePort } from './harness/start-server.ts'

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** Who is here: by system and number. Two practitioners have been given one HPR number by mistake. */
const HERE: Record<string, string[]> = {
  'Practitioner urn:oid:2.16.578.1.12.4.1.4.4|431001110': ['kari'],
  'Practitioner urn:oid:2.16.578.1.12.4.1.4.4|431001111': ['twin-1', 'twin-2'],
  'Practitioner urn:oid:2.16.578.1.12.4.1.4.1|13116900216': ['kari'],
  'Practitioner urn:oid:2.16.578.1.12.4.1.4.1|05073500186': ['ola'],
  'Patient urn:oid:2.16.578.1.12.4.1.4.1|13116900216': ['demo-line'],
  'Patient urn:oid:2.16.578.1.12.4.1.4.2|53116900048': ['patient-a'],
}
const people: People = {
  ...TEST_PEOPLE,
  findByIdentifier: async (type, { system, value }) => HERE[`${type} ${system}|${value}`] ?? [],
  findRoles: async (practitioner, number) => (practitioner === 'kari' && number === '999977776' ? ['kari-ward'] : []),
}

let database: TestDatabase
let app: AuthorizationApp
let helseid: TestIdentityProvider
let idporten: TestIdentityProvider
let smart: SmartApp
let ehr: TestEhr
/** One that cannot tell for whom its tokens are. */
let ehrWithout: TestEhr
beforeAll(async () => {
  database = await startTestDatabase()
  const baseUrl = `http://127.0.0.1:${await freePort()}`
  const redirectUri = `${baseUrl}/interaction/federated`
  const keys = { helseid: await newClientKey('PS256'), idporten: await newClientKey('RS256') }
  helseid = await startIdentityProvider({
    dialect: 'helseid',
    clientId: 'fylgje-helseid',
    clientJwk: keys.helseid.publicJwk,
    redirectUri,
  })
  idporten = await startIdentityProvider({
    dialect: 'idporten',
    clientId: 'fylgje-idporten',
    clientJwk: keys.idporten.publicJwk,
    redirectUri,
  })
  ehr = await startEhr()
  ehrWithout = await startEhr()
  app = await startAuthorizationApp(database.pool, {
    ...{ demo: true, port: Number(new URL(baseUrl).port), people },
    trustedEhrs: [
      {
        ...{ issuer: ehr.issuer, fhirBase: `${ehr.issuer}/fhir`, clientId: 'fylgje-at-ehr' },
        ...{ jwksUri: `${ehr.issuer}/jwks`, introspectionUri: `${ehr.issuer}/introspect` },
      },
      {
        ...{ issuer: ehrWithout.issuer, fhirBase: `${ehrWithout.issuer}/fhir`, clientId: 'fylgje-at-ehr' },
        ...{ jwksUri: `${ehrWithout.issuer}/jwks`, patients: 'any-shown' },
      },
    ],
    identityProviders: [
      {
        name: 'helseid',
        issuer: helseid.issuer,
        clientId: 'fylgje-helseid',
        key: await privateJwk(keys.helseid),
        organization: '999977774:999977776',
      },
      { name: 'idporten', issuer: idporten.issuer, clientId: 'fylgje-idporten', key: await privateJwk(keys.idporten) },
    ],
  })
  smart = new SmartApp(app, { client_id: 'fylgje-apps', redirect_uri: `${app.baseUrl}/apps/clinician/` })
})
afterAll(async () => {
  await app?.stop()
  await helseid?.stop()
  await idporten?.stop()
  ehr?.stop()
  ehrWithout?.stop()
  await database?.stop()
})

const HELSEID = 'helseid://claims'
const KARI: TestPerson = {
  sub: 'kari-at-helseid',
  name: 'Kari Nordlys',
  [`${HELSEID}/identity/pid`]: '13116900216',
  [`${HELSEID}/identity/security_level`]: '4',
  [`${HELSEID}/hpr/hpr_number`]: '431001110',
  [`${HELSEID}/client/claims/orgnr_parent`]: '999977774',
  [`${HELSEID}/client/claims/orgnr_child`]: '999977776',
}
const LINE: TestPerson = { sub: 'line-at-idporten', pid: '13116900216', acr: 'idporten-loa-high' }

const signInBy = (name: 'helseid' | 'idporten', scope: string, browser?: Browser) =>
  signInAt(smart, { name, issuer: (name === 'helseid' ? helseid : idporten).issuer }, scope, browser)
const comeBack = (browser: Browser, back: URL) => comeBackTo(app.baseUrl, browser, back)
async function tokensBy(name: 'helseid' | 'idporten', scope: string) {
  const { url, verifier } = await signInBy(name, scope)
  return (await smart.redeem(url.searchParams.get('code') ?? '', verifier)).json() as Promise<{
    access_token: string
    id_token: string
    scope: string
    patient?: string
  }>
}

describe('a clinician by HelseID', () => {
  beforeEach(() => {
    helseid.person = KARI
  })
  test('is the Practitioner of her HPR number, with her role at the unit that she signs in for', async () => {
    const tokens = await tokensBy('helseid', 'openid fhirUser profile user/Task.rs')
    expect(tokens.scope).toBe('openid fhirUser profile user/Task.rs')
    const { decodeJwt } = await import('jose')
    expect(decodeJwt(tokens.id_token)).toMatchObject({
      fhirUser: `${app.baseUrl}/fhir/Practitioner/kari`,
      name: 'Kari Nordlys',
    })
    expect(await app.authenticate({ authorization: `Bearer ${tokens.access_token}` })).toMatchObject({
      actor: 'Practitioner/kari',
    })
    const { rows } = await database.pool.query("SELECT login FROM account WHERE fhir_user = 'Practitioner/kari'")
    expect(rows).toEqual([
      {
        login: {
          ...{ provider: 'helseid', securityLevel: '4', hprNumber: '431001110', organization: '999977774' },
          ...{ organizationUnit: '999977776', practitionerRole: 'PractitionerRole/kari-ward' },
        },
      },
    ])
  })

  test('her national number is nowhere in what is kept of it', async () => {
    await tokensBy('helseid', 'openid fhirUser user/Task.rs')
    for (const table of ['account', 'login_attempt', 'oidc_artifact', 'grant_context'])
      expect(
        (await database.pool.query(`SELECT FROM ${table} row WHERE row::text LIKE '%13116900216%'`)).rowCount,
      ).toBe(0)
  })

  test('62, 63, 65: is asked for as the standard says: by code, with state and challenge, at one address; and nothing is refreshed', async () => {
    for (const provider of ['helseid', 'idporten'] as const) {
      const there = provider === 'helseid' ? helseid : idporten
      if (provider === 'idporten') idporten.person = LINE
      there.pushedForms.length = 0
      there.tokenForms.length = 0
      for (let i = 0; i < 2; i++)
        await tokensBy(provider, provider === 'helseid' ? 'openid user/Task.rs' : 'openid patient/Patient.rs')
      expect([there.pushedForms.length, there.tokenForms.length]).toEqual([2, 2])
      const redirectUri = `${app.baseUrl}/interaction/federated`
      for (const [i, pushed] of there.pushedForms.entries()) {
        const redeemed = there.tokenForms[i] ?? {}
        expect(pushed).toMatchObject({
          ...{ response_type: 'code', redirect_uri: redirectUri, client_id: `fylgje-${provider}` },
          ...{ code_challenge_method: 'S256', state: expect.stringMatching(/^[\w-]{22,}$/) },
          scope: expect.stringMatching(/^openid\b(?!.*offline_access)/),
        })
        expect(redeemed).toMatchObject({ grant_type: 'authorization_code', redirect_uri: redirectUri })
        expect(challengeOf(String(redeemed.code_verifier))).toBe(pushed.code_challenge)
      }
      for (const name of ['state', 'nonce', 'code_challenge'])
        expect(new Set(there.pushedForms.map((form) => form[name])).size).toBe(2)
    }
  })

  test('64: is announced by a pushed request: the address tells nothing but its name, and each assertion is new, short and for the issuer', async () => {
    helseid.assertions.length = 0
    helseid.asked.length = 0
    await tokensBy('helseid', 'openid user/Task.rs')
    expect(helseid.asked.map((names) => names.sort())).toContainEqual(['client_id', 'request_uri'])
    expect(helseid.assertions.length).toBeGreaterThanOrEqual(2)
    expect(new Set(helseid.assertions.map(({ claims }) => claims.jti)).size).toBe(helseid.assertions.length)
    for (const { header, claims } of helseid.assertions) {
      expect(header).toMatchObject({ typ: 'client-authentication+jwt', alg: 'PS256', kid: expect.any(String) })
      expect(claims).toMatchObject({ iss: 'fylgje-helseid', sub: 'fylgje-helseid', aud: helseid.issuer })
      expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(60)
      expect(claims.assertion_details).toMatchObject({
        practitioner_role: { organization: { identifier: { value: 'NO:ORGNR:999977774:999977776' } } },
      })
    }
  })

  test.each([
    ['of security level 3', { [`${HELSEID}/identity/security_level`]: '3' }, 'høyeste sikkerhetsnivå'],
    ['whose level is not told', { [`${HELSEID}/identity/security_level`]: undefined }, 'høyeste sikkerhetsnivå'],
    [
      'whom nobody here knows',
      { [`${HELSEID}/hpr/hpr_number`]: '1', [`${HELSEID}/identity/pid`]: '01010000000' },
      'finner deg ikke',
    ],
    [
      'whose HPR number two have',
      { [`${HELSEID}/hpr/hpr_number`]: '431001111', [`${HELSEID}/identity/pid`]: undefined },
      'mer enn én gang',
    ],
    ['whose two numbers are of two people', { [`${HELSEID}/identity/pid`]: '05073500186' }, 'mer enn én gang'],
    [
      'of whom no number is told',
      { [`${HELSEID}/hpr/hpr_number`]: undefined, [`${HELSEID}/identity/pid`]: undefined },
      'ikke nok opplysninger',
    ],
  ])('%s is not let in, and told why', async (_name, claims, text) => {
    helseid.person = { ...KARI, ...claims, sub: `other ${text}` }
    const { url, html } = await signInBy('helseid', 'openid user/Task.rs')
    expect(url.pathname).toMatch(/^\/interaction\//)
    expect(html).toContain('role="alert"')
    expect(html).toContain(text)
  })

  test('without an HPR number is found by the national number', async () => {
    helseid.person = { ...KARI, sub: 'secretary', [`${HELSEID}/hpr/hpr_number`]: undefined }
    const tokens = await tokensBy('helseid', 'openid fhirUser user/Task.rs')
    expect(await app.authenticate({ authorization: `Bearer ${tokens.access_token}` })).toMatchObject({
      actor: 'Practitioner/kari',
    })
  })

  test('who gives up there may choose again here', async () => {
    helseid.person = 'cancel'
    const { html } = await signInBy('helseid', 'openid user/Task.rs')
    expect(html).toContain('Innloggingen ble avbrutt')
    expect(html).toContain('/federated/helseid')
  })

  test('comes back once: the same answer again does nothing', async () => {
    const browser = new Browser()
    const { back } = await signInBy('helseid', 'openid user/Task.rs', browser)
    const { url } = await comeBack(browser, back)
    expect(url.href).toBe(`${app.baseUrl}/`)
  })

  test.each([
    ['with another state', (back: URL) => back.searchParams.set('state', 'other')],
    ['with another issuer', (back: URL) => back.searchParams.set('iss', 'https://evil.example.org')],
    ['with a code that nobody gave', (back: URL) => back.searchParams.set('code', 'BAD')],
  ])('who comes back %s is not signed in', async (_name, change) => {
    const browser = new Browser()
    const { html } = await smart.authorize({ scope: 'openid user/Task.rs', prompt: 'login' }, {}, { browser })
    const link = /href="([^"]+\/federated\/helseid)"/.exec(html)?.[1] ?? ''
    const { url } = await new Browser().open(
      (await browser.open(new URL(link, app.baseUrl), app.baseUrl)).url,
      helseid.issuer,
    )
    change(url)
    const end = await comeBack(browser, url)
    expect(end.url.searchParams.get('code')).toBe(null)
  })

  test('cannot be signed in by an answer that was meant for another browser', async () => {
    const browser = new Browser()
    const { html } = await smart.authorize({ scope: 'openid user/Task.rs', prompt: 'login' }, {}, { browser })
    const link = /href="([^"]+\/federated\/helseid)"/.exec(html)?.[1] ?? ''
    const { url } = await new Browser().open(
      (await browser.open(new URL(link, app.baseUrl), app.baseUrl)).url,
      helseid.issuer,
    )
    const victim = await comeBack(new Browser(), url)
    expect([victim.response.status, victim.url.origin]).toEqual([400, app.baseUrl])
    expect(await victim.response.text()).toContain('kunne ikke fullføres')
  })
})

describe('a patient by ID-porten', () => {
  test('is the Patient of her national number, and sees herself alone', async () => {
    idporten.person = LINE
    const tokens = await tokensBy('idporten', 'openid fhirUser launch/patient patient/*.rs')
    expect(tokens.patient).toBe('demo-line')
    expect(await app.authenticate({ authorization: `Bearer ${tokens.access_token}` })).toMatchObject({
      actor: 'Patient/demo-line',
      patient: 'demo-line',
    })
  })
  test('with a D-number is found by that', async () => {
    idporten.person = { ...LINE, sub: 'd', pid: '53116900048' }
    expect((await tokensBy('idporten', 'launch/patient patient/*.rs')).patient).toBe('patient-a')
  })
  test.each([
    ['at a lower level', { acr: 'idporten-loa-substantial' }, 'høyeste sikkerhetsnivå'],
    ['without a number, as some foreign identities are', { pid: undefined }, 'ikke nok opplysninger'],
    ['who is no patient here', { pid: '01010000000' }, 'finner deg ikke'],
  ])('%s is not let in', async (_name, claims, text) => {
    idporten.person = { ...LINE, ...claims, sub: `other ${text}` }
    expect((await signInBy('idporten', 'launch/patient patient/*.rs')).html).toContain(text)
  })
})

test('a provider that does not answer is told on the login page', async () => {
  const stopped = await startAuthorizationApp(database.pool, {
    demo: true,
    identityProviders: [
      {
        name: 'helseid',
        issuer: 'http://127.0.0.1:1',
        clientId: 'x',
        key: await privateJwk(await newClientKey('PS256')),
      },
    ],
  })
  try {
    const browser = new Browser()
    const client = new SmartApp(stopped, {
      client_id: 'fylgje-apps',
      redirect_uri: `${stopped.baseUrl}/apps/clinician/`,
    })
    const { html } = await client.authorize({ scope: 'openid' }, {}, { browser })
    const link = /href="([^"]+\/federated\/helseid)"/.exec(html)?.[1] ?? ''
    const { response } = await browser.open(new URL(link, stopped.baseUrl), stopped.baseUrl)
    expect(await response.text()).toContain('Innloggingen virket ikke')
  } finally {
    await stopped.stop()
  }
})

describe('what an EHR of another vendor has given one of our apps', () => {
  let bff: SmartApp
  /** What the EHR tells of its token that is not as usual. */
  let tells: object = {}
  beforeEach(() => {
    tells = {}
  })
  beforeAll(async () => {
    bff = new SmartApp(
      app,
      await registerClient(app.baseUrl, {
        ...{ client_name: 'Kliniker-app', grant_types: [TOKEN_EXCHANGE], scope: 'patient/*.rs user/Task.cruds' },
      }),
    )
  })
  const exchange = async (form: Record<string, string | undefined> = {}, client = bff) => {
    ehr.introspection = {
      active: true,
      client_id: 'fylgje-at-ehr',
      sub: 'u-17',
      patient: form.patient ?? 'p-line',
      ...tells,
    }
    const all = {
      ...{
        grant_type: TOKEN_EXCHANGE,
        subject_token_type: `${TOKEN_TYPE}:id_token`,
        actor_token_type: `${TOKEN_TYPE}:access_token`,
      },
      ...{ subject_token: await ehr.idToken(), actor_token: 'at-kari', patient: 'p-line' },
      scope: 'launch patient/Observation.rs user/Task.rs',
      ...form,
    }
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const response = await client.token(Object.fromEntries(given))
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test('becomes our token: the same clinician by HPR number, the same patient by national number', async () => {
    const { status, body } = await exchange()
    expect([status, body]).toEqual([
      200,
      {
        ...{ access_token: expect.any(String), issued_token_type: `${TOKEN_TYPE}:access_token`, token_type: 'Bearer' },
        ...{ expires_in: 300, scope: 'launch patient/Observation.rs user/Task.rs', patient: 'demo-line' },
      },
    ])
    expect(await app.authenticate({ authorization: `Bearer ${body.access_token}` })).toMatchObject({
      actor: 'Practitioner/kari',
      patient: 'demo-line',
    })
  })
  test('without a patient becomes a token without one', async () => {
    const { body } = await exchange({ patient: undefined, scope: 'user/Task.rs' })
    expect(body).not.toHaveProperty('patient')
    expect(body.scope).toBe('user/Task.rs')
  })

  test('of one that does not introspect, any patient is taken whom it shows, and no other', async () => {
    ehrWithout.introspection = { active: false }
    const subject_token = await ehrWithout.idToken()
    const { status, body } = await exchange({ subject_token })
    expect([status, body.patient]).toEqual([200, 'demo-line'])
    const refused = await exchange({ subject_token, patient: 'p-hidden' })
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant'])
    expect(refused.body.error_description).toBe('the EHR does not show Patient (404)')
  })

  const HERE_CASES: [
    string,
    () => Promise<Record<string, string | undefined>> | Record<string, string | undefined>,
    RegExp,
  ][] = [
    [
      'an ID token of an issuer that is not trusted',
      async () => ({ subject_token: await ehr.idToken({ iss: 'https://evil.example.org' }) }),
      /not trusted/,
    ],
    [
      'an ID token for another app',
      async () => ({ subject_token: await ehr.idToken({ aud: 'other' }) }),
      /subject_token/,
    ],
    [
      'an ID token of ten minutes ago',
      async () => ({ subject_token: await ehr.idToken({ iat: Math.floor(Date.now() / 1000) - 600 }) }),
      /subject_token/,
    ],
    [
      'an ID token that somebody else has signed',
      async () => ({ subject_token: await ehr.idToken({}, await newClientKey('RS256', 'ehr-1')) }),
      /subject_token/,
    ],
    [
      'an access token that belongs to another ID token',
      async () => ({ subject_token: await ehr.idToken({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }) }),
      /access token is not the one/,
    ],
    ['an access token that the EHR does not take', () => ({ actor_token: 'guess' }), /does not show Practitioner/],
    ['a patient whom the EHR does not show', () => ({ patient: 'p-other' }), /does not show Patient/],
    ['a patient who is not here', () => ({ patient: 'p-unknown' }), /no Patient here/],
    ['a patient without a national number', () => ({ patient: 'p-numberless' }), /no national number/],
    [
      'a clinician without an HPR number',
      async () => ({ subject_token: await ehr.idToken({ fhirUser: 'Practitioner/numberless' }) }),
      /no HPR number/,
    ],
    [
      'a clinician whose number two have here',
      async () => ({ subject_token: await ehr.idToken({ fhirUser: 'Practitioner/twin' }) }),
      /more than one Practitioner/,
    ],
    [
      'a patient for a user',
      async () => ({ subject_token: await ehr.idToken({ fhirUser: 'Patient/p-line' }) }),
      /no Practitioner of this EHR/,
    ],
    [
      'a user of another server',
      async () => ({
        subject_token: await ehr.idToken({ fhirUser: 'https://evil.example.org/fhir/Practitioner/kari' }),
      }),
      /no Practitioner of this EHR/,
    ],
  ]
  test.each(HERE_CASES)('%s is refused', async (_name, form, reason) => {
    const { status, body } = await exchange(await form())
    expect([status, body.error, body.error_description]).toEqual([400, 'invalid_grant', expect.stringMatching(reason)])
  })
  test.each<[string, object, RegExp]>([
    ['for another patient, whom the EHR shows too,', { patient: 'p-unknown' }, /not launched the app for this patient/],
    ['for nobody', { patient: undefined }, /not launched the app for this patient/],
    ['that is over', { active: false, patient: undefined }, /no token of the EHR any more/],
    ['of another app', { client_id: 'other' }, /given to another app/],
    ['of another user', { sub: 'u-18' }, /of somebody else/],
  ])('a launch %s is refused', async (_name, told, reason) => {
    tells = told
    const { status, body } = await exchange()
    expect([status, body.error, body.error_description]).toEqual([400, 'invalid_grant', expect.stringMatching(reason)])
  })
  test.each([
    ['no JWT', { subject_token: 'x' }],
    ['no access token', { actor_token: undefined }],
    ['another type of token', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['no scope', { scope: undefined }],
  ])('a request with %s is refused', async (_name, form) => {
    const { status, body } = await exchange(form)
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
  test('a client that may not exchange is refused', async () => {
    const { status, body } = await exchange({}, smart)
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
})
