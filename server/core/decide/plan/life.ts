import type { Resource } from '../../fhir/resource.ts'
import { phaseOf } from '../../requests/activity-life.ts'
import { type Committed, note, requestsAfter } from '../commit-findings.ts'
import type { Facts } from '../facts.ts'
import { START_CONDITION, waitsOf } from '../waiting.ts'
import type { Told } from '../words/told.ts'
import type { Condition, Rule } from './compile-plan.ts'
import type { ConditionTrace } from './condition.ts'
import { begin } from './follow.ts'
import { madeBy, steered } from './steer.ts'

/** Evaluates conditions as those of this rule. */
export type Ask = (rule: Rule, conditions: Condition[]) => ConditionTrace[]

/**
 * Start and stop conditions over the life of the plan: what an action made waits until its start condition holds, and ends when its
 * stop condition does. Asked whenever something happens that they may look at; each acts once, for the status tells how far it is.
 * @returns the rules whose condition could not be evaluated while it mattered, and why
 */
export function live(facts: Facts, ask: Ask, committed: Committed): { rule: Rule; problem: Told }[] {
  const problems: { rule: Rule; problem: Told }[] = []
  for (const rule of facts.plan.lives) {
    const own = requestsAfter(facts, committed).filter((request) => isOf(request, rule, facts))
    const held = own.filter((request) => waitsOf(request).some(({ actionId }) => actionId === START_CONDITION))
    const running = own.filter((request) => phaseOf(request) !== undefined)
    const stop = running.length > 0 && rule.life.stop.length > 0 ? verdict(ask(rule, rule.life.stop)) : NO
    const start = held.length > 0 && stop.outcome !== 'true' ? verdict(ask(rule, rule.life.start)) : NO
    const problem = stop.problem ?? start.problem
    if (problem !== undefined) problems.push({ rule, problem })
    if (stop.outcome === 'true') for (const request of running) end(request, rule, facts, committed)
    else if (start.outcome === 'true')
      for (const request of held) begin(request, ({ actionId }) => actionId === START_CONDITION, { facts, committed })
  }
  return problems
}

type Verdict = { outcome: 'true' | 'false' | 'unevaluable'; problem?: Told }
const NO: Verdict = { outcome: 'false' }

/** All of the conditions together. No value is "not yet": nothing has come that they look at. */
export function verdict(traces: ConditionTrace[]): Verdict {
  if (traces.some(({ outcome, isEmpty }) => outcome === 'false' || isEmpty)) return NO
  const bad = traces.find(({ outcome }) => outcome === 'unevaluable')
  return bad ? { outcome: 'unevaluable', ...(bad.problem ? { problem: bad.problem } : {}) } : { outcome: 'true' }
}

function isOf(request: Resource, rule: Rule, { plan }: Facts): boolean {
  const made = madeBy(request)
  // The Task that tells of a rule is no activity of it.
  return made?.url === plan.url && made.actionId === rule.id
}

function end(request: Resource, rule: Rule, { carePlan, now }: Facts, committed: Committed): void {
  const title = rule.action.title ?? rule.id
  const reason: Told = {
    nb: `Vilkåret for å avslutte er oppfylt: ${title}`,
    nn: `Vilkåret for å avslutte er oppfylt: ${title}`,
    en: `The condition for ending it is met: ${title}`,
  }
  const ended = steered(request, { does: 'stop', carePlan: `CarePlan/${carePlan.id}`, reason, now })
  if (ended !== request) note(committed, 'update', ended)
}
