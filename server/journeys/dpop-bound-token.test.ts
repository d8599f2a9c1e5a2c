import { createHash, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { type ClientKey, newClientKey } from './harness/smart-app.ts'

let database: TestDatabase
let app: AuthorizationApp
let strict: AuthorizationApp
let key: ClientKey
let token: string
beforeAll(async () => {
  database = await startTestDatabase()
  app = await startAuthorizationApp(database.pool, { demo: true })
  // Another process of the same server, where the setting asks for bound tokens.
  strict = await startAuthorizationApp(database.pool, { demo: true, baseUrl: app.baseUrl, dpopRequired: true })
  key = await newClientKey('ES256')
  token = await askToken({ dpop: await proof({ htm: 'POST', htu: `${app.baseUrl}/auth/token`, ath: undefined }) })
})
afterAll(async () => {
  await strict?.stop()
  await app?.stop()
  await database?.stop()
})

async function askToken(headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${app.baseUrl}/auth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('demo-service:demo-service-secret').toString('base64')}`,
      ...headers,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/Task.r' }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

type Wrong = { claims?: object; header?: object; key?: ClientKey }
async function proof(claims: object = {}, { header = {}, key: by = key }: Wrong = {}): Promise<string> {
  const { kid: _, use: _use, ...jwk } = by.publicJwk
  const usual = {
    jti: randomUUID(),
    htm: 'GET',
    htu: `${app.baseUrl}/fhir/Task`,
    ath: hashOf(token),
    iat: Math.floor(Date.now() / 1000),
  }
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
    .sign(by.privateKey)
}
const hashOf = (value: string | undefined) => value && createHash('sha256').update(value).digest('base64url')
const ask = (dpop: string | undefined, { scheme = 'DPoP', server = app } = {}) =>
  server.authenticate({ authorization: `${scheme} ${token}`, dpop, method: 'GET', path: '/fhir/Task?_count=1' })

test('a token that is bound to a key works with a proof of it, here and where it is required', async () => {
  await expect(ask(await proof())).resolves.toMatchObject({ clientId: 'demo-service' })
  await expect(ask(await proof(), { server: strict })).resolves.toMatchObject({ clientId: 'demo-service' })
})

test('a proof is used once, and of copies that come at once in two processes one is taken', async () => {
  const copy = await proof()
  const answers = await Promise.allSettled([app, strict, app, strict].map((server) => ask(copy, { server })))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

const now = () => Math.floor(Date.now() / 1000)
const CASES: [string, () => Promise<string | undefined>, RegExp][] = [
  ['without a proof', async () => undefined, /proof of the key is required/],
  ['with a proof for another method', () => proof({ htm: 'POST' }), /htm/],
  ['with a proof for another address', () => proof({ htu: `${app.baseUrl}/fhir/Patient` }), /htu/],
  ['with a proof for another token', () => proof({ ath: hashOf('other') }), /ath/],
  ['with a proof that names no token', () => proof({ ath: undefined }), /ath/],
  ['with a proof of two minutes ago', () => proof({ iat: now() - 120 }), /iat/],
  ['with a proof of two minutes ahead', () => proof({ iat: now() + 120 }), /iat/],
  ['with a proof without a name', () => proof({ jti: undefined }), /jti/],
  [
    'with a proof by another key',
    async () => proof({}, { key: await newClientKey('ES256') }),
    /the key is not the one/,
  ],
  ['with a proof of the wrong type', () => proof({}, { header: { typ: 'JWT' } }), /dpop\+jwt/],
  ['with two proofs', async () => `${await proof()}, ${await proof()}`, /dpop\+jwt/],
]
test.each(CASES)('%s it is refused', async (_name, make, reason) => {
  await expect(ask(await make())).rejects.toMatchObject({ status: 401, message: expect.stringMatching(reason) })
})

test('as a bearer token it is refused, with its proof and without', async () => {
  for (const dpop of [undefined, await proof()])
    await expect(ask(dpop, { scheme: 'Bearer' })).rejects.toMatchObject({ status: 401 })
})

test('a token that is bound to no key is taken where both are, and refused where bound ones are required', async () => {
  const authorization = `Bearer ${await askToken({})}`
  await expect(app.authenticate({ authorization })).resolves.toMatchObject({ clientId: 'demo-service' })
  await expect(strict.authenticate({ authorization })).rejects.toMatchObject({ status: 401 })
})
