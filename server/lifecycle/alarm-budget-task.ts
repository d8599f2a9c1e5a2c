import type { PlanDefinition, Task, TaskInput } from '@medplum/fhirtypes'
import type { RuleRate } from '../core/decide/plan/rule-rates.ts'
import { ownedBy } from '../core/decide/silence/silence-owner.ts'
import { engineTask, retold } from '../core/decide/task/engine-task.ts'
import { type Told, toldAs, toldConcept } from '../core/decide/words/told.ts'
import type { AlarmRate } from './alarm-budget.ts'
import { isOfTrial } from './alternative/trial-inputs.ts'
import type { AlarmBudget } from './extensions.ts'
import { titleOf } from './simulation-parameters.ts'

/** Task.code of a Task about alarms that cost more than was promised. */
export const BUDGET_EXCEEDED = 'alarm-budget-exceeded'
/** So many rules are named, the loudest first. */
const NOISIEST_COUNT = 10
/** How long there is to do something about it. */
const DEADLINE = { value: 7, unit: 'd', code: 'd' }

export type Exceeded = {
  plan: PlanDefinition
  budget: AlarmBudget
  rate: AlarmRate
  /** The one with the most Tasks first. */
  rules: RuleRate[]
  /** Over how many days it was measured. */
  days: number
}

/** For whom the plan names as the owner of what is not evaluated: who answers for the rules answers for their noise. */
export function budgetTask(exceeded: Exceeded, now: Date): Task {
  const { plan } = exceeded
  const title = plan.title ?? plan.url ?? ''
  const task = engineTask({
    ...{ code: BUDGET_EXCEEDED, colour: 'grey', about: `PlanDefinition/${plan.id}`, now, within: DEADLINE },
    name: `PlanDefinition/${plan.id}|*alarm-budget|${now.toISOString()}`,
    told: {
      nb: `Varslene fra ${title} er over budsjettet`,
      nn: `Varsla frå ${title} er over budsjettet`,
      en: `The alarms of ${title} are beyond the budget`,
    },
    ...ownedBy(plan, 'not-evaluated'),
  })
  return { ...task, ...toldOf(exceeded) }
}

/** The open Task with the numbers of today, and what was tried for it. @returns the same Task when they are still those */
export function retoldBudgetTask(task: Task, exceeded: Exceeded, now: Date): Task {
  const told = toldOf(exceeded)
  return retold(task, { ...told, input: [...(told.input ?? []), ...(task.input ?? []).filter(isOfTrial)] }, now)
}

/** What is said when the alarms cost no more than was promised again. */
export const WITHIN_AGAIN: Told = {
  nb: 'Varslene er innenfor budsjettet igjen.',
  nn: 'Varsla er innanfor budsjettet att.',
  en: 'The alarms are within the budget again.',
}

function toldOf({ plan, budget, rate, rules, days }: Exceeded): Pick<Task, 'reasonCode' | 'input'> {
  return {
    reasonCode: toldConcept(inWords(budget, rate, days)),
    input: rules.slice(0, NOISIEST_COUNT).map((rule) => noisy(rule, plan)),
  }
}

function inWords(
  { tasksPer100PatientDays: most, actedOnPercent: least }: AlarmBudget,
  rate: AlarmRate,
  days: number,
): Told {
  const [tasks, acted] = [rounded(rate.tasksPer100PatientDays), rate.actedOnPercent]
  const isLoud = most !== undefined && tasks > most
  const isIdle = least !== undefined && acted !== undefined && acted < least
  const all = (loud: string, idle: string, over: string) =>
    [...(isLoud ? [loud] : []), ...(isIdle ? [idle] : [])].join('; ') + over
  return {
    nb: all(
      `${tasks} oppgaver per 100 pasientdager, lovet er høyst ${most}`,
      `${rounded(acted ?? 0)} % av dem førte til noe, lovet er minst ${least} %`,
      ` (siste ${days} dager)`,
    ),
    nn: all(
      `${tasks} oppgåver per 100 pasientdagar, lova er høgst ${most}`,
      `${rounded(acted ?? 0)} % av dei førte til noko, lova er minst ${least} %`,
      ` (siste ${days} dagar)`,
    ),
    en: all(
      `${tasks} Tasks per 100 patient-days, at most ${most} were promised`,
      `${rounded(acted ?? 0)} % of them were acted on, at least ${least} % were promised`,
      ` (last ${days} days)`,
    ),
  }
}

function noisy({ actionId, taskCount, closedCount, actedOnCount }: RuleRate, plan: PlanDefinition): TaskInput {
  const percent = Math.round((100 * actedOnCount) / closedCount)
  const told: Told = {
    nb: `${taskCount} oppgaver${closedCount > 0 ? `, ${percent} % førte til noe` : ''}`,
    nn: `${taskCount} oppgåver${closedCount > 0 ? `, ${percent} % førte til noko` : ''}`,
    en: `${taskCount} Tasks${closedCount > 0 ? `, ${percent} % were acted on` : ''}`,
  }
  return {
    type: { coding: [{ system: String(plan.url), code: actionId }], text: titleOf(plan, actionId) ?? actionId },
    ...toldAs('valueString', told),
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10
