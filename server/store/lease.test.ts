import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { createLeases } from './lease.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase(2)
})
afterAll(() => database?.stop())

test('what bears one name is done by one after the other, however many there are and however few connections', async () => {
  const processes = [createLeases(database.pool), createLeases(database.pool)]
  let countNow = 0
  let countMax = 0
  const done: number[] = []
  const work = async (i: number) => {
    const end = await (processes[i % 2] as (typeof processes)[0])('AuditEvent?agent=Device/1')
    countMax = Math.max(countMax, ++countNow)
    await database.pool.query('SELECT pg_sleep(0.01)')
    countNow--
    done.push(i)
    await end()
  }
  await Promise.all(Array.from({ length: 8 }, (_, i) => work(i)))
  expect([countMax, done.length]).toEqual([1, 8])
  expect((await database.pool.query('SELECT FROM lease')).rowCount).toBe(0)
})

test('others are not waited for', async () => {
  const take = createLeases(database.pool, { leaseMillis: 60_000, waitMillisMax: 0 })
  const ends = [await take('one'), await take('other')]
  await expect(take('one')).rejects.toMatchObject({ issues: [{ code: 'transient' }] })
  for (const end of ends) await end()
})

test('what somebody took who was killed is free after its time; and coming back late ends nobody else’s', async () => {
  const take = createLeases(database.pool, { leaseMillis: 1, waitMillisMax: 5_000 })
  const endLate = await take('killed')
  const end = await createLeases(database.pool)('killed')
  await endLate()
  expect((await database.pool.query('SELECT FROM lease')).rowCount).toBe(1)
  await end()
  expect((await database.pool.query('SELECT FROM lease')).rowCount).toBe(0)
})
