import { testPlan } from '../../server/lifecycle/plan-report.ts'
import { loadPathway } from '../../server/plans/load-pathways.ts'

const { plan, cases } = loadPathway('copd')
const report = await testPlan(
  plan,
  cases.map(([name, given]) => ({ name, given })),
)

test.each(report.cases)('COPD, case $name: $title', ({ differences }) => {
  expect(differences).toEqual([])
})

test('each rule of the plan makes a Task in some case, and holds still in another', () => {
  expect(report.coverage.length).toBeGreaterThan(10)
  expect(report.coverage.filter(({ fires, spares }) => !fires || !spares)).toEqual([])
})
