import { readStanding } from './facts.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const of = (patient: string) => ({ subject: { reference: `Patient/${patient}` }, intent: 'plan' })

test('a patient’s requests are read where a plan may ask about them, and left where they are of whoever has no CarePlan', async () => {
  for (const patient of ['followed', 'alone'])
    await house.put({ resourceType: 'ServiceRequest', id: `${patient}-request`, status: 'active', ...of(patient) })
  await house.put({ resourceType: 'CarePlan', id: 'rests', status: 'on-hold', ...of('followed') })
  await house.put({ resourceType: 'Goal', id: 'aim', lifecycleStatus: 'active', ...of('alone') })
  const read = await readStanding(house.pool, ['followed', 'alone'], ['CarePlan', 'Goal'], ['ServiceRequest'])
  expect(read.get('followed')?.requests.map(({ id }) => id)).toEqual(['followed-request'])
  expect(read.get('followed')?.carePlans.map(({ id }) => id)).toEqual(['rests'])
  expect(read.get('alone')?.requests).toEqual([])
  expect(read.get('alone')?.goals.map(({ id }) => id)).toEqual(['aim'])
})
