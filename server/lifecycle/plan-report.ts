import type { CaseEligibility, CaseRequest, CaseTask, PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { type Judge, playCase } from '../core/decide/cases/play-case.ts'
import { summarise, summariseRequest } from '../core/decide/cases/summarise.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { SettleInPlay } from '../core/decide/simulation/play-ground.ts'
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

export type RunCase = { report: CaseReport; played: Played }

/** Runs one case through the pure core. What cannot be played fails with the reason; it throws nothing. */
export async function runOne(
  plan: CompiledPlan,
  { name, given }: NamedCase,
  judge?: Judge,
  settle?: SettleInPlay,
): Promise<RunCase> {
  const { title } = given
  try {
    const played = await playCase(plan, given, judge, settle)
    const differences = differencesFrom(given, {
      tasks: played.tasks.map(summarise),
      stages: played.stages,
      ...(played.enrolment ? { enrolment: played.enrolment } : {}),
      requests: played.requests.map(summariseRequest),
      ...(played.eligibility ? { eligibility: played.eligibility } : {}),
    })
    return { report: { name, title, passed: differences.length === 0, differences }, played }
  } catch (error) {
    const problem = `The case cannot be played: ${error instanceof Error ? error.message : String(error)}`
    return {
      report: { name, title, passed: false, differences: [problem] },
      played: { tasks: [], trace: [], endings: [] },
    }
  }
}

/** What is there at the end of a case, wherever it was played. */
export type CameOfCase = {
  tasks: CaseTask[]
  stages: string[]
  requests: CaseRequest[]
  enrolment?: PathwayCase['enrolment']
  eligibility?: CaseEligibility
}

/** In words, what a case expects and did not come, and what came and it does not expect; empty where it has passed. */
export const differencesFrom = (given: PathwayCase, came: CameOfCase): string[] => [
  ...compareLists('tasks', given.tasks, came.tasks),
  ...(given.stages ? compareStages(given.stages, came.stages) : []),
  ...(given.enrolment && given.enrolment !== came.enrolment
    ? [`enrolment: expected ${given.enrolment}, is ${came.enrolment ?? 'none'}`]
    : []),
  ...(given.requests ? compareLists('requests', given.requests, came.requests) : []),
  ...(given.eligibility ? compareEligibility(given.eligibility, came.eligibility) : []),
]

/** All cases and what they cover, trusting the plan's expressions. A plan without a case has not passed. */
export async function testPlan(plan: CompiledPlan, cases: NamedCase[]): Promise<PlanReport> {
  const run: RunCase[] = []
  for (const one of cases) run.push(await runOne(plan, one))
  return toReport(plan, run)
}

export function toReport(plan: CompiledPlan, run: RunCase[]): PlanReport {
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

const compareStages = (expected: string[], came: string[]): string[] =>
  expected.join() === came.join() ? [] : [`stages: expected ${expected.join(', ')}, were ${came.join(', ')}`]

function compareEligibility(expected: CaseEligibility, came: CaseEligibility | undefined): string[] {
  const { says = 'nothing', why } = came ?? {}
  const isAsWritten = expected.says === says && (expected.why === undefined || expected.why === why)
  return isAsWritten ? [] : [`eligibility: expected ${JSON.stringify(expected)}, is ${JSON.stringify({ says, why })}`]
}

/** Only what the case writes is compared; how many there are always is. */
function compareLists<T extends CaseTask | CaseRequest>(name: string, expected: T[], came: T[]): string[] {
  const differences = expected.flatMap((wanted, i) => {
    const one = came[i]
    if (!one) return [`${name}[${i}]: expected ${described(wanted)}, there is none`]
    return (Object.keys(wanted) as (keyof T)[])
      .filter((key) => JSON.stringify(wanted[key]) !== JSON.stringify(one[key]))
      .map(
        (key) =>
          `${name}[${i}].${String(key)}: expected ${JSON.stringify(wanted[key])}, is ${JSON.stringify(one[key])}`,
      )
  })
  const more = came
    .slice(expected.length)
    .map((one, i) => `${name}[${expected.length + i}]: ${described(one)} that is not expected`)
  return [...differences, ...more]
}

function described(one: CaseTask | CaseRequest): string {
  if ('type' in one) return `a ${one.type}${one.text ? ` (${one.text})` : ''}`
  return `a Task of ${one.rule}${one.colour ? ` (${one.colour})` : ''}`
}
