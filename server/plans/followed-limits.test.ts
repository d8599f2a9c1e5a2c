import { setImmediate as immediate } from 'node:timers/promises'
import type { Queryable } from '../db/pool.ts'
import { followLimits } from './followed-limits.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { copdPlan, startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

/** The database, how often it was asked whether the plans have changed, and how often for what stands about patients. */
function counting(): { db: Queryable; looks: () => number; reads: () => number } {
  let looks = 0
  let reads = 0
  const query = (...asked: Parameters<Queryable['query']>) => {
    if (JSON.stringify(asked).includes('AS stamp')) looks++
    if (JSON.stringify(asked).includes('AS p(patient)')) reads++
    return house.pool.query(...asked)
  }
  return { db: { query } as Queryable, looks: () => looks, reads: () => reads }
}

const fail = (error: unknown) => {
  throw error
}

test('a bundle of a thousand measurements looks once for what has changed, not once for each', async () => {
  await house.enrol('kari')
  const { db, looks } = counting()
  const limits = followLimits(db, keepPlanBook(), fail)
  const asked = Array.from({ length: 1_000 }, (_, i) => limits.of(i === 500 ? 'kari' : `nobody-${i}`))
  const found = await Promise.all(asked)
  expect(found.filter((one) => one !== undefined && one.length > 0)).toHaveLength(1)
  expect(looks()).toBe(1)
})

test('whoever asks while somebody looks is answered by a later look, one for all of them', async () => {
  const { db, looks } = counting()
  const limits = followLimits(db, keepPlanBook(), fail)
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

test('a plan that changes has its new limits count, and asks nothing anew of whoever is in it', async () => {
  // Long before the looks: whoever has changed of late is read again.
  house.clock.now = new Date(Date.now() - 60_000)
  await house.enrol('eva')
  const { db, reads } = counting()
  const limits = followLimits(db, keepPlanBook(), fail)
  const before = await limits.of('eva')
  const [goal] = copdPlan().goal ?? []
  expect(before?.[0]?.defaults.length).toBeGreaterThan(1)

  await house.put({ ...copdPlan(), id: 'another', url: 'http://example.org/PlanDefinition/another' })
  await limits.refresh()
  expect(await limits.of('eva')).toEqual(before)

  await house.put({ ...copdPlan(), goal: goal ? [{ ...goal, target: goal.target?.slice(0, 1) ?? [] }] : [] })
  await limits.refresh()
  const after = await limits.of('eva')
  expect(after?.[0]?.own).toEqual(before?.[0]?.own)
  expect(after?.[0]?.defaults).toHaveLength(1)
  expect(reads()).toBe(1)
  await house.put(copdPlan())
})

test('a look that fails is told, and the next one looks anew', async () => {
  let broken = true
  const { db } = counting()
  const query = (...asked: Parameters<Queryable['query']>) =>
    broken ? Promise.reject(new Error('no database')) : db.query(...asked)
  const limits = followLimits({ query } as Queryable, keepPlanBook(), fail)
  await expect(limits.refresh()).rejects.toThrow('no database')
  broken = false
  await limits.refresh()
  expect(limits.of('nobody')).toBeUndefined()
})
