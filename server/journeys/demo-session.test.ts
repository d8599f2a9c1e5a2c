import { request } from 'node:http'
import { reachOf } from '../access/reach.ts'
import { seedDemoClients } from '../authorization-server/clients/demo-clients.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { Browser } from './harness/browser.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database?.stop())

const ask = (app: AuthorizationApp, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${app.baseUrl}/demo/session`, {
    method: 'POST',
    headers: { origin: app.baseUrl, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const askServiceToken = (app: AuthorizationApp) =>
  fetch(`${app.baseUrl}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-service:demo-service-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })

describe('in demo mode', () => {
  let app: AuthorizationApp
  beforeAll(async () => {
    app = await startAuthorizationApp(database.pool, { demo: true })
  })
  afterAll(() => app?.stop())

  test.each([
    // What a nurse reaches depends on the standing, which is looked up behind the token.
    ['nurse', 'Practitioner/demo-nurse', { kind: 'none' }],
    ['gp', 'Practitioner/demo-gp', { kind: 'none' }],
    // So does what next of kin reach.
    ['kin', 'RelatedPerson/demo-line-kin', { kind: 'none' }],
    ['patient', 'Patient/demo-line', { kind: 'parts', parts: [{ whose: { kind: 'patient', patient: 'demo-line' } }] }],
  ] as const)('the start page gets a short session as %s', async (user, actor, reach) => {
    const response = await ask(app, { user })
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const session = await response.json()
    expect(session).toMatchObject({ token_type: 'Bearer', expires_in: 900, fhirUser: actor })
    const access = await app.authenticate({ authorization: `Bearer ${session.access_token}` })
    expect([access.actor, access.patient]).toEqual([actor, user === 'nurse' || user === 'gp' ? undefined : 'demo-line'])
    expect(reachOf(access, 'Task', 'r')).toMatchObject(reach)
  })

  test.each([
    ['no origin', {}, { origin: '' }, 403],
    ['another origin', {}, { origin: 'https://evil.example.org' }, 403],
    ['another port of this machine', {}, { origin: 'http://127.0.0.1:1' }, 403],
    ['a page that the browser calls cross-site', {}, { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of a neighbour', {}, { 'sec-fetch-site': 'same-site' }, 403],
    ['a form', 'user=nurse', { 'content-type': 'application/x-www-form-urlencoded' }, 403],
    ['a form that looks like text', '{"user":"nurse"}', { 'content-type': 'text/plain' }, 403],
    ['an unknown user', { user: 'doctor' }, {}, 400],
    ['a user by an inherited name', { user: 'constructor' }, {}, 400],
    ['no user', {}, {}, 400],
    ['broken JSON', '{"user":', {}, 400],
  ] as const)('%s gets none', async (_name, body, headers, status) => {
    const response = await ask(app, body, headers as unknown as Record<string, string>)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.any(String), error_description: expect.any(String) })
  })

  test('a name that is made to point here is not our own origin', async () => {
    const { port } = new URL(app.baseUrl)
    const status = await new Promise((resolve, reject) => {
      const headers = {
        host: `rebound.example.org:${port}`,
        origin: `http://rebound.example.org:${port}`,
        'content-type': 'application/json',
      }
      const sent = request({ host: '127.0.0.1', port, path: '/demo/session', method: 'POST', headers }, (res) =>
        resolve(res.statusCode),
      )
      sent.on('error', reject).end('{"user":"nurse"}')
    })
    expect(status).toBe(403)
  })
})

describe('without demo mode, on a database that once was a demo', () => {
  let app: AuthorizationApp
  let tokenOfBefore: string
  beforeAll(async () => {
    const demo = await startAuthorizationApp(database.pool, { demo: true })
    tokenOfBefore = ((await (await askServiceToken(demo)).json()) as { access_token: string }).access_token
    await demo.stop()
    app = await startAuthorizationApp(database.pool, { demo: false })
  })
  afterAll(() => app?.stop())

  test('nothing of it is left in the database', async () => {
    const { rows } = await database.pool.query(`SELECT (SELECT count(*)::int FROM oauth_client) AS clients,
      (SELECT count(*)::int FROM account) AS accounts, (SELECT count(*)::int FROM oidc_artifact) AS artifacts`)
    expect(rows).toEqual([{ clients: 0, accounts: 0, artifacts: 0 }])
  })

  describe.each([
    ['and nothing put there', async () => {}],
    // Another process of the same database may run in demo mode by mistake.
    ['and demo clients put there all the same', () => seedDemoClients(database.pool, app.baseUrl)],
  ])('%s', (_name, prepare) => {
    beforeAll(prepare)
    test('the demo secret works nowhere', async () => {
      const response = await askServiceToken(app)
      expect([response.status, await response.json()]).toEqual([
        401,
        expect.objectContaining({ error: 'invalid_client' }),
      ])
    })
    test('a token of before lets nobody in', () =>
      expect(app.authenticate({ authorization: `Bearer ${tokenOfBefore}` })).rejects.toMatchObject({ status: 401 }))
    test('there is no demo session', async () => expect((await ask(app, { user: 'nurse' })).status).toBe(404))
    test('the apps have no client', async () => {
      const url = `${app.baseUrl}/auth/authorize?client_id=fylgje-apps&response_type=code`
      expect((await new Browser().open(url, app.baseUrl)).response.status).toBe(400)
    })
  })

  test('the login page of a registered app says that no login method is set up', async () => {
    await database.pool.query(`INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, grant_types, redirect_uris, allowed_scope)
      VALUES ('ward-app', 'Post <b>4</b>', 'none', '{authorization_code}', '{https://ward.example.org/}', 'user/*.rs')`)
    const query = new URLSearchParams({
      client_id: 'ward-app',
      response_type: 'code',
      scope: 'user/*.rs',
      aud: `${app.baseUrl}/fhir`,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    })
    const browser = new Browser()
    const { response, url } = await browser.open(`${app.baseUrl}/auth/authorize?${query}`, app.baseUrl)
    const html = await response.text()
    expect(html).toContain('Ingen innloggingsmetode er satt opp ennå.')
    expect(html).not.toContain('Kari')
    const login = await browser.open(`${url.href}/login`, app.baseUrl, { account: 'demo-nurse' })
    expect(login.response.status).toBe(400)
  })
})
