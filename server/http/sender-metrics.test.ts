import { Registry } from 'prom-client'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { measureSenders } from './sender-metrics.ts'

const NOW = new Date('2026-11-23T08:00:00Z')
let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

async function put(n: number, receiver: string, state: string, minutesAgo: number): Promise<void> {
  const at = new Date(NOW.getTime() - minutesAgo * 60_000).toISOString()
  await database.pool.query(sql`
    INSERT INTO outgoing_message (id, receiver, organization, patient, cause, actor, caused_at, queued_at, due_at, state)
    VALUES (${`00000000-0000-4000-8000-00000000000${n}`}::uuid, ${receiver}, '1', 'p', ${`Task/${n}/_history/1`}, 'Practitioner/x',
            ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz, ${state})`)
}

test('metrics tell how many messages wait or are dead, and for how long the oldest has waited', async () => {
  const registry = new Registry()
  measureSenders(registry, database.pool, () => NOW)
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('fylgje_sender'))
  expect(await lines()).toEqual([])
  await put(1, 'jft', 'journaled', 90)
  await put(2, 'jft', 'failed', 30)
  await put(3, 'jft', 'queued', 10)
  await put(4, 'pmd', 'dead', 5)
  expect(await lines()).toEqual([
    'fylgje_sender_messages{receiver="jft",organization="1",state="failed"} 1',
    'fylgje_sender_messages{receiver="jft",organization="1",state="queued"} 1',
    'fylgje_sender_messages{receiver="pmd",organization="1",state="dead"} 1',
    'fylgje_sender_oldest_waiting_seconds{receiver="jft",organization="1"} 1800',
  ])
  await database.pool.query(sql`TRUNCATE outgoing_message`)
  expect(await lines()).toEqual([])
})

test('a scrape asks once, and reads nothing of what is done with', async () => {
  await database.pool.query(sql`
    INSERT INTO outgoing_message (id, receiver, organization, patient, cause, actor, caused_at, queued_at, due_at, state)
    SELECT gen_random_uuid(), 'pmd', '1', 'p', 'Observation/' || n || '/_history/1', 'Device/d', now(), now(), now(), 'accepted'
      FROM generate_series(1, 20000) n`)
  await put(1, 'pmd', 'failed', 30)
  await put(2, 'pmd', 'dead', 5)
  await database.pool.query(sql`ANALYZE outgoing_message`)
  const asked: { text: string }[] = []
  const db = {
    query: (query: { text: string; name?: string }) => {
      asked.push({ text: query.text })
      return database.pool.query(query)
    },
  } as Queryable
  const registry = new Registry()
  measureSenders(registry, db, () => NOW)
  expect(await registry.metrics()).toContain('state="failed"} 1')
  expect(asked).toHaveLength(1)
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${asked[0]?.text}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('outgoing_message_dead')
  expect(plan).not.toContain('Seq Scan')
  await registry.metrics()
  expect(asked).toHaveLength(2)
})
