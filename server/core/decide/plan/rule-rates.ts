import type { CarePlan, Period, Task } from '@medplum/fhirtypes'
import { median } from '../limits/quantile.ts'
import { identifiersOf } from '../task/finding-task.ts'
import { repetitionOf } from '../task/repetition.ts'
import { endedAt } from '../task/task-end.ts'
import { isOpen } from '../task/task-status.ts'

const DAY = 86_400_000

/** What one rule has asked of people, and what came of it. */
export type RuleRate = {
  /** id of the action; with `!` at its end the Tasks about its not being evaluable, `~again` the requests to measure again. */
  actionId: string
  taskCount: number
  /** How often the finding was made; those beyond the Tasks joined one, and disturbed nobody anew. */
  occasionCount: number
  /** Of these, while the Task was put aside. */
  suppressedCount: number
  closedCount: number
  /** Closed as completed: somebody decided and did something. The others were withdrawn, rejected or failed. */
  actedOnCount: number
  /** From the Task's making to its completion. */
  minutesToDecisionMedian?: number
  tasksPer100PatientDays?: number
}

/**
 * The rates of each rule of a plan, the one with the most Tasks first.
 * @param url         of the plan, without its version
 * @param patientDays for how many days patients were followed; 0 when that is not known
 */
export function ratesOf(tasks: Task[], url: string, patientDays: number): RuleRate[] {
  const byRule = Map.groupBy(
    tasks.flatMap((task) => [...new Set(rulesOf(task, url))].map((actionId) => ({ actionId, task }))),
    ({ actionId }) => actionId,
  )
  return [...byRule]
    .map(([actionId, made]) =>
      rateOf(
        actionId,
        made.map(({ task }) => task),
        patientDays,
      ),
    )
    .sort((one, other) => other.taskCount - one.taskCount || one.actionId.localeCompare(other.actionId))
}

/** What a plan costs as a whole; a Task that gathers the findings of several rules counts once. */
export type PlanRate = Pick<RuleRate, 'taskCount' | 'closedCount' | 'actedOnCount' | 'tasksPer100PatientDays'>

/** The same counting over all rules of a plan together: what its alarm budget is about. */
export function planRateOf(tasks: Task[], url: string, patientDays: number): PlanRate {
  const { taskCount, closedCount, actedOnCount, tasksPer100PatientDays } = rateOf(
    '',
    tasks.filter((task) => rulesOf(task, url).length > 0),
    patientDays,
  )
  return {
    ...{ taskCount, closedCount, actedOnCount },
    ...(tasksPer100PatientDays === undefined ? {} : { tasksPer100PatientDays }),
  }
}

/** The rules whose findings a Task is about; of a summary several. */
const rulesOf = (task: Task, url: string): string[] =>
  identifiersOf(task).flatMap((value) => (value.startsWith(`${url}|`) ? (value.split('|')[1] ?? []) : []))

function rateOf(actionId: string, tasks: Task[], patientDays: number): RuleRate {
  const closed = tasks.filter((task) => !isOpen(task))
  const acted = closed.filter(({ status }) => status === 'completed')
  const waits = acted.flatMap(minutesToEnd)
  const sum = (count: (task: Task) => number) => tasks.reduce((all, task) => all + count(task), 0)
  return {
    actionId,
    taskCount: tasks.length,
    occasionCount: sum((task) => repetitionOf(task)?.count ?? 1),
    suppressedCount: sum((task) => repetitionOf(task)?.suppressedCount ?? 0),
    closedCount: closed.length,
    actedOnCount: acted.length,
    ...(waits.length > 0 ? { minutesToDecisionMedian: median(waits) } : {}),
    ...(patientDays > 0 ? { tasksPer100PatientDays: (100 * tasks.length) / patientDays } : {}),
  }
}

function minutesToEnd(task: Task): number[] {
  const from = Date.parse(task.authoredOn ?? '')
  const to = endedAt(task)
  return Number.isNaN(from + to) ? [] : [Math.max(0, to - from) / 60_000]
}

/** For how many days, in parts too, these enrolments were in force within a period. Those without a start were not. */
export function patientDaysOf(carePlans: CarePlan[], period: Required<Pick<Period, 'start' | 'end'>>): number {
  const [low, high] = [Date.parse(period.start), Date.parse(period.end)]
  return carePlans.reduce((days, carePlan) => {
    if (!FOLLOWED.has(carePlan.status)) return days
    const start = Date.parse(carePlan.period?.start ?? '')
    const end = carePlan.period?.end === undefined ? high : Date.parse(carePlan.period.end)
    return days + (Math.max(0, Math.min(end, high) - Math.max(start, low)) || 0) / DAY
  }, 0)
}

const FOLLOWED: ReadonlySet<string> = new Set(['active', 'on-hold', 'completed'])
