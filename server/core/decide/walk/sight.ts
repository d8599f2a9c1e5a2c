import type { DataRequirement, Observation } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Facts } from '../facts.ts'
import { type Doubt, doubtOf } from '../limits/doubt.ts'
import { type Assessment, assess, limitsAt, limitsOfCarePlan } from '../limits/limits.ts'
import { ofQuality } from '../limits/measurement-quality.ts'
import type { Condition, Rule } from '../plan/compile-plan.ts'
import { type ConditionTrace, evaluateCondition, namesIn, type Variables } from '../plan/condition.ts'
import { happenedAt, select } from '../plan/data-requirement.ts'
import { problemOf } from '../problem.ts'

/** What the rules of a plan see of one happening, and what their conditions say of it. */
export class Sight {
  /** What came or was changed, if something did. */
  readonly current: Resource | undefined
  /** Those of every rule; the inputs of one are added by variablesOf. */
  readonly variables: Variables
  readonly assessment: Assessment | undefined
  /** Why what was measured may be an artefact. */
  readonly doubt: Doubt | undefined
  private readonly facts: Facts
  private readonly inputs = new Map<DataRequirement, Resource[]>()

  constructor(facts: Facts) {
    this.facts = facts
    const { happening, carePlan, goals, plan, subject } = facts
    this.current = happening.kind === 'data' || happening.kind === 'limits' ? happening.current : undefined
    const { current } = this
    if (current?.resourceType === 'Observation') {
      // What counts when it was measured, not when it came.
      const at = new Date(happenedAt(current, 'effective', facts.now))
      const limits = limitsAt(limitsOfCarePlan(carePlan, goals), plan.limits, at)
      const observation = current as unknown as Observation
      this.assessment = assess(observation, limits, facts)
      this.doubt = doubtOf(observation, this.assessment.limits)
    }
    this.variables = {
      current: current ?? [],
      previous: (happening.kind === 'data' && happening.previous) || [],
      access: (happening.kind === 'data' && happening.access) || [],
      subject: subject ?? { resourceType: 'Patient', id: carePlan.subject.reference?.split('/').at(-1) },
      careplan: carePlan,
      context: plan.definition,
      limits: this.assessment?.limits ?? [],
      baseline: this.assessment?.baseline ?? [],
    }
  }

  /** Evaluates conditions as this rule sees the world. */
  ask(rule: Rule, conditions: Condition[]): ConditionTrace[] {
    const { facts } = this
    let variables: Variables
    try {
      variables = this.variablesOf(rule)
    } catch (error) {
      return [{ expression: '', seen: {}, outcome: 'unevaluable', problem: problemOf(error) }]
    }
    const focus = this.variables.subject as Resource
    const problems = { limits: this.assessment?.problem }
    return conditions.map((condition) =>
      this.withoutWhatIsNot(evaluateCondition(condition, focus, variables, problems, facts)),
    )
  }

  /**
   * What was removed has no current version, what is new has none before, and only what was read was read by somebody: a rule that
   * listens to all of it and gets no value for want of it does not apply. That is not a rule that cannot be evaluated.
   */
  private withoutWhatIsNot(trace: ConditionTrace): ConditionTrace {
    const { happening } = this.facts
    if (!trace.isEmpty || happening.kind !== 'data') return trace
    const lacks = [
      ...(happening.current ? (happening.previous ? [] : ['previous']) : ['current']),
      ...(happening.access ? [] : ['access']),
    ]
    if (!namesIn(trace.expression).some((name) => lacks.includes(name))) return trace
    const { problem: _problem, isEmpty: _isEmpty, seen, ...rest } = trace
    return { ...rest, seen, outcome: 'false' }
  }

  variablesOf(rule: Rule): Variables {
    if (rule.inputs.length === 0) return this.variables
    const inputs = rule.inputs.flatMap((input) => (input.id ? [[input.id, this.selected(input)] as const] : []))
    return { ...this.variables, ...Object.fromEntries(inputs) }
  }

  /** What an input gives: of one that stands on a group, the same for each rule in it. */
  private selected(input: DataRequirement): Resource[] {
    const known = this.inputs.get(input)
    if (known) return known
    const { history, now } = this.facts
    const found = select(ofQuality(history, input, now), input, now)
    this.inputs.set(input, found)
    return found
  }
}
