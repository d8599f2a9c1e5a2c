import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { followCommonTokens, readCommonTokens } from './common-tokens.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

test('there are none without statistics; afterwards what many have, and not what one has', async () => {
  let now = 0
  const commonTokens = followCommonTokens(database.pool, () => now)
  expect(commonTokens()).toBeUndefined()
  await database.pool.query(sql`
    INSERT INTO resource (bucket, rk, type, id, version, last_updated, tokens, content)
    SELECT 1, i, 'Observation', i::text, 1, now(), ARRAY[-7, 1000 + i]::bigint[], '{}' FROM generate_series(1, 5000) i`)
  await database.pool.query('ANALYZE resource')
  expect(await readCommonTokens(database.pool)).toEqual(new Set(['-7']))

  // Who asks does not wait: the answer is there for who asks next.
  now = 60_001
  expect(commonTokens()).toBeUndefined()
  for (let tries = 0; tries < 100 && !commonTokens(); tries++) await sleep(10)
  expect([commonTokens()?.('-7'), commonTokens()?.('1001')]).toEqual([true, false])
})
