import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, createRemoteJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { readKeys, rotateKeys, rotateWhenDue } from '../authorization-server/keys/keys.ts'
import { openPackageKeys } from '../authorization-server/keys/package-keys.ts'
import { createSeal } from '../authorization-server/keys/seal.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type AuthorizationApp, startAuthorizationApp } from './harness/authorization-app.ts'
import { Browser } from './harness/browser.ts'
import { eventually } from './harness/eventually.ts'
import { SmartApp } from './harness/smart-app.ts'

const OPEN = createSeal([])
let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database?.stop())

test('processes that start at once on an empty database make one set of keys, and later starts find it', async () => {
  const started = await Promise.all(Array.from({ length: 5 }, () => readKeys(database.pool, OPEN)))
  started.push(await readKeys(database.pool, OPEN))
  const [first] = started
  expect(first?.signing.map(({ alg }) => alg).sort()).toEqual(['ES384', 'RS256'])
  expect(first?.cookie).toHaveLength(1)
  for (const keys of started) expect(keys).toEqual(first)
})

test.each(['RS256', 'ES384'])('what the %s key signs, its public half verifies', async (alg) => {
  const jwk = (await readKeys(database.pool, OPEN)).signing.find((key) => key.alg === alg) as JWK | undefined
  if (!jwk) throw new Error(`no ${alg} key`)
  const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk
  const token = await new SignJWT({ sub: 'x' })
    .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
    .sign(await importJWK(jwk, alg))
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [publicJwk] }))
  expect(payload.sub).toBe('x')
})

test('the key of packages stays published when another signs, and is gone when it is withdrawn', async () => {
  const keys = openPackageKeys(database.pool, OPEN)
  const [first, same] = await Promise.all([keys.signing(), keys.signing()])
  expect(same).toEqual(first)
  await rotateKeys(database.pool, OPEN, { withdraw: false })
  const second = await keys.signing()
  const kids = async () => (await keys.published()).map(({ kid }) => kid)
  expect(await kids()).toEqual([second.kid, first.kid])
  expect((await keys.published()).some((jwk) => 'd' in jwk)).toBe(false)
  // Tokens are not signed with it.
  const { signing } = await readKeys(database.pool, OPEN)
  expect(signing.map(({ kid }) => kid)).not.toContain(second.kid)
  await rotateKeys(database.pool, OPEN, { withdraw: true })
  expect(await kids()).toEqual([])
})

describe('two processes whose keys change', () => {
  let apps: AuthorizationApp[]
  beforeAll(async () => {
    const first = await startAuthorizationApp(database.pool, { demo: true })
    // Behind one address, as a load balancer would have them.
    apps = [first, await startAuthorizationApp(database.pool, { demo: true, baseUrl: first.baseUrl })]
  })
  afterAll(async () => {
    for (const app of apps ?? []) await app.stop()
  })

  const at = (index: number) => apps[index] as AuthorizationApp
  const kidsAt = async (index: number) => {
    const { keys } = (await (await fetch(`${at(index).address}/auth/jwks`)).json()) as { keys: JWK[] }
    return keys.filter(({ alg }) => alg === 'RS256').map(({ kid }) => kid)
  }
  /** An ID token as an app gets it, and whose key it was signed with. */
  const signIn = async (browser = new Browser()) => {
    const redirect_uri = `${at(0).baseUrl}/apps/clinician/`
    const app = new SmartApp(at(0), { client_id: 'fylgje-apps', redirect_uri })
    const { id_token = '' } = await app.launch({ scope: 'openid fhirUser' }, { account: 'demo-nurse' }, { browser })
    const jwks = createRemoteJWKSet(new URL(`${at(1).address}/auth/jwks`))
    const { protectedHeader } = await jwtVerify(id_token, jwks, { issuer: `${at(0).baseUrl}/auth` })
    return protectedHeader.kid
  }

  test('publish the next one in both before it signs in any, and keep the one before; nobody signs in anew', async () => {
    const browser = new Browser()
    const before = await signIn(browser)
    await rotateKeys(database.pool, OPEN, { withdraw: false })
    for (const index of [0, 1])
      await eventually(
        () => kidsAt(index),
        (kids) => kids.length === 2,
      )
    expect(await signIn(browser)).toBe(before)
    // Ten minutes pass.
    await database.pool.query('UPDATE authorization_key SET signs_from = now() WHERE signs_from > now()')
    for (const index of [0, 1])
      await eventually(
        () => kidsAt(index),
        ([first]) => first !== before,
      )
    const after = await signIn(browser)
    expect(after).not.toBe(before)
    expect(await kidsAt(0)).toEqual([after, before])
    // A day passes.
    await database.pool.query('DELETE FROM authorization_key WHERE ends_at IS NOT NULL')
    for (const index of [0, 1])
      await eventually(
        () => kidsAt(index),
        (kids) => kids.length === 1,
      )
    expect(await kidsAt(1)).toEqual([after])
  })

  test('take the next one at once where the one before is known to others, and publish that no more', async () => {
    const [before] = await kidsAt(0)
    const response = await rotateBy('demo-admin', 'fylgje/key.rotate', { withdraw: true })
    expect(response.status).toBe(200)
    for (const index of [0, 1])
      await eventually(
        () => kidsAt(index),
        ([first]) => first !== before,
      )
    expect(await kidsAt(1)).toHaveLength(1)
    expect(await signIn()).toBe((await kidsAt(0))[0])
  })

  test.each([
    ['without the permission', 'demo-service', 'system/*.r', {}, 403],
    ['with a word that is not understood', 'demo-admin', 'fylgje/key.rotate', { withdraw: 'yes' }, 400],
  ])('are not changed by a command %s', async (_name, client, scope, body, status) => {
    const kids = await kidsAt(0)
    expect((await rotateBy(client, scope, body)).status).toBe(status)
    expect(await kidsAt(0)).toEqual(kids)
  })

  async function rotateBy(client: string, scope: string, body: object): Promise<Response> {
    const token = await fetch(`${at(0).address}/auth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${client}-secret`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    })
    const { access_token } = (await token.json()) as { access_token: string }
    return fetch(`${at(1).address}/auth/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
})

test('keys are made anew when they are as old as the setting says, by one process alone', async () => {
  expect(await rotateWhenDue(database.pool, OPEN, 90)).toBe(false)
  await database.pool.query("UPDATE authorization_key SET signs_from = now() - interval '91 days'")
  const done = await Promise.all([1, 2, 3].map(() => rotateWhenDue(database.pool, OPEN, 90)))
  expect(done.filter(Boolean)).toHaveLength(1)
})

test('keys that lie open are sealed as soon as there is a key for it, and opened by no other', async () => {
  const [secret, next] = [randomBytes(32), randomBytes(32)]
  const open = await readKeys(database.pool, OPEN)
  expect(await readKeys(database.pool, createSeal([secret]))).toEqual(open)
  const { rows } = await database.pool.query(
    'SELECT count(*)::int AS count FROM authorization_key WHERE jwk IS NOT NULL',
  )
  expect(rows).toEqual([{ count: 0 }])
  expect(await readKeys(database.pool, createSeal([next, secret]))).toEqual(open)
  for (const wrong of [OPEN, createSeal([next])])
    await expect(readKeys(database.pool, wrong)).rejects.toThrow(/KEY_ENCRYPTION_KEY does not open them/)
})
