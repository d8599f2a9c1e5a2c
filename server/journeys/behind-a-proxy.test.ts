import { readFileSync } from 'node:fs'
import { DEFAULT_MIN_VERSION } from 'node:tls'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'

const BASE_URL = 'https://helse.example.org/fylgje'

let database: TestDatabase
let app: AuthorizationApp
beforeAll(async () => {
  database = await startTestDatabase()
  app = await startAuthorizationApp(database.pool, { demo: true, baseUrl: BASE_URL })
})
afterAll(async () => {
  await app?.stop()
  await database?.stop()
})

/** As the proxy sends it on: without TLS, and without the path that leads to us. */
const open = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.address}${path}`, { headers, redirect: 'manual' })

const authorize = `/auth/authorize?${new URLSearchParams({
  response_type: 'code',
  client_id: 'fylgje-apps',
  redirect_uri: `${BASE_URL}/apps/patient/`,
  scope: 'openid patient/*.rs',
  aud: `${BASE_URL}/fhir`,
  code_challenge: 'x'.repeat(43),
  code_challenge_method: 'S256',
})}`

test('a sign-in starts at the public address, with cookies for TLS and for this path only', async () => {
  const response = await open(authorize)
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toMatch(/^https:\/\/helse\.example\.org\/fylgje\/interaction\/[\w-]+$/)
  const cookies = response.headers.getSetCookie()
  expect(cookies.length).toBeGreaterThan(0)
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; secure/)
    expect(cookie).toMatch(/; httponly/)
    expect(cookie).toMatch(/; path=\/fylgje\/(auth\/authorize|interaction)\//)
  }
})

test('its forms go to the public path', async () => {
  const started = await open(authorize)
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const page = await open(new URL(started.headers.get('location') ?? '').pathname.replace('/fylgje', ''), { cookie })
  expect(await page.text()).toMatch(/action="\/fylgje\/interaction\/[\w-]+\/login"/)
})

test('a forwarded host that somebody makes up is not believed', async () => {
  const lie = { 'x-forwarded-host': 'evil.example.org', 'x-forwarded-proto': 'http' }
  for (const path of [authorize, '/auth/.well-known/openid-configuration']) {
    const response = await open(path, lie)
    expect(`${response.headers.get('location')} ${await response.text()}`).not.toContain('evil')
  }
  const openid = await (await open('/auth/.well-known/openid-configuration', lie)).json()
  expect(openid).toMatchObject({ issuer: `${BASE_URL}/auth`, token_endpoint: `${BASE_URL}/auth/token` })
})

/** Names that look like addresses: nobody calls them. */
const PUBLISHED = /^https?:\/\/(?:smarthealthit\.org|hl7\.org|terminology\.hl7\.org)\//

/** Every text of a JSON value that is a web address. */
const addressesIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? value.match(/^https?:/)
      ? [value]
      : []
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(addressesIn)
      : []

test.each(['/fhir/.well-known/smart-configuration', '/auth/.well-known/openid-configuration'])(
  '38: the proxy ends TLS, and so every address that %s tells is one of TLS',
  async (path) => {
    const told = addressesIn(await (await open(path)).json()).filter((address) => !PUBLISHED.test(address))
    expect(told.length).toBeGreaterThan(5)
    expect(told.filter((address) => !`${address}/`.startsWith(`${BASE_URL}/`))).toEqual([])
  },
)

test('38: what this server calls itself it calls by TLS 1.2 or later', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(DEFAULT_MIN_VERSION).toBe('TLSv1.2')
  expect(scripts.start).not.toContain('--tls-min')
})
