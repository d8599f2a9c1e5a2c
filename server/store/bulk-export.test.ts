import { setTimeout as sleep } from 'node:timers/promises'
import { engineAccess } from '../access/engine-access.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import type { IndexRow } from '../search/index-row.ts'
import { createBulkExports, type ExportAsked, type ExportJob } from './bulk-export.ts'
import type { StoreRooms } from './rooms.ts'
import { createStore, type Store } from './store.ts'

const COUNT = 7
const everyone = { ...engineAccess('test'), clientId: 'test' }
const index = (): IndexRow => ({ patient: null, dateLow: null, dateHigh: null, loinc: null, side: {}, tokens: [] })

let database: TestDatabase
let rooms: StoreRooms
let store: Store
let writtenCount = 0
beforeAll(async () => {
  database = await startTestDatabase()
  rooms = {
    ...{ pool: database.pool, index, reachOf: () => ({ kind: 'all' }), onCommit: () => {}, now: () => new Date() },
    ...{ slot: 1, baseUrl: 'http://localhost/fhir' },
  }
  store = createStore(rooms)
  for (let n = 0; n < COUNT; n++) await write()
})
afterAll(() => database.stop())

const write = () =>
  store.write(everyone, {
    interaction: 'create',
    resource: { resourceType: 'Basic', code: { text: `${writtenCount++}` } },
  })

const settings = { parse: () => ({}) as never, keptHours: 1 }
const exportsOf = (partCount: number) => createBulkExports(rooms, { ...settings, partCount })

/** An export that is ready, and what was there when it was asked for. Something is written before and after that moment, at other times. */
async function ready(asked: Partial<ExportAsked> = {}): Promise<{ job: ExportJob; ids: string[] }> {
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT id FROM resource WHERE type = 'Basic' AND NOT deleted ORDER BY rk, bucket`,
  )
  await sleep(5)
  const id = await exportsOf(1).begin(everyone, { request: '', types: ['Basic'], whose: 'all', ...asked })
  await sleep(5)
  await write()
  return { job: await found(id), ids: rows.map((row) => row.id) }
}

async function found(id: string): Promise<ExportJob> {
  await database.pool.query(`UPDATE bulk_export SET requested_at = now() - interval '1 minute' WHERE id = '${id}'`)
  for (;;) {
    const job = await exportsOf(1).find(everyone, id)
    if (!job) throw new Error(`the export ${id} is gone`)
    if (job.isSettled) return job
  }
}

test.each([1, 2, 3, COUNT - 1, COUNT, COUNT + 1, COUNT * 3])(
  'files of %i hold each resource once, in their order',
  async (partCount) => {
    const exports = exportsOf(partCount)
    const { job, ids } = await ready()
    const { files } = (await exports.contentsOf(everyone, job)) ?? { files: [] }
    expect(files).toHaveLength(Math.ceil(ids.length / partCount))
    const pages = await Promise.all(files.map((file) => exports.page(everyone, job, 'Basic', file)))
    const lines = pages.map((page) => page.lines.map((line) => (JSON.parse(line) as { id: string }).id))
    expect(lines.flat()).toEqual(ids)
    expect(lines.slice(0, -1).every(({ length }) => length === partCount)).toBe(true)
  },
)

test('what an export is made of is worked out once: whoever asks again, in another process too, gets the same borders', async () => {
  const { job } = await ready()
  const told = await exportsOf(2).contentsOf(everyone, job)
  expect(told?.files.length).toBeGreaterThan(1)
  const again = await found(job.id)
  expect(again.contents).toMatchObject(told ?? {})
  expect(await exportsOf(1_000).contentsOf(everyone, again)).toEqual(told)
  // Who had looked before it was there gets the one that was first too.
  expect(await exportsOf(1_000).contentsOf(everyone, job)).toEqual(told)
})

test('whoever comes first with fewer scopes does not decide what is there for the others', async () => {
  const of = (type: string) => ({ ...everyone, scopes: [{ text: '', level: 'system' as const, type, letters: 's' }] })
  const reachOf: StoreRooms['reachOf'] = ({ scopes: [scope] }, type) => ({
    kind: scope?.type === type ? 'all' : 'none',
  })
  const exports = createBulkExports({ ...rooms, reachOf }, { ...settings, partCount: 2 })
  const { job } = await ready()
  expect((await exports.contentsOf(of('Goal'), job))?.files).toEqual([])
  const told = await exports.contentsOf(of('Basic'), await found(job.id))
  expect(told?.files.length).toBeGreaterThan(1)
  expect(await exports.contentsOf(of('Basic'), await found(job.id))).toEqual(told)
  expect((await exports.contentsOf(of('Goal'), await found(job.id)))?.files).toEqual([])
})

test('of two that ask for it first, at the same time, both are told the same', async () => {
  const { job } = await ready()
  const [one, other] = await Promise.all([2, 3].map((count) => exportsOf(count).contentsOf(everyone, job)))
  expect(one).toEqual(other)
})

describe('of a type of which searches find some', () => {
  const narrowed = { filters: { Basic: ['_summary=false'] } }
  const parse = () => ({ type: 'Basic', filters: [] }) as never
  const of = (type: string) => ({ ...everyone, scopes: [{ text: '', level: 'system' as const, type, letters: 's' }] })
  const reachOf: StoreRooms['reachOf'] = ({ scopes: [scope] }, type) => ({
    kind: scope?.type === type ? 'all' : 'none',
  })
  const process = () => createBulkExports({ ...rooms, reachOf }, { ...settings, parse, partCount: 1_000 })
  const idsOf = async (type: string, job: ExportJob) =>
    (await process().page(of(type), job, 'Basic')).lines.map((line) => (JSON.parse(line) as { id: string }).id)
  const writtenIn = async ({ id }: ExportJob) =>
    (await database.pool.query(`SELECT DISTINCT xmin::text FROM bulk_export_found WHERE export = '${id}'`)).rows

  test('what was found once stays, whichever process looks for it too', async () => {
    const { job, ids } = await ready(narrowed)
    await process().contentsOf(of('Basic'), job)
    const written = await writtenIn(job)
    expect(written).toHaveLength(1)
    await process().contentsOf(of('Basic'), job)
    expect(await writtenIn(job)).toEqual(written)
    expect(await idsOf('Basic', job)).toEqual(ids)
  })

  test('two processes at once find it once', async () => {
    const { job, ids } = await ready(narrowed)
    const [one, other] = await Promise.all([1, 2].map(() => process().contentsOf(of('Basic'), job)))
    expect(one).toEqual(other)
    expect(await writtenIn(job)).toHaveLength(1)
    expect(await idsOf('Basic', job)).toEqual(ids)
  })

  test('whoever comes with other scopes takes nothing away, and finds their own', async () => {
    const { job, ids } = await ready(narrowed)
    await process().contentsOf(of('Basic'), job)
    expect((await process().contentsOf(of('Goal'), job))?.files).toEqual([])
    expect(await idsOf('Basic', job)).toEqual(ids)
    const late = (await ready(narrowed)).job
    await process().contentsOf(of('Goal'), late)
    expect(await idsOf('Basic', late)).toEqual([...ids, expect.any(String)])
  })

  test('an export that was removed meanwhile is gone', async () => {
    const { job } = await ready(narrowed)
    await process().remove(of('Basic'), job.id)
    expect(await process().contentsOf(of('Basic'), job)).toBeUndefined()
  })
})

test('of what there is nothing, there is no file', async () => {
  const { job } = await ready({ types: ['Goal'] })
  expect(await exportsOf(2).contentsOf(everyone, job)).toEqual({ files: [], hasDeleted: false })
})

test('that something was deleted since then is told, and only with `since`', async () => {
  const since = new Date(Date.now() - 60_000).toISOString()
  const { id } = await write()
  await store.write(everyone, { interaction: 'delete', type: 'Basic', id })
  await sleep(5)
  const [whole, changed] = [await ready(), await ready({ since })]
  expect((await exportsOf(2).contentsOf(everyone, whole.job))?.hasDeleted).toBe(false)
  expect((await exportsOf(2).contentsOf(everyone, changed.job))?.hasDeleted).toBe(true)
})

test('what is removed while it is worked out is gone, and so is somebody else’s', async () => {
  const { job } = await ready()
  expect(await exportsOf(2).contentsOf({ ...everyone, clientId: 'another' }, job)).toBeUndefined()
  await exportsOf(2).remove(everyone, job.id)
  expect(await exportsOf(2).contentsOf(everyone, job)).toBeUndefined()
})
