import { setTimeout as sleep } from 'node:timers/promises'
import { engineAccess } from '../access/engine-access.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import type { IndexRow } from '../search/index-row.ts'
import { createBulkExports } from './bulk-export.ts'
import type { StoreRooms } from './rooms.ts'
import { createStore, type Store } from './store.ts'

const everyone = { ...engineAccess('test'), clientId: 'test' }
const index = (): IndexRow => ({ patient: null, dateLow: null, dateHigh: null, loinc: null, side: {}, tokens: [] })
const basic = (text: string) => ({ resourceType: 'Basic', code: { text } })

let database: TestDatabase
let rooms: StoreRooms
let store: Store
/** A thousand times as fast as the real one: what is told in one millisecond is told anew in the next. */
const startedAt = performance.now()
const now = () => new Date(Date.UTC(2026, 0, 1) + Math.round((performance.now() - startedAt) * 1000))

beforeAll(async () => {
  database = await startTestDatabase(16)
  rooms = {
    ...{ pool: database.pool, index, reachOf: () => ({ kind: 'all' }), onCommit: () => {}, now },
    ...{ slot: 1, baseUrl: 'http://localhost/fhir' },
  }
  store = createStore(rooms)
})
afterAll(() => database.stop())

class Killed extends Error {}

/** A partner who keeps what has come, and the moment up to which that is everything; killed at any point, both stay as they are. */
function partner(dies: () => boolean) {
  const kept = new Set<string>()
  let since: string | undefined
  return {
    kept,
    async follow() {
      let cursor: string | undefined
      let told: string | undefined
      do {
        const page = await store.historyOfTypes(everyone, ['Basic'], {
          count: 20,
          ...(since && { since }),
          ...(cursor && { cursor }),
        })
        told ??= page.until
        const place = dies() ? Math.floor(Math.random() * page.versions.length) : undefined
        for (const { id, versionId } of page.versions.slice(0, place)) kept.add(`${id}/${versionId}`)
        if (place !== undefined) throw new Killed()
        cursor = page.next
      } while (cursor)
      since = told
    },
  }
}

/** The partner that this is better than: it goes on from the newest that it has seen. */
function byTimeAlone() {
  const kept = new Set<string>()
  let since = '1970-01-01T00:00:00.000Z'
  return {
    kept,
    async follow() {
      const { versions } = await store.historyOfTypes(everyone, ['Basic'], {
        count: 1000,
        since: '1970-01-01T00:00:00Z',
      })
      const later = versions.filter(({ lastUpdated }) => lastUpdated >= since)
      for (const { id, versionId } of later) kept.add(`${id}/${versionId}`)
      since = later[0]?.lastUpdated ?? since
    },
  }
}

test('partners who are killed at any point have everything in the end, however long each write takes', async () => {
  const written: string[] = []
  let isWriting = true
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 15; round++) {
      await store.transact(async (inside) => {
        const { id, versionId } = await inside.write(everyone, { interaction: 'create', resource: basic(`${writer}`) })
        written.push(`${id}/${versionId}`)
        // Its time is given, and it cannot be seen yet.
        await sleep(Math.random() * 15)
      })
    }
  })
  const followed = async ({ kept, follow }: ReturnType<typeof partner>) => {
    for (let last = false; !last; ) {
      last = !isWriting
      await follow().catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
        last = false
      })
      await sleep(1)
    }
    return kept
  }
  const steady = followed(partner(() => false))
  const mortal = [followed(partner(() => Math.random() < 0.1)), followed(partner(() => Math.random() < 0.3))]
  const naive = followed(byTimeAlone())
  await Promise.all(writers)
  isWriting = false
  expect(written).toHaveLength(120)
  for (const one of [steady, ...mortal]) expect([...(await one)].sort()).toEqual([...written].sort())
  // Not a rule, but the reason for all this: were it never so, the test would not have tried what it is about.
  expect((await naive).size).toBeLessThan(written.length)
})

/** Something that has its time, and is not committed before `release` is called. */
async function held(): Promise<{ id: string; release: () => Promise<unknown> }> {
  let let_ = () => {}
  const released = new Promise<void>((resolve) => {
    let_ = resolve
  })
  let told: (id: string) => void = () => {}
  const written = new Promise<string>((resolve) => {
    told = resolve
  })
  const work = store.transact(async (inside) => {
    told((await inside.write(everyone, { interaction: 'create', resource: basic('held') })).id)
    await released
  })
  return {
    id: await written,
    release: () => {
      let_()
      return work
    },
  }
}

test('what was being written when a moment was told is told since that moment, counted with the others, and once', async () => {
  const one = await held()
  await sleep(3)
  const { until, versions } = await store.historyOfTypes(everyone, ['Basic'], { count: 1000 })
  expect(versions.map(({ id }) => id)).not.toContain(one.id)
  await one.release()
  const query = { count: 1000, since: until ?? '', wantsTotal: true }
  const after = await store.historyOfTypes(everyone, ['Basic'], query)
  expect([after.versions.map(({ id }) => id), after.total]).toEqual([[one.id], 1])
  const next = await store.historyOfTypes(everyone, ['Basic'], { count: 9, since: after.until ?? '' })
  expect(next.versions).toEqual([])
})

test('an export tells what the one before it could not see', async () => {
  const exports = createBulkExports(rooms, { parse: () => ({}) as never, keptHours: 1 })
  const one = await held()
  await sleep(3)
  const before = await found(await exports.begin(everyone, { request: '', types: ['Basic'], whose: 'all' }))
  await one.release()
  await sleep(3)
  const since = before.transactionTime.toISOString()
  const after = await found(await exports.begin(everyone, { request: '', types: ['Basic'], whose: 'all', since }))
  const { lines } = await exports.page(everyone, after, 'Basic')
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([one.id])

  async function found(id: string) {
    const job = await exports.find(everyone, id)
    if (!job) throw new Error(`the export ${id} is gone`)
    return job
  }
})

test('for a time that nobody was told, what has a later time is told, and nothing else', async () => {
  const one = await held()
  await sleep(3)
  await store.historyOfTypes(everyone, ['Basic'], { count: 1 })
  const between = now().toISOString()
  await one.release()
  const after = await store.historyOfTypes(everyone, ['Basic'], { count: 9, since: between })
  expect(after.versions).toEqual([])
})

test('a moment is told to all who ask within a second, and kept for thirty days', async () => {
  const { tellMoment } = await import('./moments.ts')
  const { pool } = database
  const at = (text: string) => new Date(text)
  const old = ['2024-03-01T10:00:00Z', '2024-03-01T10:59:00Z', '2024-03-01T11:00:00Z']
  for (const text of old) expect(await tellMoment(pool, at(text))).toEqual(at(text))
  expect(await tellMoment(pool, at('2024-03-01T11:00:00.900Z'))).toEqual(at('2024-03-01T11:00:00Z'))
  expect(await tellMoment(pool, at('2024-03-01T11:00:01.100Z'))).toEqual(at('2024-03-01T11:00:01.100Z'))
  await tellMoment(pool, at('2024-03-31T10:30:00Z'))
  const { rows } = await pool.query<{ at: Date }>("SELECT at FROM told_moment WHERE at < '2025-01-01' ORDER BY at")
  expect(rows.map((row) => row.at)).toEqual(
    ['2024-03-01T10:59:00Z', '2024-03-01T11:00:00Z', '2024-03-01T11:00:01.100Z', '2024-03-31T10:30:00Z'].map(at),
  )
})
