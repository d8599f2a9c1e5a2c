import { engineAccess } from '../access/engine-access.ts'
import { inTransaction } from '../db/pool.ts'
import { readScheduled, writeAct } from './plan-acts.ts'
import { readStoredPlan } from './stored-plan.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

const URL = 'http://example.org/PlanDefinition/scheduled'

let house: TestHouse
beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const draft = (id: string, more: object = {}) => ({
  ...{ resourceType: 'PlanDefinition', id, url: URL, version: id, status: 'draft', title: id, ...more },
})
const minutes = (count: number) => new Date(Date.parse('2026-11-10T08:00:00Z') + count * 60_000)
const scheduledAt = async (then: Date) => (await readScheduled(house.pool, URL, then)).map(({ version }) => version)

test('what was to come into force is told as it was then: also what was withdrawn later, and not what had been withdrawn', async () => {
  house.clock.now = minutes(0)
  await house.put(draft('stands'), draft('edited'), draft('removed'), draft('retired'))
  for (const id of ['stands', 'edited', 'removed', 'retired']) {
    const stored = await readStoredPlan(house.pool, id, { lock: false })
    const given = {
      actor: 'Practitioner/leder',
      at: minutes(1),
      detail: { at: minutes(600).toISOString(), share: 100 },
    }
    await inTransaction(house.pool, (tx) => writeAct(tx, stored, { act: 'schedule', ...given }))
  }
  house.clock.now = minutes(10)
  await house.put(draft('edited', { title: 'Another' }), draft('retired', { status: 'retired' }))
  await house.put(draft('stands', { date: '2026-11-10' }))
  await house.store.write(engineAccess('test'), { interaction: 'delete', type: 'PlanDefinition', id: 'removed' })
  expect(await scheduledAt(minutes(5))).toEqual(['edited', 'removed', 'retired', 'stands'])
  expect(await scheduledAt(minutes(20))).toEqual(['stands'])
  // What is as it was when it was scheduled comes into force after all.
  house.clock.now = minutes(30)
  await house.put(draft('edited'))
  expect(await scheduledAt(minutes(40))).toEqual(['edited', 'stands'])
  expect(await scheduledAt(minutes(0))).toEqual([])
  expect(await scheduledAt(minutes(601))).toEqual([])
})
