import { runOne } from '../../../lifecycle/plan-report.ts'
import { heartPlan } from './test-heart-plan.ts'
import { ROW_CASES } from './test-row-cases.ts'

const plain = heartPlan()

test.each(ROW_CASES.map((one) => [one.given.title, one] as const))('%s', async (name, { plan = plain, given }) => {
  const { report } = await runOne(plan, { name, given })
  expect(report.differences).toEqual([])
})

test('each title is one case', () => {
  const titles = ROW_CASES.map(({ given }) => given.title)
  expect(titles).toEqual([...new Set(titles)])
})
