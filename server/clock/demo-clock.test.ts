import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { openDemoClock } from './demo-clock.ts'

const DAY = 86_400_000

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

test('it goes by the machine until it is put forward; then it stays ahead, for those too who open it later', async () => {
  const clock = await openDemoClock(database.pool)
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(5_000)
  await clock.advanceTo(new Date(Date.now() + 2 * DAY))
  const ahead = clock.now().getTime() - Date.now()
  expect(Math.abs(ahead - 2 * DAY)).toBeLessThan(5_000)
  const later = await openDemoClock(database.pool)
  expect(Math.abs(later.now().getTime() - clock.now().getTime())).toBeLessThan(5_000)
  clock.stop()
  later.stop()
})

test('it never goes back, and another process follows within moments', async () => {
  const [one, other] = [await openDemoClock(database.pool), await openDemoClock(database.pool)]
  await one.advanceTo(new Date(Date.now() + 5 * DAY))
  await one.advanceTo(new Date(Date.now() + DAY))
  expect(one.now().getTime()).toBeGreaterThan(Date.now() + 4 * DAY)
  const deadline = Date.now() + 10_000
  while (other.now().getTime() < one.now().getTime() - 100 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(other.now().getTime()).toBeGreaterThan(Date.now() + 4 * DAY)
  one.stop()
  other.stop()
})
