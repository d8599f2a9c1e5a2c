import type { PlanDefinition, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { RuleRate } from '../core/decide/plan/rule-rates.ts'
import { withdrawTasks } from '../core/decide/task/finding-task.ts'
import type { Timer } from '../core/decide/timer.ts'
import type { Told } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Tx } from '../db/pool.ts'
import { beyondBudget } from '../lifecycle/alarm-budget.ts'
import { BUDGET_EXCEEDED, budgetTask, retoldBudgetTask, WITHIN_AGAIN } from '../lifecycle/alarm-budget-task.ts'
import { alarmBudgetOf } from '../lifecycle/extensions.ts'
import type { Change } from '../store/store.ts'
import { measureAlarms } from './alarm-rate.ts'
import { beginTrial } from './alternative-trial.ts'
import { readOpenTasks, taskUpdate } from './engine-tasks.ts'
import type { KeeperRooms } from './keeper.ts'
import { createPlanDuty, dropPlanClock, setPlanClock } from './plan-clock.ts'
import { findPlan, readIdsInForce } from './stored-plan.ts'
import type { PlacedTimer } from './timers.ts'

const KEEPER = engineAccess('plan-keeper')
/** Over so long the alarms are measured, so that one bad day is no breach. */
const WINDOW_DAYS = 30
/** Fewer days of patients say nothing of a plan. */
const PATIENT_DAYS_MIN = 30
const DAY = 86_400_000

/**
 * Holds what the alarms of each plan in force cost against its budget, once a day, by a durable clock: beyond it, whoever answers for the
 * rules has ONE Task with the loudest of them, which later days join; within it again, the Task is taken back.
 * @returns the duty; it says whether there is more to do
 */
export const createAlarmWatch = (): ((rooms: KeeperRooms) => Promise<boolean>) =>
  createPlanDuty('alarm-budget', clocksOf, measure)

/**
 * Each plan in force that has a budget has one; a new one rings at once. By the plans that the process has read: they are looked for every
 * minute. Among these are deleted ones, whose patients are followed still: nobody is asked about their alarms any more.
 */
async function clocksOf({ readBook, pool, now }: KeeperRooms): Promise<Timer[]> {
  const known = (await readBook(pool)).plans.flatMap(({ definition }) =>
    hasBudget(definition) ? [String(definition.id)] : [],
  )
  const there = known.length > 0 ? await readIdsInForce(pool) : []
  return there.filter((id) => known.includes(id)).map((id) => clockOf(`PlanDefinition/${id}`, now()))
}

const hasBudget = (plan: PlanDefinition): boolean => plan.status === 'active' && alarmBudgetOf(plan) !== undefined

const clockOf = (about: string, dueAt: Date): Timer => ({ kind: 'alarm-budget', about, name: 'daily', dueAt })

async function measure({ store, now }: KeeperRooms, tx: Tx, timer: PlacedTimer): Promise<void> {
  const found = await findPlan(tx, timer.about.slice('PlanDefinition/'.length))
  const plan = found && hasBudget(found) ? found : undefined
  const told = await readOpenTasks(tx, BUDGET_EXCEEDED)
  const open = told.filter(({ focus }) => focus?.reference === timer.about)
  const { changes, loud } = plan
    ? await judge(tx, plan, open, now())
    : { changes: withdrawTasks(open, OUT_OF_FORCE, now()).map(taskUpdate) }
  const [written] = changes.length > 0 ? await store.writeIn(tx, KEEPER, changes) : []
  if (loud && written) await beginTrial(tx, { ...loud, task: `Task/${written.id}`, now: now() })
  if (!plan) return dropPlanClock(tx, timer)
  // Days on which nobody looked are not made up for.
  const dueAt = new Date(Math.max(timer.dueAt.getTime() + DAY, now().getTime() + DAY / 2))
  await setPlanClock(tx, clockOf(timer.about, dueAt))
}

const OUT_OF_FORCE: Told = {
  nb: 'Versjonen gjelder ikke lenger, eller har ikke noe varselbudsjett.',
  nn: 'Versjonen gjeld ikkje lenger, eller har ikkje noko varselbudsjett.',
  en: 'The version is no longer in force, or has no alarm budget.',
}

/** What is written; and where a Task is new, what is loud, for which something quieter is tried. */
type Judgement = { changes: Change[]; loud?: { plan: PlanDefinition; rules: RuleRate[] } }

async function judge(tx: Tx, plan: PlanDefinition, open: Task[], now: Date): Promise<Judgement> {
  const budget = alarmBudgetOf(plan) ?? {}
  const { rate, rules, patientDays } = await measureAlarms(tx, plan, now, WINDOW_DAYS)
  if (!rate || patientDays < PATIENT_DAYS_MIN) return { changes: [] }
  if (beyondBudget(budget, rate).length === 0)
    return { changes: withdrawTasks(open, WITHIN_AGAIN, now).map(taskUpdate) }
  const exceeded = { plan, budget, rate, rules, days: WINDOW_DAYS }
  const [first] = open
  if (!first) {
    const create: Change = { interaction: 'create', resource: asResource(budgetTask(exceeded, now)) }
    return { changes: [create], loud: { plan, rules } }
  }
  const retold = retoldBudgetTask(first, exceeded, now)
  return { changes: retold === first ? [] : [taskUpdate(retold)] }
}

const asResource = (task: Task) => task as unknown as Resource
