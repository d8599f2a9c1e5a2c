import type { CompiledPlan } from '../decide/compile-plan.ts'
import type { Evaluator } from '../decide/evaluator.ts'
import { type CaseTask, playCase, summarise } from '../decide/run-case.ts'
import type { NamedCase } from './cases.ts'
import { coverageOf, type Played, type RuleCoverage } from './coverage.ts'

export type CaseReport = {
  name: string
  title: string
  passed: boolean
  /** What was expected and what came, in words; empty for one that passed. */
  differences: string[]
}

export type PlanReport = {
  passed: boolean
  cases: CaseReport[]
  coverage: RuleCoverage[]
}

/** Runs one case through the pure core. What cannot be played fails with the reason; it throws nothing. */
export function runOne(
  plan: CompiledPlan,
  { name, given }: NamedCase,
  evaluate?: Evaluator,
): { report: CaseReport; played: Played } {
  const { title } = given
  try {
    const played = playCase(plan, given, evaluate)
    const differences = compareTasks(given.tasks, played.tasks.map(summarise))
    return { report: { name, title, passed: differences.length === 0, differences }, played }
  } catch (error) {
    const problem = `The case cannot be played: ${error instanceof Error ? error.message : String(error)}`
    return { report: { name, title, passed: false, differences: [problem] }, played: { tasks: [], trace: [] } }
  }
}

/** All cases and what they cover, trusting the plan's expressions. A plan without a case has not passed. */
export const testPlan = (plan: CompiledPlan, cases: NamedCase[]): PlanReport =>
  toReport(
    plan,
    cases.map((one) => runOne(plan, one)),
  )

export function toReport(plan: CompiledPlan, run: ReturnType<typeof runOne>[]): PlanReport {
  const coverage = coverageOf(
    plan,
    run.map(({ played }) => played),
  )
  return {
    passed: run.length > 0 && run.every(({ report }) => report.passed),
    cases: run.map(({ report }) => report),
    coverage,
  }
}

/** Only what the case writes of a Task is compared; how many there are always is. */
export function compareTasks(expected: CaseTask[], made: Required<CaseTask>[]): string[] {
  const differences = expected.flatMap((wanted, i) => {
    const task = made[i]
    if (!task) return [`tasks[${i}]: expected a Task of ${wanted.rule}, there is none`]
    return (Object.keys(wanted) as (keyof CaseTask)[])
      .filter((key) => JSON.stringify(wanted[key]) !== JSON.stringify(task[key]))
      .map((key) => `tasks[${i}].${key}: expected ${JSON.stringify(wanted[key])}, is ${JSON.stringify(task[key])}`)
  })
  const more = made.slice(expected.length).map((task, i) => {
    return `tasks[${expected.length + i}]: a Task of ${task.rule} (${task.colour}) that is not expected`
  })
  return [...differences, ...more]
}
