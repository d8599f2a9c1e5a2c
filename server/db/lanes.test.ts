import fc from 'fast-check'
import { type Lanes, openLanes } from './lanes.ts'
import { sql } from './sql.ts'
import { startTestDatabase, type TestDatabase } from './test-database.ts'
import { isUnavailable } from './unavailable.ts'

let database: TestDatabase
let lanes: Lanes
beforeAll(async () => {
  database = await startTestDatabase()
  lanes = openLanes(database.databaseUrl, 'lanes', 2)
})
afterAll(async () => {
  await lanes?.close()
  await database?.stop()
})

const echo = (value: string) => lanes.ask<{ value: string }>(sql`SELECT ${value}::text AS value`)

test('each of many statements at once has its own answer, and a failing one fails alone', async () => {
  const statement = fc.oneof(
    fc.record({ kind: fc.constant('echo' as const), value: fc.stringMatching(/^[a-zæøå]{0,20}$/) }),
    fc.record({ kind: fc.constant('fails' as const), value: fc.constantFrom('x', '', '1e9') }),
    fc.record({ kind: fc.constant('rows' as const), value: fc.integer({ min: 0, max: 50 }).map(String) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { maxLength: 60 }), async (statements) => {
      const answers = await Promise.allSettled(
        statements.map(({ kind, value }) => {
          if (kind === 'echo') return echo(value)
          if (kind === 'fails') return lanes.ask(sql`SELECT ${value}::int AS value`)
          return lanes.ask(sql`SELECT generate_series(1, ${Number(value)}::int) AS value`)
        }),
      )
      statements.forEach(({ kind, value }, i) => {
        const answer = answers[i]
        if (kind === 'fails') expect(answer?.status).toBe('rejected')
        else if (kind === 'echo') expect(answer).toEqual({ status: 'fulfilled', value: [{ value }] })
        else expect((answer as PromiseFulfilledResult<unknown[]>).value).toHaveLength(Number(value))
      })
    }),
    { numRuns: 30 },
  )
})

test('a connection that dies fails what is under way on it as unavailable, and the next statements find a new one', async () => {
  const slow = [1, 2].map(() => lanes.ask(sql`SELECT pg_sleep(60)`).catch((error: unknown) => error))
  await untilBusy()
  const behind = [1, 2].map(() => echo('behind').catch((error: unknown) => error))
  await database.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lanes'`)
  for (const failure of await Promise.all([...slow, ...behind])) expect(isUnavailable(failure)).toBe(true)
  expect(await Promise.all(['a', 'b', 'c'].map(echo))).toEqual([[{ value: 'a' }], [{ value: 'b' }], [{ value: 'c' }]])
})

test('a database that is not there is told to each who asks, and asked anew each time', async () => {
  const url = new URL(database.databaseUrl)
  url.searchParams.set('host', '/nowhere')
  const nowhere = openLanes(url.href, 'lanes', 1)
  for (const _ of [1, 2]) {
    const failure = await nowhere.ask(sql`SELECT 1`).catch((error: unknown) => error)
    expect(isUnavailable(failure)).toBe(true)
  }
  await nowhere.close()
})

test('closed lanes take nothing more', async () => {
  const closed = openLanes(database.databaseUrl, 'lanes', 1)
  expect(await closed.ask(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
  await closed.close()
  await expect(closed.ask(sql`SELECT 1`)).rejects.toThrow('closed')
})

async function untilBusy(): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query<{ busy: number }>(
      `SELECT count(*)::int AS busy FROM pg_stat_activity WHERE application_name = 'lanes' AND query LIKE '%pg_sleep%' AND state = 'active'`,
    )
    if (rows[0]?.busy === 2) return
  }
}
