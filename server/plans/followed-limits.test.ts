import { setImmediate as immediate } from 'node:timers/promises'
import type { Queryable } from '../db/pool.ts'
import { followLimits } from './followed-limits.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

/** The database, and how often it was asked whether the plans have changed. */
function counting(): { db: Queryable; looks: () => number } {
  let count = 0
  const query = (...asked: Parameters<Queryable['query']>) => {
    if (JSON.stringify(asked).includes('AS stamp')) count++
    return house.pool.query(...asked)
  }
  return { db: { query } as Queryable, looks: () => count }
}

const fail = (error: unknown) => {
  throw error
}

test('a bundle of a thousand measurements looks once for what has changed, not once for each', async () => {
  await house.enrol('kari')
  const { db, looks } = counting()
  const limits = followLimits(db, fail)
  const asked = Array.from({ length: 1_000 }, (_, i) => limits.of(i === 500 ? 'kari' : `nobody-${i}`))
  const found = await Promise.all(asked)
  expect(found.filter((one) => one !== undefined && one.length > 0)).toHaveLength(1)
  expect(looks()).toBe(1)
})

test('whoever asks while somebody looks is answered by a later look, one for all of them', async () => {
  const { db, looks } = counting()
  const limits = followLimits(db, fail)
  const first = limits.refresh()
  await immediate()
  // The first one looks now; who enrols meanwhile may not be in what it sees.
  expect(looks()).toBe(1)
  // By the clock of the look, not the one of the tests.
  house.clock.now = new Date()
  await house.enrol('ola')
  const later = [limits.refresh(), limits.refresh(), limits.refresh()]
  await Promise.all([first, ...later])
  expect(await limits.of('ola')).not.toHaveLength(0)
  expect(looks()).toBeLessThanOrEqual(2)
})

test('a look that fails is told, and the next one looks anew', async () => {
  let broken = true
  const { db } = counting()
  const query = (...asked: Parameters<Queryable['query']>) =>
    broken ? Promise.reject(new Error('no database')) : db.query(...asked)
  const limits = followLimits({ query } as Queryable, fail)
  await expect(limits.refresh()).rejects.toThrow('no database')
  broken = false
  await limits.refresh()
  expect(limits.of('nobody')).toBeUndefined()
})
