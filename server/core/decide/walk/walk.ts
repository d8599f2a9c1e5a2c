import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { RuleTrace } from '../decisions.ts'
import type { Facts } from '../facts.ts'
import { type Doubt, withDoubt } from '../limits/doubt.ts'
import { QUALITY, qualityOf, shortcomings } from '../limits/measurement-quality.ts'
import { allRules, type Condition, type Rule } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { matches } from '../plan/data-requirement.ts'
import type { Triggered } from '../plan/trigger.ts'
import { problemOf } from '../problem.ts'
import { currentStage } from '../stages/stage-state.ts'
import type { Evidence, Finding } from '../task/finding-task.ts'
import type { Language } from '../words/language.ts'
import { sameInAll, type Told, tell } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { reasonOf } from '../words/words.ts'
import { type Candidate, choose, notChosen } from './choose.ts'
import { Sight } from './sight.ts'

/** Walks the actions in order and notes which apply; one walk for one happening. */
export class Walk {
  readonly trace: RuleTrace[] = []
  private readonly applicable: Rule[] = []
  private readonly unevaluable: { rule: Rule; problem: Told }[] = []
  private readonly facts: Facts
  private readonly sight: Sight
  private readonly isTriggered: (rule: Rule) => Triggered
  /** Where the patient is; rules of other stages are silent. */
  private readonly stage: string | undefined

  /** @param isTriggered whether what happened wakes a rule; without it nothing does, and what has no trigger may still begin */
  constructor(facts: Facts, isTriggered: (rule: Rule) => Triggered = () => ({ outcome: 'no' })) {
    this.facts = facts
    this.sight = new Sight(facts)
    this.isTriggered = isTriggered
    this.stage = currentStage(facts.carePlan, facts.plan.url)?.stage
  }

  /** Evaluates conditions as a rule sees the world. */
  ask(rule: Rule, conditions: Condition[]): ConditionTrace[] {
    return this.sight.ask(rule, conditions)
  }

  /** Why what was measured may be an artefact. */
  get doubt(): Doubt | undefined {
    return this.sight.doubt
  }

  /** Some rule was woken by what counts for it, whatever came of it. */
  get hasWoken(): boolean {
    const isJudged = ({ conditions }: RuleTrace) => !conditions.some(({ expression }) => expression === QUALITY)
    return this.trace.some(isJudged) || this.unevaluable.length > 0
  }

  /** @returns whether any of the rules applied */
  visitAll(rules: Rule[], triggeredAbove = false, group?: Rule): boolean {
    const found: Candidate[] = []
    for (const rule of rules) {
      if (group?.firstChildOnly && found.length > 0) break
      const before = this.applicable.length
      if (this.visit(rule, triggeredAbove))
        found.push({ ...rule.action, rule, applicable: this.applicable.splice(before) })
    }
    // Most that came wakes no more than the question.
    if (found.length === 0) return false
    const behavior = group?.action.selectionBehavior
    const { taken, problem } = choose(found, behavior)
    if (group && problem) {
      this.unevaluable.push({ rule: group, problem })
      return true
    }
    for (const one of found) if (!taken.includes(one)) this.leaveOut(one, behavior)
    this.applicable.push(...taken.flatMap(({ applicable }) => applicable))
    return taken.length > 0
  }

  private leaveOut(candidate: Candidate, behavior: string | undefined): void {
    const at = this.trace.findIndex(({ actionId }) => actionId === candidate.rule.id)
    const traced = this.trace[at]
    if (!traced) return
    const conditions = [...traced.conditions, notChosen(candidate, behavior)]
    this.trace[at] = { ...traced, outcome: 'not-applicable', conditions }
  }

  /** What a stage does when it begins: its actions without a trigger. */
  begin(stage: string): void {
    this.visitAll(
      this.facts.plan.rules.filter(({ id }) => id === stage),
      true,
    )
  }

  private visit(rule: Rule, triggeredAbove: boolean): boolean {
    if (!isInForce(rule, this.stage)) return false
    const own = rule.triggers.length > 0 ? this.wakes(rule) : undefined
    if (own?.outcome === 'unevaluable') this.unevaluable.push({ rule, problem: own.problem })
    const triggered = own ? own.outcome === 'yes' : triggeredAbove
    const isGroup = rule.children.length > 0
    if (!triggered && !isGroup) return false
    const conditions = triggered ? this.conditionsOf(rule) : []
    const outcome = outcomeOf(conditions)
    if (triggered) this.trace.push({ actionId: rule.id, outcome, conditions })
    if (outcome === 'unevaluable') {
      const bad = conditions.find((condition) => condition.outcome === 'unevaluable')
      this.unevaluable.push({ rule, problem: bad?.problem ?? sameInAll('') })
    }
    if (outcome !== 'applicable') return false
    if (isGroup) return this.visitAll(rule.children, triggered, rule)
    this.applicable.push(rule)
    return true
  }

  private conditionsOf(rule: Rule): ConditionTrace[] {
    const before = this.inForce(rule)
    const own = this.sight.ask(rule, rule.conditions)
    const after = this.isGoodEnough(rule)
    return before.length + after.length === 0 ? own : [...before, ...own, ...after]
  }

  /** A measurement that the rule listens to, and that was not made as its trigger demands: that is a no, with its reasons. */
  private isGoodEnough({ triggers }: Rule): ConditionTrace[] {
    const { now } = this.facts
    const { current } = this.sight
    if (!current || !triggers.some(({ data }) => data?.some(qualityOf))) return []
    const listening = triggers.flatMap(({ data = [] }) => data.filter((one) => matches(current, one, now)))
    const lacks = listening.map((one) => shortcomings(current, qualityOf(one), now))
    const [first, ...others] = lacks
    if (!first || lacks.some(({ length }) => length === 0)) return []
    const problem = tell((language) =>
      [first, ...others]
        .flat()
        .map((one) => one[language])
        .join(', '),
    )
    return [{ expression: QUALITY, seen: { current: versionedReference(current) }, outcome: 'false', problem }]
  }

  private wakes(rule: Rule): Triggered {
    try {
      return this.isTriggered(rule)
    } catch (error) {
      return { outcome: 'unevaluable', problem: problemOf(error) }
    }
  }

  /**
   * A rule that makes Tasks for the team is silent before its start condition holds and after its stop condition does. What other
   * rules made lives by these conditions itself: see life.ts.
   */
  private inForce(rule: Rule): ConditionTrace[] {
    const { start, stop } = rule.life
    if (rule.effect.does !== 'raise' || start.length + stop.length === 0) return []
    const stopped = this.sight.ask(rule, stop).map((trace) => ({ ...trace, outcome: OPPOSITE[notYet(trace)] }))
    return [...this.sight.ask(rule, start).map((trace) => ({ ...trace, outcome: notYet(trace) })), ...stopped]
  }

  /**
   * What was found, one a rule; rules of one cause that could not be evaluated are one finding, and so are all that the measurement itself
   * keeps from being evaluated: it has no value, or another unit than its limits.
   */
  findings(evidence: Evidence[], event: string): Finding[] {
    const { plan, carePlan, now } = this.facts
    const common = { plan, carePlan, now, evidence, event }
    const firstOfCause = this.unevaluable.filter(
      ({ rule }, i) => this.unevaluable.findIndex((other) => other.rule.cause === rule.cause) === i,
    )
    const findings = [
      ...this.applicable.map((rule): Finding => {
        return { ...common, rule, kind: 'assess', reason: this.reason(rule), variables: this.sight.variablesOf(rule) }
      }),
      ...this.bySameTrouble(firstOfCause).map(({ rules: [rule, ...alsoOf], problem }): Finding => {
        const also = alsoOf.length > 0 ? { alsoOf } : {}
        return { ...common, rule, ...also, kind: 'unevaluable', reason: problem, variables: this.sight.variables }
      }),
    ]
    if (!this.doubt) return findings
    const [rule] = this.woken()
    const any =
      rule &&
      ({ ...common, rule, kind: 'assess', reason: sameInAll(''), variables: this.sight.variables } satisfies Finding)
    return withDoubt(findings, this.doubt, any)
  }

  private bySameTrouble(unevaluable: { rule: Rule; problem: Told }[]): { rules: [Rule, ...Rule[]]; problem: Told }[] {
    const ofMeasurement = this.sight.assessment?.problem
    const troubles: { rules: [Rule, ...Rule[]]; problem: Told }[] = []
    for (const { rule, problem } of unevaluable) {
      const same = problem === ofMeasurement && troubles.find((one) => one.problem === problem)
      if (same) same.rules.push(rule)
      else troubles.push({ rules: [rule], problem })
    }
    return troubles
  }

  /** The rules that looked at what happened. */
  woken(): Rule[] {
    if (this.trace.length === 0) return []
    const ids = new Set(this.trace.map(({ actionId }) => actionId))
    return allRules(this.facts.plan.rules).filter(({ id }) => ids.has(id))
  }

  /** That a condition of the rule could not be evaluated, as a finding of its own. */
  unevaluableFinding(rule: Rule, reason: Told, evidence: Evidence[], event: string): Finding {
    const { plan, carePlan, now } = this.facts
    return {
      ...{ plan, carePlan, now, evidence, event, rule, reason },
      kind: 'unevaluable',
      variables: this.sight.variables,
    }
  }

  private reason(rule: Rule): Told {
    const limits = this.sight.assessment?.limits ?? []
    const hit =
      limits.find((limit) => limit.hit && limit.zone === rule.colour) ??
      limits.find((limit) => !limit.hit && limit.zone === 'plausible') ??
      limits.find((limit) => limit.hit && limit.zone !== 'plausible')
    return hit ? reasonOf(hit) : tell((language) => titleIn(rule, language))
  }
}

/** All of them hold; else a clear no decides, whatever else could not be evaluated. */
function outcomeOf(conditions: ConditionTrace[]): RuleTrace['outcome'] {
  let outcome: RuleTrace['outcome'] = 'applicable'
  for (const condition of conditions) {
    if (condition.outcome === 'false') return 'not-applicable'
    if (condition.outcome === 'unevaluable') outcome = 'unevaluable'
  }
  return outcome
}

/** Whether a rule listens in the stage that the patient is in; one of no stage always does. */
export const isInForce = ({ stage }: Rule, current: string | undefined): boolean =>
  stage === undefined || stage === current

/** Of a start or stop condition no value is "not yet": nothing has come that it looks at. */
const notYet = ({ outcome, isEmpty }: ConditionTrace) => (isEmpty ? 'false' : outcome)
const OPPOSITE = { true: 'false', false: 'true', unevaluable: 'unevaluable' } as const

const titleIn = ({ action, id }: Rule, language: Language): string =>
  translated(action, 'textEquivalent', language) ?? translated(action, 'title', language) ?? id
