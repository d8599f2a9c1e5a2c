import type { CarePlan, ClinicalImpression, DataRequirement, Goal, Observation, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { CompiledPlan, Rule, TimerRule } from './compile-plan.ts'
import { type ConditionTrace, evaluateCondition, type Variables, versionedReference } from './condition.ts'
import { instantAt, matches, select } from './data-requirement.ts'
import { withDynamicValues } from './dynamic-values.ts'
import type { Evaluator } from './evaluator.ts'
import {
  type Evidence,
  evidenceCount,
  type Finding,
  findOpenTask,
  joinTask,
  newTask,
  restsOn,
  ruleOf,
  withdrawTask,
} from './finding-task.ts'
import { type DataHappening, isAssessable, type LimitsHappening } from './happening.ts'
import { type Assessment, assess, limitsOfCarePlan, withPrecedence } from './limits.ts'
import { isOpen } from './task-status.ts'
import type { Timer, TimerDecision } from './timer.ts'
import { type TriageDecision, triage } from './triage.ts'
import { isTriggered, type Triggered, type TriggerGround } from './trigger.ts'
import { reasonOf, resourceInWords } from './words.ts'

/** What happened: a resource came, changed or went; its limits changed; a timer's moment passed; or the enrolment itself changed. */
export type Happening = DataHappening | LimitsHappening | { kind: 'timer'; timer: Timer } | { kind: 'enrolment' }

/** Everything that a decision may look at, read beforehand. */
export type Facts = {
  plan: CompiledPlan
  carePlan: CarePlan
  /** The patient's Goals; those of the CarePlan count. */
  goals: Goal[]
  happening: Happening
  /** The patient's resources that the inputs of the rules may need; more do no harm. */
  history: Resource[]
  /** The patient's open Tasks, of any plan. */
  openTasks: Task[]
  /** How this measurement was triaged before, by this plan in this CarePlan. */
  triage?: ClinicalImpression
  /** The Patient, when the plan asks for `%subject`. */
  subject?: Resource
  now: Date
  /** Gives the id of a Task that is to be. */
  newId: () => string
  /** Answers the expressions of the plan; left out, that is done here and now. */
  evaluate?: Evaluator | undefined
}

export type RuleTrace = {
  actionId: string
  outcome: 'applicable' | 'not-applicable' | 'unevaluable'
  conditions: ConditionTrace[]
}

/** What should be true afterwards. Nothing is done yet: see react.ts. */
export type Decisions = {
  tasks: { act: 'create' | 'update'; task: Task }[]
  timers: TimerDecision[]
  triage?: TriageDecision
  trace: RuleTrace[]
}

/**
 * Decides what one happening means for one enrolled patient. Pure: no database, no clock, nothing of Node, so that the cases,
 * a simulation and the patient's own browser decide alike.
 */
export function decide(facts: Facts): Decisions {
  const decisions: Decisions = { tasks: [], timers: [], trace: [] }
  if (facts.carePlan.status !== 'active') {
    return facts.happening.kind === 'enrolment'
      ? { ...decisions, timers: [{ act: 'clear', kind: 'rule', about: aboutOf(facts) }] }
      : decisions
  }
  switch (facts.happening.kind) {
    case 'enrolment':
      return { ...decisions, timers: facts.plan.timers.map((timer) => startTimer(timer, facts)) }
    case 'timer':
      return decideTimer(facts, facts.happening)
    case 'data':
      return decideData(facts, facts.happening)
    case 'limits':
      return decideLimits(facts, facts.happening)
  }
}

function decideData(facts: Facts, happening: DataHappening): Decisions {
  const { plan, now } = facts
  const { current, previous } = happening
  const changed = current ?? previous
  if (!changed) return { tasks: [], timers: [], trace: [] }
  const assessable = current && isAssessable(current) ? current : undefined
  const walk = new Walk(facts, (rule) => isTriggered(rule.triggers, groundOf(facts, happening)))
  walk.visitAll(plan.rules)

  // A version that is removed is an event of its own beside the one that brought it.
  const event = versionedReference(changed) + (current ? '' : '/removed')
  const findings = walk.findings([evidenceFrom(changed)], event)
  const tasks = commitFindings(findings, facts)
  const why = assessable ? 'Målingen er rettet; regelen slår ikke lenger til.' : 'Målingen er trukket tilbake.'
  if (happening.interaction !== 'create') tasks.push(...retriage(facts, changed, findings, why))
  // The clocks are not touched: one that rings looks first whether something has come meanwhile.
  const came = assessable ? plan.timers.filter((timer) => timer.since && matches(assessable, timer.since, now)) : []
  tasks.push(...came.flatMap((timer) => answered(facts, timer)))
  const triaged = triage({ facts, current: assessable, changed, isJudged: walk.hasWoken, findings })
  return { tasks, timers: [], ...(triaged ? { triage: triaged } : {}), trace: walk.trace }
}

/**
 * A measurement that was judged already, by other limits now. Only what they have changed becomes work: a red that somebody has
 * handled is not raised again because the yellow limit moved.
 */
function decideLimits(facts: Facts, { current, before }: LimitsHappening): Decisions {
  const came: DataHappening[] = [
    { kind: 'data', interaction: 'create', current },
    { kind: 'data', interaction: 'update', current, previous: current },
  ]
  const judge = (by: Facts) => {
    const walk = new Walk(by, ({ triggers }) => {
      const woken = came.map((happening) => isTriggered(triggers, groundOf(by, happening)))
      return woken.find(({ outcome }) => outcome === 'yes') ?? woken[0] ?? { outcome: 'no' }
    })
    walk.visitAll(by.plan.rules)
    const event = `${versionedReference(current)}/limits/${by.now.toISOString()}`
    return { walk, findings: walk.findings([evidenceFrom(current)], event) }
  }
  const { walk, findings } = judge(facts)
  const known = judge({ ...facts, ...before }).findings
  const fresh = findings.filter(({ rule, kind }) => !known.some((one) => one.rule === rule && one.kind === kind))
  const why = 'Grensene er endret; regelen slår ikke lenger til.'
  const tasks = [...commitFindings(fresh, facts), ...retriage(facts, current, findings, why)]
  const triaged = triage({ facts, current, changed: current, isJudged: walk.hasWoken, findings })
  return { tasks, timers: [], ...(triaged ? { triage: triaged } : {}), trace: walk.trace }
}

function groundOf({ carePlan, subject, history, now, evaluate }: Facts, happening: DataHappening): TriggerGround {
  const variables = { careplan: carePlan, subject: subject ?? [] }
  return { happening, history, carePlanId: carePlan.id, variables, now, evaluate }
}

function decideTimer(facts: Facts, happening: Extract<Happening, { kind: 'timer' }>): Decisions {
  const timer = facts.plan.timers.find((candidate) => candidate.rule.id === happening.timer.name)
  if (!timer) return { tasks: [], timers: [{ act: 'drop', timer: happening.timer }], trace: [] }
  // What it waits for may have come since it was set; then that counts.
  const moment = Math.max(happening.timer.dueAt.getTime(), newestHeard(timer, facts) + timer.periodMilliseconds)
  const set = (at: number): TimerDecision => ({ act: 'set', timer: timerOf(timer, facts, at) })
  if (moment > facts.now.getTime()) return { tasks: [], timers: [set(moment)], trace: [] }
  const walk = new Walk(facts, (rule) => ({ outcome: rule === timer.rule ? 'yes' : 'no' }))
  walk.visitAll([timer.rule])
  const at = new Date(moment).toISOString()
  const findings = walk.findings([{ kind: 'moment', at, display: 'Frist' }], at)
  // It rings again each period while the silence lasts; periods that were slept through are not made up for.
  const periods = Math.floor((facts.now.getTime() - moment) / timer.periodMilliseconds) + 1
  return {
    tasks: commitFindings(findings, facts),
    timers: [set(moment + periods * timer.periodMilliseconds)],
    trace: walk.trace,
  }
}

/** Walks the actions in order and notes which apply; one walk for one happening. */
class Walk {
  readonly trace: RuleTrace[] = []
  private readonly applicable: Rule[] = []
  private readonly unevaluable: { rule: Rule; problem: string }[] = []
  private readonly facts: Facts
  private readonly isTriggered: (rule: Rule) => Triggered
  private readonly variables: Variables
  private readonly assessment: Assessment | undefined

  constructor(facts: Facts, isTriggered: (rule: Rule) => Triggered) {
    this.facts = facts
    this.isTriggered = isTriggered
    const { happening, carePlan, goals, plan, subject } = facts
    const current = happening.kind === 'data' || happening.kind === 'limits' ? happening.current : undefined
    if (current?.resourceType === 'Observation') {
      const limits = withPrecedence(limitsOfCarePlan(carePlan, goals), plan.limits)
      this.assessment = assess(current as unknown as Observation, limits)
    }
    this.variables = {
      current: current ?? [],
      previous: (happening.kind === 'data' && happening.previous) || [],
      subject: subject ?? { resourceType: 'Patient', id: carePlan.subject.reference?.split('/').at(-1) },
      careplan: carePlan,
      context: plan.definition,
      limits: this.assessment?.limits ?? [],
      baseline: this.assessment?.baseline ?? [],
    }
  }

  /** Some rule was woken, whatever came of it. */
  get hasWoken(): boolean {
    return this.trace.length > 0 || this.unevaluable.length > 0
  }

  /** @returns whether any of the rules applied */
  visitAll(rules: Rule[], triggeredAbove = false, firstOnly = false): boolean {
    let any = false
    for (const rule of rules) {
      if (firstOnly && any) break
      if (this.visit(rule, triggeredAbove)) any = true
    }
    return any
  }

  private visit(rule: Rule, triggeredAbove: boolean): boolean {
    const own = rule.triggers.length > 0 ? this.wakes(rule) : undefined
    if (own?.outcome === 'unevaluable') this.unevaluable.push({ rule, problem: own.problem })
    const triggered = own ? own.outcome === 'yes' : triggeredAbove
    const isGroup = rule.children.length > 0
    if (!triggered && !isGroup) return false
    const conditions = triggered ? this.evaluate(rule) : []
    const bad = conditions.find((condition) => condition.outcome === 'unevaluable')
    const holds = conditions.every((condition) => condition.outcome === 'true')
    // A clear no decides, whatever else could not be evaluated.
    const clearNo = conditions.some((condition) => condition.outcome === 'false')
    const outcome = holds ? 'applicable' : clearNo ? 'not-applicable' : 'unevaluable'
    if (triggered) this.trace.push({ actionId: rule.id, outcome, conditions })
    if (outcome === 'unevaluable') this.unevaluable.push({ rule, problem: bad?.problem ?? '' })
    if (outcome !== 'applicable') return false
    if (isGroup) return this.visitAll(rule.children, triggered, rule.firstChildOnly)
    this.applicable.push(rule)
    return true
  }

  private wakes(rule: Rule): Triggered {
    try {
      return this.isTriggered(rule)
    } catch (error) {
      return { outcome: 'unevaluable', problem: messageOf(error) }
    }
  }

  private evaluate(rule: Rule): ConditionTrace[] {
    const { facts } = this
    let variables: Variables
    try {
      variables = this.variablesOf(rule)
    } catch (error) {
      return [{ expression: '', seen: {}, outcome: 'unevaluable', problem: messageOf(error) }]
    }
    const focus = this.variables.subject as Resource
    const problems = { limits: this.assessment?.problem }
    return rule.conditions.map((condition) => evaluateCondition(condition, focus, variables, problems, facts))
  }

  private variablesOf(rule: Rule): Variables {
    const { history, now } = this.facts
    const inputs = rule.inputs.flatMap((input) => (input.id ? [[input.id, select(history, input, now)] as const] : []))
    return { ...this.variables, ...Object.fromEntries(inputs) }
  }

  /** What was found, one a rule; rules of one cause that could not be evaluated are one finding. */
  findings(evidence: Evidence[], event: string): Finding[] {
    const { plan, carePlan, now } = this.facts
    const common = { plan, carePlan, now, evidence, event }
    const firstOfCause = this.unevaluable.filter(
      ({ rule }, i) => this.unevaluable.findIndex((other) => other.rule.cause === rule.cause) === i,
    )
    return [
      ...this.applicable.map((rule): Finding => {
        return { ...common, rule, kind: 'assess', reason: this.reason(rule), variables: this.variablesOf(rule) }
      }),
      ...firstOfCause.map(({ rule, problem }): Finding => {
        return { ...common, rule, kind: 'unevaluable', reason: problem, variables: this.variables }
      }),
    ]
  }

  private reason(rule: Rule): string {
    const limits = this.assessment?.limits ?? []
    const hit =
      limits.find((limit) => limit.hit && limit.zone === rule.colour) ??
      limits.find((limit) => !limit.hit && limit.zone === 'plausible') ??
      limits.find((limit) => limit.hit && limit.zone !== 'plausible')
    return hit ? reasonOf(hit) : (rule.action.textEquivalent ?? rule.action.title ?? rule.id)
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const evidenceFrom = (resource: Resource): Evidence => ({
  kind: 'resource',
  resource,
  display: resourceInWords(resource),
})

/** Findings as Tasks: a new one, or the open one that it joins. */
function commitFindings(findings: Finding[], { openTasks, newId, evaluate }: Facts): Decisions['tasks'] {
  return findings.flatMap((finding): Decisions['tasks'] => {
    const open = findOpenTask(openTasks, finding)
    if (open) {
      const joined = joinTask(open, finding)
      return joined === open ? [] : [{ act: 'update', task: joined }]
    }
    const task = newTask(newId(), finding, milderTask(openTasks, finding))
    return [{ act: 'create', task: withDynamicValues(task, dynamicValuesOf(finding), { ...finding, evaluate }) }]
  })
}

function dynamicValuesOf({ rule, kind }: Finding) {
  if (kind === 'unevaluable') return []
  return [...(rule.activity?.dynamicValue ?? []), ...(rule.action.dynamicValue ?? [])]
}

/** The open Task of another rule of the same cause, which this finding has grown from. */
function milderTask(openTasks: Task[], { plan, rule, kind }: Finding): Task | undefined {
  if (kind !== 'assess' || rule.colour !== 'red') return undefined
  const siblings = new Set(idsWithCause(plan.rules, rule.cause))
  return openTasks.find((task) => {
    const made = ruleOf(task)
    return isOpen(task) && made?.url === plan.url && made.actionId !== rule.id && siblings.has(made.actionId)
  })
}

const idsWithCause = (rules: Rule[], cause: string): string[] =>
  rules.flatMap((rule) => [...(rule.cause === cause ? [rule.id] : []), ...idsWithCause(rule.children, cause)])

/** A measurement was corrected or withdrawn, or is held against other limits: what it caused, and no longer causes, is taken back. */
function retriage(facts: Facts, changed: Resource, findings: Finding[], why: string): Decisions['tasks'] {
  const reference = `${changed.resourceType}/${changed.id}`
  return facts.openTasks.flatMap((task) => {
    if (!isOpen(task) || ruleOf(task)?.url !== facts.plan.url || !restsOn(task, reference)) return []
    if (findings.some((finding) => findOpenTask([task], finding))) return []
    // Other measurements still hold it up.
    if (evidenceCount(task) > 1) return []
    return [{ act: 'update' as const, task: withdrawTask(task, why, facts.now) }]
  })
}

/** What was missing has come: the Task that asked for it is taken back, unless somebody has begun with it. */
function answered(facts: Facts, timer: TimerRule): Decisions['tasks'] {
  return facts.openTasks.flatMap((task) => {
    const made = ruleOf(task)
    if (made?.url !== facts.plan.url || made.actionId !== timer.rule.id || task.status !== 'requested') return []
    return [{ act: 'update' as const, task: withdrawTask(task, 'Målingen er kommet.', facts.now) }]
  })
}

/** When a clock first rings: its period after the newest thing it waits for, or after the enrolment, but never before now. */
function startTimer(timer: TimerRule, facts: Facts): TimerDecision {
  const { carePlan, now } = facts
  const enrolled = Date.parse(carePlan.period?.start ?? '')
  const from = Math.max(newestHeard(timer, facts), Number.isNaN(enrolled) ? Number.NEGATIVE_INFINITY : enrolled)
  const dueAt = Math.max((Number.isFinite(from) ? from : now.getTime()) + timer.periodMilliseconds, now.getTime())
  return { act: 'start', timer: timerOf(timer, facts, dueAt) }
}

const aboutOf = ({ carePlan }: Facts) => `CarePlan/${carePlan.id}`

function timerOf({ rule }: TimerRule, facts: Facts, at: number): Timer {
  return { kind: 'rule', about: aboutOf(facts), plan: facts.plan.url, name: rule.id, dueAt: new Date(at) }
}

function newestHeard(timer: TimerRule, { history, now }: Facts): number {
  const heard = history.filter((resource) => isAwaited(resource, timer.since, now))
  return Math.max(...heard.map((resource) => heardAt(timer, resource, now)))
}

const isAwaited = (resource: Resource, since: DataRequirement | undefined, now: Date): boolean =>
  since !== undefined && matches(resource, since, now) && isAssessable(resource)

/** When a resource was measured or answered; never later than now, for a device's clock may run ahead. */
function heardAt({ datePath }: TimerRule, resource: Resource, now: Date): number {
  const at = instantAt(resource, datePath)
  return Number.isNaN(at) ? now.getTime() : Math.min(at, now.getTime())
}
