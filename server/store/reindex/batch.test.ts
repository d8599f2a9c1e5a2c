import type { SearchParameter } from '@medplum/fhirtypes'
import { engineAccess } from '../../access/engine-access.ts'
import { reachOf } from '../../access/reach.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { inTransaction } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../../db/test-database.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createIndexer } from '../../search/indexer.ts'
import { parseSearch } from '../../search/search-query.ts'
import { createStore, type Store } from '../store.ts'
import { reindexBatch } from './batch.ts'
import { readJobs } from './jobs.ts'
import { followSearchParameters, type SearchDefinitions } from './search-definitions.ts'

const TESTER = engineAccess('test')
const SIZE = 'http://x.example/size'

let database: TestDatabase
let definitions: SearchDefinitions
let store: Store
const indexer = createIndexer(() => definitions.current())

beforeAll(async () => {
  database = await startTestDatabase()
  definitions = followSearchParameters(database.pool, loadDefinitions(), () => {})
  store = createStore({
    pool: database.pool,
    index: (resource) => indexer.index(resource),
    reachOf,
    onCommit: () => {},
    now: () => new Date(),
    baseUrl: 'http://localhost/fhir',
    slot: 1,
  })
})
afterAll(() => {
  definitions.stop()
  return database.stop()
})

const device = (id: string, size: number): Resource => ({
  resourceType: 'Device',
  id,
  manufacturer: 'Fabrikk',
  extension: [{ url: SIZE, valueQuantity: { value: size, unit: 'cm' } }],
})
const put = (resource: Resource) => store.write(TESTER, { interaction: 'update', id: String(resource.id), resource })

const parameter = (code: string, change: Partial<SearchParameter> = {}) => ({
  ...{
    resourceType: 'SearchParameter',
    id: `by-${code}`,
    url: `http://x.example/${code}`,
    name: code,
    status: 'active',
  },
  ...{ description: code, code, base: ['Device'], type: 'quantity' },
  expression: `Device.extension.where(url='${SIZE}').value`,
  ...change,
})

async function add(code: string, change?: Partial<SearchParameter>): Promise<void> {
  await put(parameter(code, change))
  await definitions.refresh()
  await database.pool.query(`UPDATE reindex_job SET starts_at = now()`)
}

const batch = (countMax: number) => inTransaction(database.pool, (tx) => reindexBatch(tx, indexer, countMax))

async function found(query: string): Promise<string[]> {
  const { matches } = await store.search(
    TESTER,
    parseSearch(definitions.current(), 'Device', new URLSearchParams(query), 'strict'),
  )
  return matches.map(({ id }) => id).sort()
}

const sideRows = async () => {
  const { rows } = await database.pool.query(sql`
    SELECT 'string' AS kind, rk, key FROM search_string UNION ALL SELECT 'quantity', rk, key FROM search_quantity ORDER BY 1, 2, 3`)
  return rows
}

test('batch after batch; what has been taken is found, and the job ends with the last one', async () => {
  for (let i = 0; i < 5; i++) await put(device(`d${i}`, 10 * i))
  await add('size')
  expect(await found('size=ge0')).toEqual([])

  expect(await batch(2)).toMatchObject({ count: 2, finished: [] })
  expect(await found('size=ge0')).toEqual(['d0', 'd1'])
  expect(await batch(2)).toMatchObject({ count: 2, finished: [] })
  expect(await batch(2)).toMatchObject({ count: 1, finished: [{ code: 'size' }] })
  expect(await found('size=ge20')).toEqual(['d2', 'd3', 'd4'])
  expect(await batch(2)).toBeUndefined()
  expect(await readJobs(database.pool, 'by-size')).toMatchObject([{ type: 'Device', done: 5, total: 5 }])
})

test('rows of other parameters stay, and none is there twice', async () => {
  const before = await sideRows()
  await database.pool.query('UPDATE reindex_job SET finished_at = NULL, rk = 0, done = 0')
  await batch(100)
  expect(await sideRows()).toEqual(before)
})

test('parameters of one type go through it together; one that came later starts at the beginning', async () => {
  await add('first', { type: 'token', expression: 'Device.manufacturer' })
  await batch(2)
  await add('second', { type: 'token', expression: 'Device.manufacturer' })
  expect(await batch(2)).toMatchObject({ count: 2 })
  const places = [...(await readJobs(database.pool, 'by-first')), ...(await readJobs(database.pool, 'by-second'))]
  expect(places.map(({ done }) => done)).toEqual([4, 2])
  while (await batch(2)) {}
  expect(await found('first=Fabrikk')).toHaveLength(5)
  expect(await found('second=Fabrikk')).toHaveLength(5)
})

test('a parameter that is stored again without a change of what it looks at is not indexed again', async () => {
  await add('size', { description: 'Another text' })
  expect(await batch(2)).toBeUndefined()
  await add('size', { type: 'token', expression: 'Device.manufacturer' })
  expect(await batch(100)).toMatchObject({ finished: [{ code: 'size' }] })
})

test('a change that waits for a batch, or that a batch waits for, is in the index afterwards', async () => {
  for (let i = 0; i < 40; i++) await put(device(`r${i}`, 1))
  await add('girth', { expression: `Device.extension.where(url='${SIZE}').value as Quantity` })
  const writing = Array.from({ length: 40 }, (_, i) => put(device(`r${i}`, 500)))
  const indexing = (async () => {
    while (await batch(3)) {}
  })()
  await Promise.all([...writing, indexing])
  expect(await found('girth=500&_count=100')).toHaveLength(40)
  expect(await found('girth=1&_count=100')).toEqual([])
})

test('what is deleted while a parameter is indexed is not found', async () => {
  await add('width', { expression: `Device.extension.where(url='${SIZE}').value.ofType(Quantity)` })
  await Promise.all([store.write(TESTER, { interaction: 'delete', type: 'Device', id: 'd4' }), batch(100)])
  expect(await found('width=40')).toEqual([])
})

test('only one worker goes on at a time', async () => {
  await add('height', { type: 'token', expression: 'Device.status' })
  await inTransaction(database.pool, async (tx) => {
    expect(await reindexBatch(tx, indexer, 1)).toMatchObject({ count: 1 })
    expect(await batch(1)).toBeUndefined()
  })
})
