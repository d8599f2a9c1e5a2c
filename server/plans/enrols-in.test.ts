import { measureAlarms } from './alarm-rate.ts'
import { readToMove, readVersionsInUse } from './moves.ts'
import { readCohort } from './simulation/cohort.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

/** Below the base of the house's own server, and of another. */
const OURS = 'http://localhost/fhir/PlanDefinition/below'
const THEIRS = 'http://example.org/fhir/PlanDefinition/below'

beforeAll(async () => {
  house = await startTestHouse()
  const carePlan = (id: string, canonical: string) => ({
    ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: { reference: `Patient/${id}` } },
    ...{ period: { start: '2026-11-01' }, instantiatesCanonical: [canonical] },
  })
  await house.put(
    carePlan('ours', OURS),
    carePlan('ours-1', `${OURS}|1`),
    carePlan('theirs', THEIRS),
    carePlan('theirs-1', `${THEIRS}|1`),
    carePlan('longer', `${OURS}-2`),
  )
})
afterAll(() => house.stop())

test.each([
  [OURS, ['ours', 'ours-1']],
  [THEIRS, ['theirs', 'theirs-1']],
])('who follows %s in any version, or in none', async (url, expected) => {
  const period = { start: new Date('2026-11-01T00:00:00Z'), end: house.clock.now }
  expect((await readCohort(house.pool, { url, ...period })).map(({ patient }) => patient)).toEqual(expected)
  const { patientDays } = await measureAlarms(house.pool, { url }, house.clock.now, 5)
  expect(patientDays).toBeCloseTo(2 * 5)
  expect(await readVersionsInUse(house.pool, url, '')).toEqual([`${url}|1`])
})

test.each([
  [[OURS], ['ours']],
  [[`${OURS}|1`], ['ours-1']],
  [[THEIRS], ['theirs']],
  [
    [OURS, `${OURS}|1`],
    ['ours', 'ours-1'],
  ],
])('who is moved from %j', async (from, expected) => {
  const moved = await readToMove(house.pool, { from, to: `${OURS}|2` }, 100)
  expect(moved.map(({ patient }) => patient)).toEqual(expected)
})
