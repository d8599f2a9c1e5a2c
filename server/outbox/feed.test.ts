import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, type Pool, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type FeedEvent, type Position, readFeed } from './feed.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await startTestDatabase(24)
  pool = database.pool
})
afterAll(() => database.stop())

const append = (tx: Tx, id: string) =>
  tx.query(sql`INSERT INTO event (bucket, rk, version, type, id, interaction, recorded_at, actor)
               VALUES (1, 1, 1, 'Observation', ${id}, 'create', now(), 'Device/test')`)

const BEGINNING: Position = { xid: '0', seq: '0' }

function isAfter(one: Position, other: Position): boolean {
  const [xid, otherXid] = [BigInt(one.xid), BigInt(other.xid)]
  return xid > otherXid || (xid === otherXid && BigInt(one.seq) > BigInt(other.seq))
}

const idOf = ({ id }: FeedEvent) => id

test('readers who follow the feed while many write read every event, once, and never go back', async () => {
  const writerCount = 12
  const rounds = 40
  let writing = true
  let missedBySequence = 0
  const writers = Array.from({ length: writerCount }, async (_, writer) => {
    for (let round = 0; round < rounds; round++) {
      await inTransaction(pool, async (tx) => {
        await append(tx, `${writer}-${round}-a`)
        // Transactions of different length: the later number may be committed first.
        await sleep(Math.random() * 12)
        await append(tx, `${writer}-${round}-b`)
      })
    }
  })
  const follow = async () => {
    const seen: FeedEvent[] = []
    let position: Position = BEGINNING
    for (;;) {
      const last = !writing
      const events = await readFeed(pool, position, { countMax: 7 })
      for (const event of events) {
        if (!isAfter(event, position))
          throw new Error(`${event.xid}/${event.seq} comes after ${position.xid}/${position.seq}`)
        position = event
      }
      seen.push(...events)
      if (events.length === 0) {
        if (last) return seen
        await sleep(1)
      }
    }
  }
  /** The reader that the feed is better than: it goes by sequence number alone. */
  const followBySequence = async () => {
    const seen = new Set<string>()
    let after = '0'
    for (let last = false; !last; ) {
      last = !writing
      const { rows } = await pool.query<{ seq: string; id: string }>(sql`
        SELECT seq, id FROM event WHERE seq > ${after}::bigint ORDER BY seq`)
      for (const { seq, id } of rows) {
        after = seq
        seen.add(id)
      }
      await sleep(1)
    }
    return seen
  }
  const readers = [follow(), follow(), follow()]
  const naive = followBySequence()
  await Promise.all(writers)
  writing = false

  const expected = Array.from({ length: writerCount }, (_, w) =>
    Array.from({ length: rounds }, (_, r) => [`${w}-${r}-a`, `${w}-${r}-b`]),
  )
    .flat(2)
    .sort()
  for (const reader of readers) expect((await reader).map(idOf).sort()).toEqual(expected)
  missedBySequence = expected.length - (await naive).size
  // Not a rule, but the reason for all this: were it never so, the test would not have tried what it is about.
  expect(missedBySequence).toBeGreaterThan(0)
})

test('an event waits for the transactions that began before its own, and is there when they end', async () => {
  const { rows } = await pool.query<Position>('SELECT xid, seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1')
  const end = rows[0] ?? BEGINNING
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = inTransaction(pool, async (tx) => {
    await append(tx, 'slow')
    await held
  })
  await sleep(50)
  await inTransaction(pool, (tx) => append(tx, 'quick'))
  expect(await readFeed(pool, end, { countMax: 10 })).toEqual([])
  release()
  await slow
  expect((await readFeed(pool, end, { countMax: 10 })).map(idOf)).toEqual(['slow', 'quick'])
})

test('what is rolled back never happened', async () => {
  const { rows } = await pool.query<Position>('SELECT xid, seq FROM event ORDER BY xid DESC, seq DESC LIMIT 1')
  const end = rows[0] ?? BEGINNING
  await expect(
    inTransaction(pool, async (tx) => {
      await append(tx, 'never')
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(await readFeed(pool, end, { countMax: 10 })).toEqual([])
})
