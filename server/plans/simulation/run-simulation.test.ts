import { settleHere } from '../../expressions/expressions.ts'
import type { SimulationAsked } from '../../lifecycle/simulation.ts'
import { skipEvents } from '../cursor.ts'
import { copdPlan, startTestHouse, type TestHouse } from '../test-house.ts'
import { reactToAll } from '../test-steps.ts'
import { runSimulation } from './run-simulation.ts'
import type { SimulationRooms } from './simulate.ts'

const START = new Date('2026-11-10T08:00:00Z')
const asked: SimulationAsked = { plan: 'copd', start: START, end: new Date('2026-11-12T08:00:00Z'), clock: 'stored' }

let house: TestHouse
let rooms: SimulationRooms
let startedCount = 0
const countThread = () => {
  startedCount += 1
}

beforeAll(async () => {
  house = await startTestHouse()
  rooms = { pool: house.pool, settle: settleHere, readBook: house.readBook }
  await skipEvents(house.pool)
  await house.put({ resourceType: 'Patient', id: 'anne' })
  await house.enrol('anne')
  await reactToAll(house)
  house.clock.now = new Date('2026-11-11T08:00:00Z')
  await house.measure('anne', 84)
  await reactToAll(house)
  process.on('worker', countThread)
})
afterAll(async () => {
  process.off('worker', countThread)
  await house.stop()
})
beforeEach(() => {
  startedCount = 0
})

/** How many Tasks the simulation counts. */
const simulatedTasks = async (change: Partial<SimulationAsked> = {}) =>
  JSON.stringify((await runSimulation(rooms, { ...asked, ...change })).parameters)

test('simulations one after the other have one thread, and each says what it would have said alone', async () => {
  const first = await simulatedTasks()
  const ofNobody = await simulatedTasks({ patients: [] })
  expect(await simulatedTasks()).toBe(first)
  expect(ofNobody).not.toBe(first)
  expect(startedCount).toBeLessThanOrEqual(1)
})

test('a thread that has rested knows of a plan that has been changed meanwhile', async () => {
  const draft = { ...copdPlan(), id: 'copd-draft', version: '99.0.0', status: 'draft' as const }
  await expect(simulatedTasks({ plan: 'copd-draft' })).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
  await house.put(draft)
  expect(await simulatedTasks({ plan: 'copd-draft' })).toContain('99.0.0')
  await house.put({ ...draft, version: '99.0.1' })
  expect(await simulatedTasks({ plan: 'copd-draft' })).toContain('99.0.1')
  expect(startedCount).toBe(0)
})

test('two at a time have two threads, of which one is kept', async () => {
  await simulatedTasks()
  startedCount = 0
  const [one, other] = await Promise.all([simulatedTasks(), simulatedTasks()])
  expect(one).toBe(other)
  expect(startedCount).toBe(1)
  await simulatedTasks()
  expect(startedCount).toBe(1)
})

test('one that is not wanted any more ends with its thread, and the next has another', async () => {
  await simulatedTasks()
  startedCount = 0
  const unwanted = async () => {
    throw new Error('not wanted any more')
  }
  await expect(runSimulation(rooms, asked, unwanted)).rejects.toThrow('not wanted any more')
  expect(startedCount).toBe(0)
  expect(await simulatedTasks()).toContain('Parameters')
  expect(startedCount).toBe(1)
})
