import type { Pool } from '../db/pool.ts'
import { skipEvents } from './cursor.ts'
import { react } from './react.ts'
import { keepStaff } from './staff.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

/** How often a transaction waited: statements that are sent while others are under way share their round trip. */
function counting(pool: Pool): { pool: Pool; count: () => number } {
  let trips = 0
  const connect = async () => {
    const client = await pool.connect()
    let underWay = 0
    const query = (...given: unknown[]): unknown => {
      if (underWay++ === 0) trips++
      const end = () => {
        underWay--
      }
      const answer = (client.query as (...given: unknown[]) => Promise<unknown>)(...given)
      answer.then(end, end)
      return answer
    }
    return new Proxy(client, {
      get: (of, key) => {
        if (key === 'query') return query
        const value = Reflect.get(of, key)
        return typeof value === 'function' ? value.bind(of) : value
      },
    })
  }
  const counted = new Proxy(pool, { get: (of, key) => (key === 'connect' ? connect : Reflect.get(of, key)) })
  return { pool: counted, count: () => trips }
}

test('a round waits for the database four times, for what came, what stands about it, the writing and the end; five where the texts take their time', async () => {
  await house.enrol('trips')
  for (let more = true; more; ) ({ more } = await react({ ...house, now: () => house.clock.now }, { countMax: 200 }))
  await house.measure('trips', 7, { code: NEWS2, valueQuantity: SCORE_OF_7 })
  const { pool, count } = counting(house.pool)
  const { taskCount } = await react({ ...house, pool, now: () => house.clock.now }, { countMax: 200 })
  expect(taskCount).toBe(1)
  expect(count()).toBeLessThanOrEqual(5)
})

test('where a rule looks at what was measured and answered before, who is at work is known from the same breath', async () => {
  const rooms = { ...house, readStaff: keepStaff(), now: () => house.clock.now }
  const trips: number[] = []
  for (const patient of ['reads-who-works', 'knows-who-works']) {
    await house.enrol(patient)
    for (let more = true; more; ) ({ more } = await react(rooms, { countMax: 200 }))
    await house.measure(patient, 84)
    const { pool, count } = counting(house.pool)
    expect(await react({ ...rooms, pool }, { countMax: 200 })).toMatchObject({ taskCount: 1 })
    trips.push(count())
  }
  const [reading = 0, knowing] = trips
  expect(reading).toBeLessThanOrEqual(6)
  expect(knowing).toBe(reading - 1)
})

const NEWS2 = { coding: [{ system: 'http://snomed.info/sct', code: '1104051000000101' }], text: 'NEWS2' }
const SCORE_OF_7 = { value: 7, system: 'http://unitsofmeasure.org', code: '{score}' }
