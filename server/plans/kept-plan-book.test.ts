import type { PlanDefinition } from '@medplum/fhirtypes'
import { keepPlanBook } from './kept-plan-book.ts'
import { loadPathways } from './load-pathways.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

test('the plans are read once, whatever else is written, and again when one of them or what it is made of changes', async () => {
  const readBook = keepPlanBook()
  const first = await readBook(house.pool)
  await house.enrol('kari')
  await house.measure('kari', 86)
  expect(await readBook(house.pool)).toBe(first)

  const [plan] = loadPathways().filter(
    ({ resourceType }) => resourceType === 'PlanDefinition',
  ) as unknown as PlanDefinition[]
  await house.put({ ...plan, id: 'another', url: 'http://example.org/PlanDefinition/another' })
  const second = await readBook(house.pool)
  expect(first.find('http://example.org/PlanDefinition/another')).toBeUndefined()
  expect(second.find('http://example.org/PlanDefinition/another')).toBeDefined()

  await house.put({
    resourceType: 'Questionnaire',
    id: 'asked',
    url: 'http://example.org/Questionnaire/asked',
    status: 'active',
  })
  expect(await readBook(house.pool)).not.toBe(second)
})
