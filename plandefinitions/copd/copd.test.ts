import { type CaseTask, runCase, summarise } from '../../server/decide/run-case.ts'
import { loadPathway } from '../../server/plans/load-pathways.ts'

const { plan, cases } = loadPathway('copd')

test.each(cases)('COPD, case %s', (_name, given) => {
  const made = runCase(plan, given).map(summarise)
  expect(made.map((task, i) => onlyWhatIsWritten(task, given.tasks[i]))).toEqual(given.tasks)
})

function onlyWhatIsWritten(task: Required<CaseTask>, written: CaseTask | undefined): CaseTask {
  if (!written) return task
  return Object.fromEntries(Object.keys(written).map((key) => [key, task[key as keyof CaseTask]])) as CaseTask
}

test('each rule of the plan makes a Task in some case', () => {
  const rules = new Set(cases.flatMap(([, given]) => runCase(plan, given).map((task) => summarise(task).rule)))
  const leaves = plan.rules.flatMap((rule) => (rule.children.length ? rule.children : [rule]))
  expect(leaves.filter(({ triggers, cause, id }) => (triggers.length > 0 || cause !== id) && !rules.has(id))).toEqual(
    [],
  )
})
