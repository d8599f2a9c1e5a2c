import type { Access } from '../access/access.ts'
import { reachOf } from '../access/reach.ts'
import { parseScopes } from '../access/scopes.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { createBases, keepBasis } from './basis.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

// It has run out: another one would be given.
const token = { key: 'token', expiresAt: '2020-01-01T00:00:00Z' }
const given: Access = {
  ...{ actor: 'Client/lab', clientId: 'lab', scopes: parseScopes('system/*.cruds system/Task.rs') },
  token,
}

async function allow(scope: string) {
  await database.pool.query(sql`
    INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, secret_hash, grant_types, allowed_scope)
    VALUES ('lab', 'Lab', 'client_secret_basic', sha256('a'), ARRAY['client_credentials'], ${scope})
    ON CONFLICT (client_id) DO UPDATE SET allowed_scope = excluded.allowed_scope`)
}

test('what a client is told of follows its registration: less, however many scopes that is, and as much again', async () => {
  const { pool } = database
  await allow('system/*.cruds')
  const id = await keepBasis(pool, given)
  const bases = createBases({ pool, demo: false, standingOf: async (access) => access })
  const reaches = async (type: string) => {
    bases.forget()
    const now = await bases.now(id)
    return 'access' in now ? reachOf(now.access, type, 'r').kind : now.ended
  }
  expect([await reaches('Observation'), await reaches('Task')]).toEqual(['all', 'all'])
  // Two scopes before, and two after.
  await allow('system/Observation.rs system/Task.rs')
  expect([await reaches('Observation'), await reaches('Patient')]).toEqual(['all', 'none'])
  await allow('system/Task.rs')
  expect([await reaches('Observation'), await reaches('Task')]).toEqual(['none', 'all'])
  await allow('system/*.cruds')
  expect([await reaches('Observation'), await reaches('Patient')]).toEqual(['all', 'all'])
})

test('whether many hold still is one question, and what each of them gives is asked of nobody again', async () => {
  const { pool } = database
  await allow('system/*.cruds')
  const ids = await Promise.all(['a', 'b', 'c'].map((key) => keepBasis(pool, { ...given, token: { ...token, key } })))
  let asked = 0
  const query = (...all: [never]) => {
    asked += 1
    return pool.query(...all)
  }
  const bases = createBases({ pool: { query: query as never }, demo: false, standingOf: async (access) => access })
  await bases.lookUp(ids)
  asked = 0
  const give = await bases.lookUp(ids)
  for (const id of ids) expect(await give(id)).toHaveProperty('access')
  expect(asked).toBe(1)
})

test('who is looked up while too many are known, and are forgotten, is not taken for one that is gone', async () => {
  const { pool } = database
  await allow('system/*.cruds')
  const id = await keepBasis(pool, given)
  const { rows } = await pool.query<{ id: string }>(sql`
    INSERT INTO subscription_basis (id, access)
    SELECT n, b.access FROM generate_series(1, 10001) n, subscription_basis b WHERE b.id = ${id} RETURNING id`)
  let beside = async () => {}
  const query = async (...all: [never]) => {
    await beside()
    return pool.query(...all)
  }
  const bases = createBases({ pool: { query: query as never }, demo: false, standingOf: async (access) => access })
  await bases.lookUp([id, ...rows.slice(1).map((row) => row.id)])
  beside = async () => {
    beside = async () => {}
    await bases.now('1')
  }
  expect(await bases.now(id)).toHaveProperty('access')
})

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()

/** A mother by an app: client, grant, token and account, all in force. @returns what she is told of now, looked up anew */
async function signInMother() {
  const { pool } = database
  const expiresAt = tomorrow()
  await pool.query(sql`
    INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, grant_types, allowed_scope)
    VALUES ('diary', 'Diary', 'none', ARRAY['authorization_code'], 'patient/*.rs') ON CONFLICT DO NOTHING`)
  await pool.query(sql`
    INSERT INTO account (account_id, name, fhir_user, allowed_scope)
    VALUES ('mother', 'Mor', 'RelatedPerson/mother', 'patient/*.rs') ON CONFLICT DO NOTHING`)
  await pool.query(sql`
    INSERT INTO oidc_artifact (model, id, payload, expires_at)
    SELECT model, id, '{}', ${expiresAt}::timestamptz FROM (VALUES ('Grant', 'mothers-grant'), ('AccessToken', 'mothers-token')) one(model, id)
    ON CONFLICT DO NOTHING`)
  const id = await keepBasis(pool, {
    ...{ actor: 'RelatedPerson/mother', clientId: 'diary', scopes: parseScopes('patient/Task.rs') },
    token: { key: 'mothers-token', expiresAt, grant: 'mothers-grant' },
  })
  const bases = createBases({ pool, demo: false, standingOf: async (access) => access })
  return async () => {
    bases.forget()
    return bases.now(id)
  }
}

test.each([
  [
    'the grant is taken back',
    sql`DELETE FROM oidc_artifact WHERE model = 'Grant' AND id = 'mothers-grant'`,
    /taken back/,
  ],
  [
    'the grant has run out',
    sql`UPDATE oidc_artifact SET expires_at = now() - interval '1 second' WHERE id = 'mothers-grant'`,
    /ended/,
  ],
  ['the token is revoked', sql`DELETE FROM oidc_artifact WHERE id = 'mothers-token'`, /token was revoked/],
  ['the app is removed', sql`DELETE FROM oauth_client WHERE client_id = 'diary'`, /client is not registered/],
  [
    'the app is one of a demo alone',
    sql`UPDATE oauth_client SET demo = true WHERE client_id = 'diary'`,
    /client is not registered/,
  ],
  ['the account is removed', sql`DELETE FROM account WHERE account_id = 'mother'`, /account is gone/],
  [
    'the account is one of a demo alone',
    sql`UPDATE account SET demo = true WHERE account_id = 'mother'`,
    /account is gone/,
  ],
])('a person is told of nothing more once %s', async (_, end, reason) => {
  const now = await signInMother()
  expect(await now()).toHaveProperty('access')
  await database.pool.query(end)
  expect(await now()).toEqual({ ended: expect.stringMatching(reason) })
  await database.pool.query(sql`DELETE FROM oidc_artifact WHERE id LIKE 'mothers-%'`)
  await database.pool.query(sql`DELETE FROM oauth_client WHERE client_id = 'diary'`)
  await database.pool.query(sql`DELETE FROM account WHERE account_id = 'mother'`)
})
