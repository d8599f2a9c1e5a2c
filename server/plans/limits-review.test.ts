import type { CarePlan, Goal, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const START = new Date('2026-09-01T08:00:00Z')
const DAY = 86_400_000
const TESTER = engineAccess('test')
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
beforeEach(() => {
  house.clock.now = START
})
afterAll(() => house.stop())

async function passTo(time: number): Promise<void> {
  house.clock.now = new Date(time)
  await reactToAll(house)
}
const reviewsOf = async (patient: string): Promise<Task[]> =>
  (await house.tasksOf(patient)).filter(({ code }) => code?.coding?.[0]?.code === 'review-limits')

test('four weeks after the enrolment limits are proposed, once, from what was measured', async () => {
  await house.enrol('trial')
  // Without limits of their own, so that those of the plan count, which are relative to a baseline.
  const { text } = await house.store.read(TESTER, 'CarePlan', 'trial-copd')
  const { goal: _own, ...carePlan } = JSON.parse(text ?? '{}') as CarePlan
  await house.put(carePlan)
  await reactToAll(house)
  for (let day = 1; day < 28; day++) {
    house.clock.now = new Date(START.getTime() + day * DAY)
    await house.measure('trial', 94 + (day % 3))
  }
  await passTo(START.getTime() + 28 * DAY - 1_000)
  expect(await reviewsOf('trial')).toEqual([])
  await passTo(START.getTime() + 28 * DAY)
  const [task, ...others] = await reviewsOf('trial')
  expect(others).toEqual([])
  expect(task).toMatchObject({
    status: 'requested',
    intent: 'proposal',
    owner: { reference: 'CareTeam/response' },
    focus: { reference: 'CarePlan/trial-copd' },
    contained: [{ resourceType: 'Goal', lifecycleStatus: 'proposed' }],
  })
  expect(task?.reasonCode?.text).toContain('Foreslått grunnverdi 95 %')
  await house.put({ ...task, status: 'completed' })
  // A week later nothing is new.
  await passTo(START.getTime() + 36 * DAY)
  expect(await reviewsOf('trial')).toHaveLength(1)
})

test('an own limit that ends is told to the second; prolonged, it is not', async () => {
  await Promise.all(['ending', 'longer'].map((patient) => house.enrol(patient)))
  const end = START.getTime() + 3 * DAY
  const withEnd = async (patient: string, at: number) => {
    const { text } = await house.store.read(TESTER, 'Goal', `${patient}-spo2`)
    const goal = JSON.parse(text ?? '{}') as Goal
    const target = goal.target?.map((one) => ({
      ...one,
      extension: one.extension?.map((limit) => ({
        ...limit,
        extension: [
          ...(limit.extension ?? []).filter(({ url }) => url !== 'period'),
          { url: 'period', valuePeriod: { end: new Date(at).toISOString() } },
        ],
      })),
    }))
    await house.put({ ...goal, target })
    await reactToAll(house)
  }
  await withEnd('ending', end)
  await withEnd('longer', end)
  await passTo(end - 1_000)
  expect(await reviewsOf('ending')).toEqual([])
  await withEnd('longer', end + 10 * DAY)
  await passTo(end)
  expect(await reviewsOf('ending')).toMatchObject([
    { intent: 'order', reasonCode: { text: expect.stringContaining('Egen grense for SpO2 gjaldt til 2026-09-04') } },
  ])
  expect(await reviewsOf('longer')).toEqual([])
})
