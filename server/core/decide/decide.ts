import type {
  CarePlan,
  ClinicalImpression,
  DataRequirement,
  Goal,
  Observation,
  PlanDefinitionAction,
  Task,
} from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { versionedReference } from '../fhir/versioned-reference.ts'
import type { RequestDecision } from './carry-out.ts'
import { type Committed, commitFindings, note, requestsAfter } from './commit-findings.ts'
import type { Evaluator } from './evaluator.ts'
import { type DataHappening, isAssessable, type LimitsHappening } from './happening.ts'
import { againOf, type Doubt, doubtOf, isMeasureAgain, withDoubt } from './limits/doubt.ts'
import { type Assessment, assess, limitsAt, limitsOfCarePlan } from './limits/limits.ts'
import { ofQuality, QUALITY, qualityOf, shortcomings } from './limits/measurement-quality.ts'
import { allRules, type CompiledPlan, type Condition, type Rule, type TimerRule } from './plan/compile-plan.ts'
import { type ConditionTrace, evaluateCondition, namesIn, type Variables } from './plan/condition.ts'
import { happenedAt, instantAt, matches, select } from './plan/data-requirement.ts'
import { follow, followMade } from './plan/follow.ts'
import { live } from './plan/life.ts'
import { nextTurn, stateOf, turningConditions } from './plan/life-clock.ts'
import { BROKEN, clockOfEnrolment, type RuleClock } from './plan/rule-clock.ts'
import { type CountProblem, countProblem, takenOf } from './plan/selection-behavior.ts'
import { isTriggered, type Triggered, type TriggerGround } from './plan/trigger.ts'
import { problemOf } from './problem.ts'
import { leftStages, placedInStage, stageTimers } from './stages/keep-stage.ts'
import { currentStage } from './stages/stage-state.ts'
import {
  type Evidence,
  evidenceCount,
  type Finding,
  findOpenTask,
  restsOn,
  ruleOf,
  withdrawTasks,
} from './task/finding-task.ts'
import { isSummary } from './task/summary.ts'
import { takeBack } from './task/take-back.ts'
import { isOpen } from './task/task-status.ts'
import type { Timer, TimerDecision } from './timer.ts'
import { type TriageDecision, triage } from './triage.ts'
import type { Language } from './words/language.ts'
import { momentInWords } from './words/moment-in-words.ts'
import { REASONS } from './words/reasons.ts'
import { sameInAll, type Told, tell } from './words/told.ts'
import { translated } from './words/translated.ts'
import { reasonOf, resourceInWords } from './words/words.ts'

/** What happened: a resource came, changed or went; its limits changed; a timer's moment passed; or the enrolment itself changed. */
export type Happening = DataHappening | LimitsHappening | { kind: 'timer'; timer: Timer } | EnrolmentHappening

/** `since`: when the CarePlan was changed so; now, where it is not said. What hears of it late has slept through no clock. */
export type EnrolmentHappening = { kind: 'enrolment'; since?: Date }

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
  /** The patient's requests, of any plan, when this one may touch them. */
  requests?: Resource[]
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
  /** What the plan does to the patient's activities; present when it does something. */
  requests?: RequestDecision[]
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
      return decideEnrolment(facts, facts.happening)
    case 'timer':
      return decideTimer(facts, facts.happening)
    case 'data':
      return decideData(facts, facts.happening)
    case 'limits':
      return decideLimits(facts, facts.happening)
  }
}

/** Clocks start, and what waits for nothing but its start condition may begin. */
function decideEnrolment(facts: Facts, { since = facts.now }: EnrolmentHappening): Decisions {
  const { plan, carePlan } = facts
  const begun = placedInStage(facts)
  // Heard again as a change of the CarePlan, and then the stage begins.
  if (begun) return { ...made([], [{ act: 'update', resource: begun as unknown as Resource }]), timers: [], trace: [] }
  const stage = currentStage(carePlan, plan.url)
  const timers = [
    ...plan.timers.flatMap((timer) =>
      isInForce(timer.rule, stage?.stage) ? startTimer(timer, facts, since) : [noTimer(timer, facts)],
    ),
    ...(stage ? stageTimers(carePlan, stage) : []),
  ]
  const mustBegin = stage !== undefined && !stage.hasBegun
  if (plan.lives.length === 0 && !mustBegin) return { tasks: [], timers, trace: [] }
  const left = mustBegin ? leftStages(facts, stage) : { tasks: [], requests: [] }
  // The enrolment itself is no activity that a rule could end.
  const requests = requestsAfter(facts, left).filter(({ resourceType }) => resourceType !== 'CarePlan')
  const after = { ...facts, requests }
  const walk = new Walk(after, () => ({ outcome: 'no' }))
  if (mustBegin) walk.begin(stage.stage)
  const event = mustBegin ? `CarePlan/${carePlan.id}/${stage.stage}/${stage.since}` : versionedReference(carePlan)
  const done = committed(walk, after, { findings: walk.findings([], event), evidence: [], event })
  for (const { act, task } of done.tasks) note(left, act, task as unknown as Resource)
  for (const { act, resource } of done.requests) note(left, act, resource)
  if (plan.lives.length > 0) timers.push({ act: 'set', timer: lifeClock(facts, left) })
  return { ...made(left.tasks, left.requests), timers, trace: walk.trace }
}

const isInForce = ({ stage }: Rule, current: string | undefined): boolean => stage === undefined || stage === current

function decideData(facts: Facts, happening: DataHappening): Decisions {
  const { plan, now } = facts
  const { current, previous } = happening
  const changed = current ?? previous
  if (!changed) return { tasks: [], timers: [], trace: [] }
  const assessable = current && isAssessable(current) ? current : undefined
  const ground = groundOf(facts, happening)
  const walk = new Walk(facts, (rule) => isTriggered(rule.triggers, ground))
  walk.visitAll(plan.rules)

  // A version that is removed is an event of its own beside the one that brought it.
  const event = versionedReference(changed) + (current ? '' : '/removed')
  const evidence = [evidenceFrom(changed, facts)]
  const findings = walk.findings(evidence, event)
  const done = committed(walk, facts, { findings, evidence, event })
  const { tasks, requests } = done
  const why = assessable ? REASONS.corrected : REASONS.withdrawn
  if (happening.interaction !== 'create') {
    takeBack(facts, { changed, findings, why }, done)
    tasks.push(...retriage(facts, changed, findings, why))
  }
  // The clocks are not touched: one that rings looks first whether something has come meanwhile.
  const came = assessable ? plan.timers.filter((timer) => timer.since && matches(assessable, timer.since, now)) : []
  tasks.push(...came.flatMap((timer) => answered(facts, timer)))
  if (assessable && !walk.doubt) tasks.push(...measuredAgain(facts, walk.woken(), tasks))
  const triaged = triage({ facts, current: assessable, changed, isJudged: walk.hasWoken, findings })
  const timers = movedLifeClock(facts, { tasks, requests })
  return { ...made(tasks, requests), timers, ...(triaged ? { triage: triaged } : {}), trace: walk.trace }
}

/** What is made of the findings, and of the start and stop conditions, which go by what was made. */
function committed(
  walk: Walk,
  facts: Facts,
  { findings, evidence, event }: { findings: Finding[]; evidence: Evidence[]; event: string },
): Committed {
  const committed = commitFindings(findings, facts)
  followMade(facts, committed)
  follow(facts, committed)
  const problems = live(facts, (rule, conditions) => walk.ask(rule, conditions), committed)
  const told = problems.map(({ rule, problem }) => walk.unevaluableFinding(rule, problem, evidence, event))
  const { tasks, requests } = commitFindings(told, facts)
  return { tasks: [...committed.tasks, ...tasks], requests: [...committed.requests, ...requests] }
}

const made = (tasks: Decisions['tasks'], requests: RequestDecision[]): Pick<Decisions, 'tasks' | 'requests'> => ({
  tasks,
  ...(requests.length > 0 ? { requests } : {}),
})

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
    return { walk, findings: walk.findings([evidenceFrom(current, facts)], event) }
  }
  const { walk, findings } = judge(facts)
  const known = judge({ ...facts, ...before }).findings
  const fresh = findings.filter(({ rule, kind }) => !known.some((one) => one.rule === rule && one.kind === kind))
  const { tasks, requests } = commitFindings(fresh, facts)
  tasks.push(...retriage(facts, current, findings, REASONS['other-limits']))
  const triaged = triage({ facts, current, changed: current, isJudged: walk.hasWoken, findings })
  return { ...made(tasks, requests), timers: [], ...(triaged ? { triage: triaged } : {}), trace: walk.trace }
}

function groundOf({ carePlan, subject, history, now, evaluate }: Facts, happening: DataHappening): TriggerGround {
  const variables = { careplan: carePlan, subject: subject ?? [] }
  return { happening, history, carePlanId: carePlan.id, variables, now, evaluate }
}

/** Start and stop conditions may ask how long it has been: see life-clock.ts. */
const LIFE_CLOCK = '*life'

/** The clock that asks them next, as things are with what is decided so far. */
function lifeClock(facts: Facts, decided: Committed): Timer {
  const turning = turningNow(facts, decided)
  const stateAt = (now: Date) => {
    // As it will be when the clock rings: nothing has come then.
    const walk = new Walk({ ...facts, now, happening: { kind: 'enrolment' } }, () => ({ outcome: 'no' }))
    return stateOf(turning, (rule, conditions) => walk.ask(rule, conditions))
  }
  const key = { kind: 'rule', about: aboutOf(facts), name: LIFE_CLOCK, plan: facts.plan.url } as const
  return { ...key, dueAt: nextTurn(facts.now, stateAt) }
}

const turningNow = (facts: Facts, decided: Committed) =>
  turningConditions(facts.plan.lives, facts.plan.url, requestsAfter(facts, decided))

/** What has happened may have moved the moment at which a condition turns. */
const movedLifeClock = (facts: Facts, decided: Committed): TimerDecision[] =>
  facts.plan.lives.length > 0 && turningNow(facts, decided).length > 0
    ? [{ act: 'set', timer: lifeClock(facts, decided) }]
    : []

function decideLives(facts: Facts): Decisions {
  if (facts.plan.lives.length === 0) return { tasks: [], timers: [], trace: [] }
  const at = facts.now.toISOString()
  const walk = new Walk(facts, () => ({ outcome: 'no' }))
  const evidence: Evidence[] = [{ kind: 'moment', at, display: 'Daglig gjennomgang' }]
  const { tasks, requests } = committed(walk, facts, { findings: [], evidence, event: at })
  return { ...made(tasks, requests), timers: [{ act: 'set', timer: lifeClock(facts, { tasks, requests }) }], trace: [] }
}

function decideTimer(facts: Facts, happening: Extract<Happening, { kind: 'timer' }>): Decisions {
  if (happening.timer.name === LIFE_CLOCK) return decideLives(facts)
  const timer = facts.plan.timers.find((candidate) => candidate.name === happening.timer.name)
  const stage = currentStage(facts.carePlan, facts.plan.url)?.stage
  if (!timer || !isInForce(timer.rule, stage)) {
    return { tasks: [], timers: [{ act: 'drop', timer: happening.timer }], trace: [] }
  }
  const { clock, problem } = clockOf(timer, facts)
  // What it waits for may have come since it was set; then that counts.
  const moment = clock.rings(happening.timer.dueAt.getTime(), newestHeard(timer, facts))
  const keep = (at: number | undefined): TimerDecision =>
    at === undefined ? { act: 'drop', timer: happening.timer } : { act: 'set', timer: timerOf(timer, facts, at) }
  if (moment === undefined || moment > facts.now.getTime()) return { tasks: [], timers: [keep(moment)], trace: [] }
  const rung: Triggered = problem ? { outcome: 'unevaluable', problem } : { outcome: 'yes' }
  const walk = new Walk(facts, (rule) => (rule === timer.rule ? rung : { outcome: 'no' }))
  walk.visitAll([timer.rule])
  const at = new Date(moment).toISOString()
  const evidence: Evidence[] = [{ kind: 'moment', at, display: 'Frist' }]
  const findings = walk.findings(evidence, at).map((finding) => toldLate(finding, new Date(moment)))
  const { tasks, requests } = committed(walk, facts, { findings, evidence, event: at })
  // It rings again while the silence lasts; moments that were slept through are not made up for.
  return {
    ...made(tasks, requests),
    timers: [keep(clock.next(moment, facts.now.getTime())), ...movedLifeClock(facts, { tasks, requests })],
    trace: walk.trace,
  }
}

/** A clock that is later than this was not looked at when it rang: nothing was there to look. */
const LATE_MILLISECONDS = 60_000

function toldLate(finding: Finding, moment: Date): Finding {
  const { kind, now, reason } = finding
  if (kind !== 'assess' || now.getTime() - moment.getTime() < LATE_MILLISECONDS) return finding
  const late = (language: Language) => LATE[language](momentInWords(moment, language))
  return { ...finding, reason: tell((language) => `${reason[language]} (${late(language)})`) }
}

const LATE: Record<Language, (at: string) => string> = {
  nb: (at) => `gjaldt ${at}, sett for sent`,
  nn: (at) => `galdt ${at}, sett for seint`,
  en: (at) => `was for ${at}, looked at late`,
}

/** The clock by which a rule rings for this enrolment; with the problem, where its Timing gives no moment. */
function clockOf({ timing }: TimerRule, { carePlan, now }: Facts): { clock: RuleClock; problem?: Told } {
  try {
    return { clock: clockOfEnrolment(timing, carePlan, now) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { clock: BROKEN, problem: tell((language) => `${NEVER_RINGS[language]}: ${why}`) }
  }
}

const NEVER_RINGS: Record<Language, string> = {
  nb: 'Tidspunktene for regelen kan ikke regnes ut',
  nn: 'Tidspunkta for regelen kan ikkje reknast ut',
  en: 'The moments of the rule cannot be worked out',
}

/** Walks the actions in order and notes which apply; one walk for one happening. */
class Walk {
  readonly trace: RuleTrace[] = []
  private readonly applicable: Rule[] = []
  private readonly unevaluable: { rule: Rule; problem: Told }[] = []
  private readonly facts: Facts
  private readonly isTriggered: (rule: Rule) => Triggered
  private readonly variables: Variables
  /** Where the patient is; rules of other stages are silent. */
  private readonly stage: string | undefined
  private readonly assessment: Assessment | undefined
  /** Why what was measured may be an artefact. */
  readonly doubt: Doubt | undefined

  constructor(facts: Facts, isTriggered: (rule: Rule) => Triggered) {
    this.facts = facts
    this.isTriggered = isTriggered
    const { happening, carePlan, goals, plan, subject } = facts
    this.stage = currentStage(carePlan, plan.url)?.stage
    const current = happening.kind === 'data' || happening.kind === 'limits' ? happening.current : undefined
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
      subject: subject ?? { resourceType: 'Patient', id: carePlan.subject.reference?.split('/').at(-1) },
      careplan: carePlan,
      context: plan.definition,
      limits: this.assessment?.limits ?? [],
      baseline: this.assessment?.baseline ?? [],
    }
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
    return this.choose(found, group)
  }

  /** Of what applies, what is done as the plan has it; nobody is there to choose, so what needs a choice is the team's. */
  private choose(found: Candidate[], group: Rule | undefined): boolean {
    const behavior = group?.action.selectionBehavior
    const taken = takenOf(found, behavior)
    const problem = found.length > 0 && countProblem(behavior, { taken: taken.length, of: found.length })
    if (group && problem) {
      const which = found.map(({ title, id = '' }) => title ?? id).join(', ')
      this.unevaluable.push({ rule: group, problem: tell((language) => `${TO_CHOOSE[problem][language]}: ${which}`) })
      return true
    }
    for (const one of found) if (!taken.includes(one)) this.leaveOut(one, behavior)
    this.applicable.push(...taken.flatMap(({ applicable }) => applicable))
    return taken.length > 0
  }

  /** It applied, and is not done all the same: told as one more condition, that of the choice. */
  private leaveOut({ rule, precheckBehavior }: Candidate, behavior: string | undefined): void {
    const at = this.trace.findIndex(({ actionId }) => actionId === rule.id)
    const traced = this.trace[at]
    if (!traced) return
    const seen = { precheckBehavior: precheckBehavior ?? [], selectionBehavior: behavior ?? [] }
    const choice: ConditionTrace = { expression: CHOSEN, seen, outcome: 'false' }
    this.trace[at] = { ...traced, outcome: 'not-applicable', conditions: [...traced.conditions, choice] }
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
    const conditions = triggered
      ? [...this.inForce(rule), ...this.ask(rule, rule.conditions), ...this.isGoodEnough(rule)]
      : []
    const bad = conditions.find((condition) => condition.outcome === 'unevaluable')
    const holds = conditions.every((condition) => condition.outcome === 'true')
    // A clear no decides, whatever else could not be evaluated.
    const clearNo = conditions.some((condition) => condition.outcome === 'false')
    const outcome = holds ? 'applicable' : clearNo ? 'not-applicable' : 'unevaluable'
    if (triggered) this.trace.push({ actionId: rule.id, outcome, conditions })
    if (outcome === 'unevaluable') this.unevaluable.push({ rule, problem: bad?.problem ?? sameInAll('') })
    if (outcome !== 'applicable') return false
    if (isGroup) return this.visitAll(rule.children, triggered, rule)
    this.applicable.push(rule)
    return true
  }

  /** A measurement that the rule listens to, and that was not made as its trigger demands: that is a no, with its reasons. */
  private isGoodEnough({ triggers }: Rule): ConditionTrace[] {
    const { happening, now } = this.facts
    const current = happening.kind === 'data' || happening.kind === 'limits' ? happening.current : undefined
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
    const stopped = this.ask(rule, stop).map((trace) => ({ ...trace, outcome: OPPOSITE[notYet(trace)] }))
    return [...this.ask(rule, start).map((trace) => ({ ...trace, outcome: notYet(trace) })), ...stopped]
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
   * What was removed has no current version, and what is new has none before: a rule that listens to every change and gets no value
   * for want of it does not apply. That is not a rule that cannot be evaluated.
   */
  private withoutWhatIsNot(trace: ConditionTrace): ConditionTrace {
    const { happening } = this.facts
    if (!trace.isEmpty || happening.kind !== 'data') return trace
    const lacks = happening.current ? (happening.previous ? undefined : 'previous') : 'current'
    if (!lacks || !namesIn(trace.expression).includes(lacks)) return trace
    const { problem: _problem, isEmpty: _isEmpty, seen, ...rest } = trace
    return { ...rest, seen, outcome: 'false' }
  }

  private variablesOf(rule: Rule): Variables {
    const { history, now } = this.facts
    const inputs = rule.inputs.flatMap((input) =>
      input.id ? [[input.id, select(ofQuality(history, input, now), input, now)] as const] : [],
    )
    return { ...this.variables, ...Object.fromEntries(inputs) }
  }

  /** What was found, one a rule; rules of one cause that could not be evaluated are one finding. */
  findings(evidence: Evidence[], event: string): Finding[] {
    const { plan, carePlan, now } = this.facts
    const common = { plan, carePlan, now, evidence, event }
    const firstOfCause = this.unevaluable.filter(
      ({ rule }, i) => this.unevaluable.findIndex((other) => other.rule.cause === rule.cause) === i,
    )
    const findings = [
      ...this.applicable.map((rule): Finding => {
        return { ...common, rule, kind: 'assess', reason: this.reason(rule), variables: this.variablesOf(rule) }
      }),
      ...firstOfCause.map(({ rule, problem }): Finding => {
        return { ...common, rule, kind: 'unevaluable', reason: problem, variables: this.variables }
      }),
    ]
    const [rule] = this.woken()
    const any =
      rule && ({ ...common, rule, kind: 'assess', reason: sameInAll(''), variables: this.variables } satisfies Finding)
    return withDoubt(findings, this.doubt, any)
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
      variables: this.variables,
    }
  }

  private reason(rule: Rule): Told {
    const limits = this.assessment?.limits ?? []
    const hit =
      limits.find((limit) => limit.hit && limit.zone === rule.colour) ??
      limits.find((limit) => !limit.hit && limit.zone === 'plausible') ??
      limits.find((limit) => limit.hit && limit.zone !== 'plausible')
    return hit ? reasonOf(hit) : tell((language) => titleIn(rule, language))
  }
}

/** A rule that applies, with what it and those below it come to. */
type Candidate = PlanDefinitionAction & { rule: Rule; applicable: Rule[] }

/** How the choice of a group is written among the conditions of what was left out. */
const CHOSEN = 'precheckBehavior, selectionBehavior'

const TO_CHOOSE: Record<CountProblem, Told> = {
  all: { nb: 'Alle disse skal gjøres', nn: 'Alle desse skal gjerast', en: 'All of these are to be done' },
  'all-or-none': {
    nb: 'Alle disse skal gjøres, eller ingen',
    nn: 'Alle desse skal gjerast, eller ingen',
    en: 'All of these are to be done, or none',
  },
  'exactly-one': {
    nb: 'Velg én av disse',
    nn: 'Vel éin av desse',
    en: 'Choose one of these',
  },
  'at-most-one': {
    nb: 'Velg høyst én av disse',
    nn: 'Vel høgst éin av desse',
    en: 'Choose at most one of these',
  },
  'one-or-more': {
    nb: 'Velg minst én av disse',
    nn: 'Vel minst éin av desse',
    en: 'Choose at least one of these',
  },
}

/** Of a start or stop condition no value is "not yet": nothing has come that it looks at. */
const notYet = ({ outcome, isEmpty }: ConditionTrace) => (isEmpty ? 'false' : outcome)
const OPPOSITE = { true: 'false', false: 'true', unevaluable: 'unevaluable' } as const

const titleIn = ({ action, id }: Rule, language: Language): string =>
  translated(action, 'textEquivalent', language) ?? translated(action, 'title', language) ?? id

/** Called as its limits are called: the plan's name of the measure, else the one of the person's own limits. */
const evidenceFrom = (resource: Resource, { plan, carePlan, goals }: Facts): Evidence => ({
  kind: 'resource',
  resource,
  display: resourceInWords(resource, [...plan.limits, ...limitsOfCarePlan(carePlan, goals)]),
})

/** A measurement was corrected or withdrawn, or is held against other limits: what it caused, and no longer causes, is taken back. */
function retriage(facts: Facts, changed: Resource, findings: Finding[], why: Told): Decisions['tasks'] {
  const reference = `${changed.resourceType}/${changed.id}`
  const baseless = facts.openTasks.filter((task) => {
    if (!isOpen(task) || ruleOf(task)?.url !== facts.plan.url || !restsOn(task, reference)) return false
    if (findings.some((finding) => findOpenTask([task], finding))) return false
    // Other measurements still hold it up.
    return evidenceCount(task) <= 1
  })
  return withdrawTasks(baseless, why, facts.now).map((task) => ({ act: 'update', task }))
}

/** A measurement that nothing speaks against has come after one that was doubted: what asked for it is done. */
function measuredAgain(facts: Facts, woken: Rule[], decided: Decisions['tasks']): Decisions['tasks'] {
  const causes = new Set(woken.map(({ cause }) => cause))
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
function answered(facts: Facts, timer: TimerRule): Decisions['tasks'] {
  const come = facts.openTasks.filter((task) => {
    const made = ruleOf(task)
    if (made?.url !== facts.plan.url || made.actionId !== timer.rule.id || task.status !== 'requested') return false
    // Other findings were gathered in it.
    return !isSummary(task)
  })
  return withdrawTasks(come, REASONS.measured, facts.now).map((task) => ({ act: 'update', task }))
}

/**
 * Starts the clock of a rule unless it runs, from when the enrolment became as it is: a moment that came before anybody looked is rung
 * late. One that has no moment left is none; it is not dropped either, for the last moment may have come and not been looked at yet.
 */
function startTimer(timer: TimerRule, facts: Facts, since: Date): TimerDecision[] {
  const dueAt = clockOf(timer, facts).clock.starts(since.getTime(), newestHeard(timer, facts))
  return dueAt === undefined ? [] : [{ act: 'start', timer: timerOf(timer, facts, dueAt) }]
}

const aboutOf = ({ carePlan }: Facts) => `CarePlan/${carePlan.id}`

const noTimer = (timer: TimerRule, facts: Facts): TimerDecision => ({ act: 'drop', timer: timerOf(timer, facts, 0) })

function timerOf({ name }: TimerRule, facts: Facts, at: number): Timer {
  return { kind: 'rule', about: aboutOf(facts), plan: facts.plan.url, name, dueAt: new Date(at) }
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
