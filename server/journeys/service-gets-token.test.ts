import { randomUUID } from 'node:crypto'
import { allowInsecureRequests, ClientSecretBasic, clientCredentialsGrant, discovery } from 'openid-client'
import { reachOf } from '../access/reach.ts'
import { hashSecret, putClient } from '../authorization-server/clients/clients.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'

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

const DEMO = ['demo-service', 'demo-service-secret'] as const
const basic = ([id, secret]: readonly [string, string]) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
const post = (path: string, client: readonly [string, string] | undefined, form: Record<string, string>) =>
  fetch(`${app.baseUrl}/auth${path}`, {
    method: 'POST',
    headers: client ? { authorization: basic(client) } : {},
    body: new URLSearchParams(form),
  })
const askToken = (form: Record<string, string> = {}, client: readonly [string, string] = DEMO) =>
  post('/token', client, { grant_type: 'client_credentials', ...form })
const tokenOf = async (response: Response) => ((await response.json()) as { access_token: string }).access_token

test('the demo service gets a token for everything it may have, when it asks for nothing special', async () => {
  const response = await askToken()
  const body = await response.json()
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'system/*.cruds',
  })
  expect(response.headers.get('cache-control')).toContain('no-store')
  expect(response.headers.get('pragma')).toBe('no-cache')
  const access = await app.authenticate({ authorization: `Bearer ${body.access_token}` })
  expect(access).toMatchObject({ actor: 'Client/demo-service', clientId: 'demo-service' })
  expect(reachOf(access, 'Observation', 'c')).toEqual({ kind: 'all' })
})

test('openid-client finds its way from the discovery document and gets one too', async () => {
  const config = await discovery(new URL(`${app.baseUrl}/auth`), DEMO[0], DEMO[1], ClientSecretBasic(DEMO[1]), {
    execute: [allowInsecureRequests],
  })
  const tokens = await clientCredentialsGrant(config, { scope: 'system/Observation.rs' })
  expect(tokens).toMatchObject({ scope: 'system/Observation.rs', token_type: 'bearer' })
  const access = await app.authenticate({ authorization: `Bearer ${tokens.access_token}` })
  expect(reachOf(access, 'Observation', 'r')).toEqual({ kind: 'all' })
  expect(reachOf(access, 'Observation', 'c')).toEqual({ kind: 'none' })
  expect(reachOf(access, 'Patient', 'r')).toEqual({ kind: 'none' })
})

test('who asks in v1 is answered in v1', async () => {
  const body = await (await askToken({ scope: 'system/Observation.read' })).json()
  expect(body.scope).toBe('system/Observation.read')
})

test.each([
  ['a wrong secret', { client: ['demo-service', 'guess'] as const }, 401, 'invalid_client'],
  [
    'the stored hash for a secret',
    { client: ['demo-service', hashSecret('demo-service-secret').toString('base64url')] as const },
    401,
    'invalid_client',
  ],
  ['an empty secret', { client: ['demo-service', ''] as const }, 400, 'invalid_request'],
  ['an unknown client', { client: ['nobody', 'demo-service-secret'] as const }, 401, 'invalid_client'],
  ['a public client', { client: ['fylgje-apps', 'x'] as const }, 401, 'invalid_client'],
  ['an unknown grant type', { form: { grant_type: 'not_a_grant_type' } }, 400, 'unsupported_grant_type'],
  [
    'a grant type that is not its own',
    { form: { grant_type: 'authorization_code', code: 'BAD_CODE' } },
    400,
    'invalid_request',
  ],
  ['a scope of another level', { form: { scope: 'user/*.rs' } }, 400, 'invalid_scope'],
  ['one scope too much', { form: { scope: 'system/Observation.rs patient/*.rs' } }, 400, 'invalid_scope'],
  ['letters out of order', { form: { scope: 'system/Observation.sr' } }, 400, 'invalid_scope'],
  ['openid', { form: { scope: 'openid' } }, 400, 'invalid_scope'],
  ['another resource', { form: { resource: 'https://ehr.example.org/fhir' } }, 400, 'invalid_target'],
] as const)('%s is refused', async (_name, request, status, error) => {
  const { client = DEMO, form = {} } = request as { client?: readonly [string, string]; form?: Record<string, string> }
  const response = await askToken(form, client)
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ error })])
})

test('the secret does not work in the body: only Basic is registered', async () => {
  const response = await post('/token', undefined, {
    grant_type: 'client_credentials',
    client_id: DEMO[0],
    client_secret: DEMO[1],
  })
  expect(response.status).toBe(401)
})

describe('a client with a narrow allowance', () => {
  const NARROW = ['narrow', randomUUID()] as const
  beforeAll(() =>
    putClient(database.pool, {
      client_id: NARROW[0],
      client_name: 'Narrow',
      token_endpoint_auth_method: 'client_secret_basic',
      secret_hash: hashSecret(NARROW[1]),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      allowed_scope: 'system/Observation.cr user/*.cruds',
      token_lifetime_seconds: 300,
      demo: false,
    }),
  )
  test('gets it, for five minutes, and nothing that only a person could give', async () =>
    expect(await (await askToken({}, NARROW)).json()).toMatchObject({
      scope: 'system/Observation.cr',
      expires_in: 300,
    }))
  test.each(['system/Observation.cru', 'system/*.r', 'system/Patient.r', 'system/Observation.read'])(
    'is refused %s',
    async (scope) => {
      const response = await askToken({ scope }, NARROW)
      expect([response.status, await response.json()]).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_scope', scope }),
      ])
    },
  )
  test('may not look into the tokens of another', async () => {
    const token = await tokenOf(await askToken())
    expect(await (await post('/introspect', NARROW, { token })).json()).toEqual({ active: false })
  })
  test('may not revoke the tokens of another', async () => {
    const token = await tokenOf(await askToken())
    await post('/revoke', NARROW, { token })
    await expect(app.authenticate({ authorization: `Bearer ${token}` })).resolves.toMatchObject({
      clientId: 'demo-service',
    })
  })
})

describe('a token', () => {
  test('is introspected by its own client', async () => {
    const token = await tokenOf(await askToken({ scope: 'system/Task.r' }))
    expect(await (await post('/introspect', DEMO, { token })).json()).toMatchObject({
      active: true,
      client_id: 'demo-service',
      scope: 'system/Task.r',
      aud: `${app.baseUrl}/fhir`,
      exp: expect.any(Number),
    })
  })
  test('that nobody issued is inactive, and that is all that is said', async () =>
    expect(await (await post('/introspect', DEMO, { token: 'invalid_token_value' })).json()).toEqual({ active: false }))
  test('is not shown to somebody without a client', async () =>
    expect((await post('/introspect', undefined, { token: 'x' })).status).toBe(400))
  test('that was revoked does not work any more', async () => {
    const token = await tokenOf(await askToken())
    await app.authenticate({ authorization: `Bearer ${token}` })
    expect((await post('/revoke', DEMO, { token })).status).toBe(200)
    await expect(app.authenticate({ authorization: `Bearer ${token}` })).rejects.toMatchObject({
      status: 401,
      issues: [{ code: 'login' }],
    })
    expect(await (await post('/introspect', DEMO, { token })).json()).toEqual({ active: false })
  })
  test('that has expired does not work any more', async () => {
    const token = await tokenOf(await askToken())
    await database.pool.query(
      "UPDATE oidc_artifact SET expires_at = now() - interval '1 second' WHERE model = 'ClientCredentials'",
    )
    await expect(app.authenticate({ authorization: `Bearer ${token}` })).rejects.toMatchObject({ status: 401 })
  })
  test('is not in the database, only its hash', async () => {
    const token = await tokenOf(await askToken())
    const { rows } = await database.pool.query(
      'SELECT count(*)::int AS count FROM oidc_artifact a WHERE a::text LIKE $1',
      [`%${token}%`],
    )
    expect(rows).toEqual([{ count: 0 }])
  })
  test('for another server does not work here', async () => {
    const other = await startAuthorizationApp(database.pool, { demo: true })
    try {
      const token = await tokenOf(await askToken())
      await expect(other.authenticate({ authorization: `Bearer ${token}` })).rejects.toMatchObject({ status: 401 })
    } finally {
      await other.stop()
    }
  })
  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer nobody-issued-this',
    'Basic eDp5',
    'Bearer a b',
    "Bearer ' OR 1=1",
  ])('%j lets nobody in', (header) =>
    expect(app.authenticate({ authorization: header })).rejects.toMatchObject({
      status: 401,
      issues: [{ code: 'login' }],
    }),
  )
})

test('the configuration for SMART apps is public, for every origin, and its addresses answer', async () => {
  const response = await fetch(`${app.baseUrl}/fhir/.well-known/smart-configuration`, {
    headers: { origin: 'https://app.example.org', accept: 'text/html' },
  })
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  const configuration = await response.json()
  expect(configuration).toEqual(app.smartConfiguration())
  expect(configuration.code_challenge_methods_supported).toEqual(['S256'])
  const openid = await (await fetch(`${configuration.issuer}/.well-known/openid-configuration`)).json()
  for (const name of [
    'issuer',
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    'introspection_endpoint',
    'revocation_endpoint',
  ])
    expect([name, openid[name]]).toEqual([name, configuration[name]])
  for (const name of [
    'grant_types_supported',
    'response_types_supported',
    'code_challenge_methods_supported',
    'token_endpoint_auth_methods_supported',
  ])
    expect([name, openid[name]]).toEqual([name, expect.arrayContaining(configuration[name])])
})

test('the published keys are public ones, RS256 and ES384, and the same in every process', async () => {
  type KeySet = { keys: Record<string, string>[] }
  const keysAt = async (baseUrl: string) => (await (await fetch(`${baseUrl}/auth/jwks`)).json()) as KeySet
  const second = await startAuthorizationApp(database.pool, { demo: true })
  try {
    const { keys } = await keysAt(app.baseUrl)
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES384', 'RS256'])
    expect(keys.flatMap(Object.keys)).not.toContain('d')
    expect(await keysAt(second.baseUrl)).toEqual({ keys })
  } finally {
    await second.stop()
  }
})
