import { setTimeout as sleep } from 'node:timers/promises'
import type { SearchParameter } from '@medplum/fhirtypes'
import { engineAccess } from '../../access/engine-access.ts'
import { reachOf } from '../../access/reach.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../../db/test-database.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createIndexer } from '../../search/indexer.ts'
import { createStore, type Store } from '../store.ts'
import { watchWrites } from '../watch-writes.ts'
import { followSearchParameters, type SearchDefinitions } from './search-definitions.ts'

const TESTER = engineAccess('test')
const base = loadDefinitions()

let database: TestDatabase
/** Two processes over one database; `store` belongs to the first. */
let here: SearchDefinitions
let elsewhere: SearchDefinitions
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  here = followSearchParameters(database.pool, base, () => {})
  elsewhere = followSearchParameters(database.pool, base, () => {})
  const indexer = createIndexer(here.current)
  const plain = createStore({
    pool: database.pool,
    index: (resource) => indexer.index(resource),
    reachOf,
    onCommit: () => {},
    now: () => new Date(),
    baseUrl: 'http://localhost/fhir',
    slot: 1,
  })
  store = watchWrites(plain, new Set(['SearchParameter']), here.refresh)
})
afterAll(() => {
  here.stop()
  elsewhere.stop()
  return database.stop()
})

const parameter = (code: string, change: Partial<SearchParameter> = {}) =>
  ({
    ...{ resourceType: 'SearchParameter', id: `by-${code}`, url: `http://x.example/${code}`, name: code },
    ...{
      status: 'active',
      description: code,
      code,
      base: ['Device'],
      type: 'token',
      expression: 'Device.manufacturer',
    },
    ...change,
  }) as Resource
const change = (resource: Resource) => ({ interaction: 'update', id: String(resource.id), resource }) as const
const added = (definitions: SearchDefinitions) =>
  definitions
    .current()
    .addedSearchParameters?.('Device')
    .map(({ code }) => code)

/** Within five seconds: the look once a second, and a machine that has other things to do. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries++) await sleep(50)
  expect(holds()).toBe(true)
}

test('a write, several writes and a transaction are in effect as soon as they are answered', async () => {
  await store.write(TESTER, change(parameter('one')))
  expect(added(here)).toEqual(['one'])
  await store.writeAll(TESTER, [change(parameter('two'))])
  expect(added(here)).toEqual(['one', 'two'])
  await store.transact(async (inside) => {
    await inside.write(TESTER, change(parameter('three')))
    expect(added(here)).toEqual(['one', 'two'])
  })
  expect(added(here)).toEqual(['one', 'two', 'three'])
})

test('a transaction that is taken back changes nothing', async () => {
  const failing = store.transact(async (inside) => {
    await inside.write(TESTER, change(parameter('never')))
    throw new Error('taken back')
  })
  await expect(failing).rejects.toThrow('taken back')
  await here.refresh()
  expect(added(here)).not.toContain('never')
})

test('another process has it within seconds, and its end too', async () => {
  await store.write(TESTER, change(parameter('four')))
  await eventually(() => added(elsewhere)?.includes('four') === true)
  await store.write(TESTER, { interaction: 'delete', type: 'SearchParameter', id: 'by-four' })
  expect(added(here)).not.toContain('four')
  await eventually(() => added(elsewhere)?.includes('four') === false)
})

test('one that cannot take effect, stored before anybody looked, is left out; of two with one code the first counts', async () => {
  await store.write(TESTER, change(parameter('broken', { expression: '(((' })))
  await store.write(TESTER, change(parameter('twin', { id: 'a-twin', url: 'http://x.example/a' })))
  await store.write(TESTER, change(parameter('twin', { id: 'b-twin', url: 'http://x.example/b' })))
  const twins = here
    .current()
    .addedSearchParameters?.('Device')
    .filter(({ code }) => code === 'twin')
  expect(twins?.map(({ id }) => id)).toEqual(['a-twin'])
  expect(added(here)).not.toContain('broken')
})

test('nothing is read again as long as nothing changes', async () => {
  const before = here.current()
  await here.refresh()
  expect(here.current()).toBe(before)
})
