import type { Task } from '@medplum/fhirtypes'
import type { CaseEligibility } from '../core/decide/cases/pathway-case.ts'
import type { RuleTrace } from '../core/decide/decisions.ts'
import { endsWhen } from '../core/decide/enrolment/ends-when.ts'
import { allRules, type CompiledPlan, type Rule } from '../core/decide/plan/compile-plan.ts'
import type { ConditionTrace } from '../core/decide/plan/condition.ts'
import type { Effect } from '../core/decide/plan/effect.ts'
import { eligibilityOf } from '../core/decide/referral/eligibility.ts'
import { ruleOf } from '../core/decide/task/finding-task.ts'

/** What a case did: the Tasks that stand at its end, and what each rule, and the plan's `ends-when`, came to on the way. */
export type Played = {
  tasks: Task[]
  trace: RuleTrace[]
  endings: readonly ConditionTrace['outcome'][]
  eligibility?: CaseEligibility
}

export type RuleCoverage = {
  actionId: string
  /** Some case makes a Task by it; or, of a rule that does something else (sends, asks, moves on), has a moment at which it applies. */
  fires: boolean
  /** Some case has a moment at which it is looked at, and does not apply. */
  spares: boolean
}

/**
 * Which rules the cases show at work, and which of them they show holding still: a rule that was never seen to spare anyone may be
 * one that fires always.
 */
export function coverageOf(plan: CompiledPlan, played: Played[]): RuleCoverage[] {
  const rules = findingRules(plan).map((rule) => ({
    actionId: rule.id,
    fires: played.some((one) => wasAtWork(rule, one)),
    spares: played.some((one) => wasSpared(plan, rule, one)),
  }))
  return [...rules, ...coverageOfEnd(plan, played), ...coverageOfEligibility(plan, played)]
}

/** When an enrolment is over is a rule too, though none of its actions: some case ends by it, and some goes on after what could have ended it. */
function coverageOfEnd(plan: CompiledPlan, played: Played[]): RuleCoverage[] {
  const says = (outcome: ConditionTrace['outcome']) => played.some(({ endings }) => endings.includes(outcome))
  return endsWhen(plan) ? [{ actionId: 'ends-when', fires: says('true'), spares: says('false') }] : []
}

/** And so is whom the plan is for: some case is within it, and some outside. */
function coverageOfEligibility({ definition }: CompiledPlan, played: Played[]): RuleCoverage[] {
  const says = (word: CaseEligibility['says']) => played.some(({ eligibility }) => eligibility?.says === word)
  const { when } = eligibilityOf(definition)
  return when ? [{ actionId: 'eligible-when', fires: says('accepted'), spares: says('rejected') }] : []
}

/** The rules that something wakes; the others are activities, which `$apply` proposes. */
function findingRules(plan: CompiledPlan): Rule[] {
  return plan.rules.flatMap((outer) => leavesOf(outer, outer.triggers.length > 0))
}

function leavesOf(rule: Rule, triggeredAbove: boolean): Rule[] {
  const triggered = triggeredAbove || rule.triggers.length > 0
  if (rule.children.length > 0) return rule.children.flatMap((child) => leavesOf(child, triggered))
  return triggered ? [rule] : []
}

const wasAtWork = (rule: Rule, { tasks, trace }: Played): boolean =>
  madeBy(rule, tasks) ||
  (DOES_MORE.has(rule.effect.does) &&
    trace.some(({ actionId, outcome }) => actionId === rule.id && outcome === 'applicable'))

/** What comes of these is no Task of the rule's. */
const DOES_MORE: ReadonlySet<Effect['does']> = new Set(['start', 'change', 'stop', 'pause', 'resume', 'move', 'tell'])

const madeBy = (rule: Rule, tasks: Task[]): boolean => tasks.some((task) => ruleOf(task)?.actionId === rule.id)

/** Evaluated and found not to apply; or, of a rule that has nothing but its trigger, left asleep by a case in which others woke. */
function wasSpared(plan: CompiledPlan, rule: Rule, { tasks, trace }: Played): boolean {
  const own = trace.filter(({ actionId }) => actionId === rule.id)
  if (own.some(({ outcome }) => outcome === 'not-applicable')) return true
  if (own.length > 0 || madeBy(rule, tasks)) return false
  const isClock = plan.timers.some((timer) => timer.rule.id === rule.id)
  const isGated = outermost(plan, rule).some((gate) =>
    trace.some((one) => one.actionId === gate && one.outcome === 'not-applicable'),
  )
  return isGated || ((isClock || rule.conditions.length === 0) && trace.length > 0)
}

/** The groups around a rule: one that does not apply spares what is in it. */
function outermost(plan: CompiledPlan, rule: Rule): string[] {
  return allRules(plan.rules)
    .filter((group) => group.children.length > 0 && allRules(group.children).some(({ id }) => id === rule.id))
    .map(({ id }) => id)
}
