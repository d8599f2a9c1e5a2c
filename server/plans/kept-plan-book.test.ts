import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import type { PlanBook } from './plan-book.ts'
import { copdPlan, startTestHouse, type TestHouse } from './test-house.ts'

const TESTER = engineAccess('test')
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

test('the plans are read once, whatever else is written, and again when one of them or what it is made of changes', async () => {
  const readBook = keepPlanBook()
  const first = await readBook(house.pool)
  await house.enrol('kari')
  await house.measure('kari', 86)
  expect(await readBook(house.pool)).toBe(first)

  await house.put({ ...copdPlan(), id: 'another', url: 'http://example.org/PlanDefinition/another' })
  const second = await readBook(house.pool)
  expect(first.find('http://example.org/PlanDefinition/another')).toBeUndefined()
  expect(second.find('http://example.org/PlanDefinition/another')).toBeDefined()

  await house.put({
    resourceType: 'Questionnaire',
    id: 'asked',
    url: 'http://example.org/Questionnaire/asked',
    status: 'active',
  })
  expect(await readBook(house.pool)).not.toBe(second)
})

test('who reads at the same time has the same book', async () => {
  const readBook = keepPlanBook()
  const [one, other] = await Promise.all([readBook(house.pool), readBook(house.pool)])
  expect(other).toBe(one)
  expect(await readBook(house.pool)).toBe(one)
})

test('a transaction has what it has written itself in its book, and nobody else has', async () => {
  const readBook = keepPlanBook()
  const url = 'http://example.org/PlanDefinition/never-committed'
  const isKnown = async (db: Queryable) => (await readBook(db)).find(url) !== undefined
  const known: boolean[] = []
  const rolledBack = inTransaction(house.pool, async (tx) => {
    const resource = { resourceType: 'PlanDefinition', id: 'never-committed', url, version: '1', status: 'active' }
    await house.store.writeIn(tx, TESTER, [{ interaction: 'update', resource, id: resource.id }])
    known.push(await isKnown(tx), await isKnown(house.pool), await isKnown(tx))
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect([...known, await isKnown(house.pool)]).toEqual([true, false, true, false])
})

test('two that are stored at one moment are both noticed, in whichever order their numbers were given', async () => {
  const readBook = keepPlanBook()
  const urls = ['one', 'two'].map((name) => `http://example.org/PlanDefinition/${name}-of-one-moment`)
  const before = await readBook(house.pool)
  const books: PlanBook[] = []
  for (const url of urls) {
    await house.put({ resourceType: 'PlanDefinition', id: url.split('/').at(-1), url, version: '1', status: 'active' })
    // Numbers are given to connections in blocks, so a later one may be smaller.
    await house.pool.query(
      sql`
        WITH last AS (
          DELETE FROM event WHERE type = 'PlanDefinition' AND seq = (SELECT max(seq) FROM event WHERE type = 'PlanDefinition')
          RETURNING *)
        INSERT INTO event (seq, xid, bucket, rk, version, type, id, interaction, recorded_at, actor) OVERRIDING SYSTEM VALUE
        SELECT -seq, xid, bucket, rk, version, type, id, interaction, recorded_at, actor FROM last`,
    )
    books.push(await readBook(house.pool))
  }
  expect(urls.map((url) => [before, ...books].map((book) => book.find(url) !== undefined))).toEqual([
    [false, true, true],
    [false, false, true],
  ])
})

test('one that was stamped first and committed last is noticed too', async () => {
  const readBook = keepPlanBook()
  const planOf = (name: string): Resource =>
    ({
      resourceType: 'PlanDefinition',
      id: name,
      url: `http://example.org/${name}`,
      version: '1',
      status: 'active',
    }) as Resource
  const slow = planOf('stamped-first')
  const overtaking = await inTransaction(house.pool, async (tx) => {
    await house.store.writeIn(tx, TESTER, [{ interaction: 'update', resource: slow, id: String(slow.id) }])
    house.clock.now = new Date(house.clock.now.getTime() + 5_000)
    await house.put(planOf('stamped-last'))
    return readBook(house.pool)
  })
  expect(overtaking.find('http://example.org/stamped-last')).toBeDefined()
  expect(overtaking.find('http://example.org/stamped-first')).toBeUndefined()
  expect((await readBook(house.pool)).find('http://example.org/stamped-first')).toBeDefined()
})
