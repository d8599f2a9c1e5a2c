import type { Decisions } from '../decisions.ts'
import { allRules, type CompiledPlan } from '../plan/compile-plan.ts'
import { ruleOf } from './finding-task.ts'
import { placeTask } from './place-task.ts'
import type { Staff } from './staff.ts'

/**
 * Gives the Tasks that were decided on to who is at work now. A step of its own, after deciding: what was found and why does not
 * depend on who is on shift, and can be made again without knowing it.

 * @returns the Tasks, and the staff with what they have to do now
 */
export function placeDecided(
  tasks: Decisions['tasks'],
  plan: CompiledPlan,
  staff: Staff,
  now: Date,
): { tasks: Decisions['tasks']; staff: Staff } {
  const rules = new Map(allRules(plan.rules).map((rule) => [rule.id, rule]))
  const load = new Map(staff.load)
  const placed = tasks.map((decided) => {
    const rule = rules.get(ruleOf(decided.task)?.actionId.replace(/!$/, '') ?? '')
    if (decided.act !== 'create' || !rule) return decided
    const task = placeTask(decided.task, { rule, staff: { ...staff, load }, now })
    const owner = task.owner?.reference ?? ''
    load.set(owner, (load.get(owner) ?? 0) + 1)
    return { ...decided, task }
  })
  return { tasks: placed, staff: { ...staff, load } }
}
