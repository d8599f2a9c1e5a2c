import { setTimeout as sleep } from 'node:timers/promises'
import { engineAccess } from '../access/engine-access.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import type { IndexRow } from '../search/index-row.ts'
import { createBulkExports, type ExportJob } from './bulk-export.ts'
import type { StoreRooms } from './rooms.ts'
import { createStore } from './store.ts'

const COUNT = 7
const everyone = { ...engineAccess('test'), clientId: 'test' }
const index = (): IndexRow => ({ patient: null, dateLow: null, dateHigh: null, loinc: null, side: {}, tokens: [] })

let database: TestDatabase
let rooms: StoreRooms
let ids: string[]
let job: ExportJob
beforeAll(async () => {
  database = await startTestDatabase()
  rooms = {
    ...{ pool: database.pool, index, reachOf: () => ({ kind: 'all' }), onCommit: () => {}, now: () => new Date() },
    ...{ slot: 1, baseUrl: 'http://localhost/fhir' },
  }
  const store = createStore(rooms)
  const write = (n: number) =>
    store.write(everyone, { interaction: 'create', resource: { resourceType: 'Basic', code: { text: `${n}` } } })
  for (let n = 0; n < COUNT; n++) await write(n)
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT id FROM resource WHERE type = 'Basic' ORDER BY rk, bucket`,
  )
  ids = rows.map(({ id }) => id)
  // The moment of the export is another than those of what is written before and after it.
  await sleep(5)
  job = {
    ...{ id: 'job', transactionTime: new Date(), expiresAt: new Date(), isSettled: true },
    asked: { request: '', types: ['Basic'], whose: 'all' },
  }
  await sleep(5)
  // What comes then is in none of its parts.
  await write(COUNT)
})
afterAll(() => database.stop())

test.each([1, 2, 3, COUNT - 1, COUNT, COUNT + 1])(
  'files of %i hold each resource once, in their order, and the same whenever they are fetched',
  async (partCount) => {
    const exports = createBulkExports(rooms, () => ({}) as never, partCount)
    const parts = await exports.partsOf(everyone, job, 'Basic')
    expect(parts).toHaveLength(Math.ceil(COUNT / partCount))
    expect(await exports.partsOf(everyone, job, 'Basic')).toEqual(parts)
    const pages = await Promise.all(parts.map((part) => exports.page(everyone, job, 'Basic', part)))
    const found = pages.map(({ lines }) => lines.map((line) => (JSON.parse(line) as { id: string }).id))
    expect(found.flat()).toEqual(ids)
    expect(found.slice(0, -1).every(({ length }) => length === partCount)).toBe(true)
  },
)

test('of what there is nothing, there is one part, which is empty', async () => {
  const exports = createBulkExports(rooms, () => ({}) as never, 2)
  const nothing = { ...job, asked: { ...job.asked, types: ['Goal'] } }
  const [part, ...others] = await exports.partsOf(everyone, nothing, 'Goal')
  expect([others, (await exports.page(everyone, nothing, 'Goal', part)).lines]).toEqual([[], []])
})
