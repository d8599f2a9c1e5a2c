import { createLocalJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { readKeys } from '../authorization-server/keys/keys.ts'
import { startTestDatabase, type TestDatabase } from './harness/authorization-app.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
}, 60_000)
afterAll(() => database?.stop())

test('processes that start at once on an empty database make one set of keys, and later starts find it', async () => {
  const started = await Promise.all(Array.from({ length: 5 }, () => readKeys(database.pool)))
  started.push(await readKeys(database.pool))
  const [first] = started
  expect(first?.signing.map(({ alg }) => alg).sort()).toEqual(['ES384', 'RS256'])
  expect(first?.cookie).toHaveLength(1)
  for (const keys of started) expect(keys).toEqual(first)
})

test.each(['RS256', 'ES384'])('what the %s key signs, its public half verifies', async (alg) => {
  const jwk = (await readKeys(database.pool)).signing.find((key) => key.alg === alg) as JWK | undefined
  if (!jwk) throw new Error(`no ${alg} key`)
  const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk
  const token = await new SignJWT({ sub: 'x' })
    .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
    .sign(await importJWK(jwk, alg))
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [publicJwk] }))
  expect(payload.sub).toBe('x')
})
