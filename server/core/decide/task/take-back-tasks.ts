import type { Resource } from '../../fhir/resource.ts'
import type { Decisions } from '../decisions.ts'
import type { Facts } from '../facts.ts'
import { againOf, isMeasureAgain } from '../limits/doubt.ts'
import { allRules, type Rule, type TimerRule } from '../plan/compile-plan.ts'
import { REASONS } from '../words/reasons.ts'
import type { Told } from '../words/told.ts'
import { evidenceCount, type Finding, findOpenTask, restsOn, ruleOf, withdrawTasks } from './finding-task.ts'
import { isSummary } from './summary.ts'
import { isOpen } from './task-status.ts'

/** A measurement was corrected or withdrawn, or is held against other limits: what it caused, and no longer causes, is taken back. */
export function takeBackTasks(facts: Facts, changed: Resource, findings: Finding[], why: Told): Decisions['tasks'] {
  const reference = `${changed.resourceType}/${changed.id}`
  const baseless = facts.openTasks.filter((task) => {
    if (!isOpen(task) || ruleOf(task)?.url !== facts.plan.url || !restsOn(task, reference)) return false
    if (findings.some((finding) => findOpenTask([task], finding))) return false
    // Other measurements still hold it up.
    return evidenceCount(task) <= 1
  })
  return withdrawTasks(baseless, why, facts.now).map((task) => ({ act: 'update', task }))
}

/**
 * A measurement that nothing speaks against has come after one that was doubted: what asked for it is done.
 * @param woken the rules that looked at it
 */
export function measuredAgain(facts: Facts, woken: () => Rule[], decided: Decisions['tasks']): Decisions['tasks'] {
  if (facts.openTasks.length === 0) return []
  const causes = new Set(woken().map(({ cause }) => cause))
  const rules = allRules(facts.plan.rules)
  const done = facts.openTasks.filter((task) => {
    const made = ruleOf(task)
    if (made?.url !== facts.plan.url || !isMeasureAgain(task) || task.status !== 'requested') return false
    const cause = againOf(made.actionId) ?? rules.find(({ id }) => id === made.actionId)?.cause
    return causes.has(cause ?? '') && !decided.some((one) => one.task.id === task.id)
  })
  return withdrawTasks(done, REASONS['measured-again'], facts.now).map((task) => ({ act: 'update', task }))
}

/** What was missing has come: the Task that asked for it is taken back, unless somebody has begun with it. */
export function answered(facts: Facts, timer: TimerRule): Decisions['tasks'] {
  const come = facts.openTasks.filter((task) => {
    const made = ruleOf(task)
    if (made?.url !== facts.plan.url || made.actionId !== timer.rule.id || task.status !== 'requested') return false
    // Other findings were gathered in it.
    return !isSummary(task)
  })
  return withdrawTasks(come, REASONS.measured, facts.now).map((task) => ({ act: 'update', task }))
}
