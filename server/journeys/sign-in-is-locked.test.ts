import { randomUUID } from 'node:crypto'
import { hashSecret, putClient } from '../authorization-server/clients/clients.ts'
import type { AuthorizationEvent } from '../authorization-server/events.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { createThrottling } from '../throttling/throttling.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { eventually } from './harness/eventually.ts'
import { newClientKey, SmartApp } from './harness/smart-app.ts'

/** Two processes on one database, as far as signing in goes. */
let database: TestDatabase
let apps: [AuthorizationApp, AuthorizationApp]
const told: AuthorizationEvent[] = []
beforeAll(async () => {
  database = await startTestDatabase()
  const start = (baseUrl?: string) =>
    startAuthorizationApp(database.pool, {
      demo: true,
      tell: async (events) => void told.push(...events),
      ...(baseUrl ? { baseUrl } : {}),
      throttling: createThrottling(database.pool, {
        ...{ callerRequestsMax: 0, strangerRequestsMax: 60, clientFailuresMax: 3, addressFailuresMax: 8 },
        lockoutSeconds: 600,
      }),
    })
  const first = await start()
  apps = [first, await start(first.baseUrl)]
})
afterAll(async () => {
  await Promise.all(apps.map((app) => app.stop()))
  await database.stop()
})

const askToken = (process: 0 | 1, from: string, clientId: string, secret: string) =>
  fetch(`${apps[process].address}/auth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
      'x-forwarded-for': from,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })

async function newClient(): Promise<[string, string]> {
  const [client_id, secret] = [`c-${randomUUID()}`, randomUUID()]
  await putClient(database.pool, {
    ...{ client_id, client_name: 'Locked', token_endpoint_auth_method: 'client_secret_basic' },
    ...{ secret_hash: hashSecret(secret), grant_types: ['client_credentials'], redirect_uris: [] },
    ...{ allowed_scope: 'system/Observation.cr', token_lifetime_seconds: 300, demo: false },
  })
  return [client_id, secret]
}

test('a client that fails three times is locked out at that address, in every process, and nowhere else', async () => {
  const [id, secret] = await newClient()
  for (const process of [0, 1, 0] as const) expect((await askToken(process, '192.0.2.1', id, 'guess')).status).toBe(401)
  for (const process of [0, 1] as const) {
    const locked = await askToken(process, '192.0.2.1', id, secret)
    expect(locked.status).toBe(429)
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(500)
    expect(await locked.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^too many failed attempts of this client .+ in \d+ s$/),
    })
  }
  expect(told.filter(({ code, client }) => code === 'locked-out' && client === id)).toEqual([
    { code: 'locked-out', client: id, failed: 'too many failed attempts of this client' },
  ])
  expect((await askToken(0, '192.0.2.2', id, secret)).status).toBe(200)
  const [other, otherSecret] = await newClient()
  expect((await askToken(1, '192.0.2.1', other, otherSecret)).status).toBe(200)
})

test('what succeeds in between shows that it was a mistake', async () => {
  const [id, secret] = await newClient()
  for (let round = 0; round < 3; round++) {
    expect((await askToken(0, `198.51.100.${round}`, id, 'guess')).status).toBe(401)
    expect((await askToken(0, '198.51.100.9', id, round < 2 ? 'guess' : secret)).status).toBe(round < 2 ? 401 : 200)
  }
  expect((await askToken(1, '198.51.100.9', id, 'guess')).status).toBe(401)
  expect((await askToken(1, '198.51.100.9', id, secret)).status).toBe(200)
})

test('assertions that do not verify count as wrong secrets do', async () => {
  const [right, wrong] = [await newClientKey('ES384', 'a'), await newClientKey('ES384', 'a')]
  const client_id = `k-${randomUUID()}`
  await putClient(database.pool, {
    ...{ client_id, client_name: 'Keys', token_endpoint_auth_method: 'private_key_jwt', secret_hash: null },
    ...{ jwks: { keys: [right.publicJwk] }, grant_types: ['client_credentials'], redirect_uris: [] },
    ...{ allowed_scope: 'system/Observation.cr', token_lifetime_seconds: 300, demo: false },
  })
  const ask = (key: typeof right) =>
    new SmartApp(apps[0], { client_id, key }).token(
      { grant_type: 'client_credentials' },
      { 'x-forwarded-for': '192.0.2.40' },
    )
  expect((await ask(right)).status).toBe(200)
  for (let i = 0; i < 3; i++) expect((await ask(wrong)).status).toBe(401)
  expect((await ask(right)).status).toBe(429)
})

test('an address that fails as many is locked out, pages too, in words for people; reading keys is not', async () => {
  const from = '2001:db8:1:1::1'
  for (let i = 0; i < 8; i++) await askToken(0, from, `nobody-${i}`, 'guess')
  // The address is counted when the answer has gone out.
  await eventually(
    async () => (await askToken(1, '2001:db8:1:1:ffff::2', 'nobody-9', 'guess')).status,
    (status) => status === 429,
  )
  expect(told).toContainEqual({ code: 'locked-out', failed: 'too many failed attempts from this address' })
  const page = await fetch(`${apps[0].address}/interaction/x/login`, {
    method: 'POST',
    headers: { accept: 'text/html', 'accept-language': 'nb', 'x-forwarded-for': from },
  })
  expect([page.status, page.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8'])
  expect(await page.text()).toContain('Innloggingen kunne ikke fullføres')
  const keys = await fetch(`${apps[0].address}/auth/jwks`, { headers: { 'x-forwarded-for': from } })
  expect(keys.status).toBe(200)
  expect((await askToken(0, '2001:db8:1:2::1', 'nobody-10', 'guess')).status).toBe(401)
})

test('an address that asks too often is told to wait, whatever it asks', async () => {
  const ask = () => fetch(`${apps[0].address}/auth/jwks`, { headers: { 'x-forwarded-for': '203.0.113.5' } })
  const statuses = await Promise.all(Array.from({ length: 61 }, async () => (await ask()).status))
  expect(statuses.filter((status) => status === 429)).toHaveLength(1)
  const heldUp = () => told.filter(({ code }) => code === 'throttled')
  expect(heldUp()).toEqual([{ code: 'throttled', failed: 'too many requests from this address' }])
  const refused = await ask()
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' })
  expect(heldUp()).toHaveLength(1)
})

test('what lies in the table tells neither an address nor a client', async () => {
  const { rows } = await database.pool.query<{ key: string }>('SELECT key FROM sign_in_failure')
  expect(rows.length).toBeGreaterThan(2)
  for (const { key } of rows) expect(key).toMatch(/^(client|address):[\w-]{43}$/)
})
