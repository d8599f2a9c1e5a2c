import type { Resource } from '../fhir/resource.ts'
import { versionedReference } from '../fhir/versioned-reference.ts'
import { commitFindings, note, requestsAfter } from './commit-findings.ts'
import { commitWalk } from './commit-walk.ts'
import { type Decisions, decisionsOf, NOTHING } from './decisions.ts'
import type { Facts } from './facts.ts'
import { type DataHappening, type EnrolmentHappening, isAssessable, type LimitsHappening } from './happening.ts'
import { limitsOfCarePlan } from './limits/limits.ts'
import { matches } from './plan/data-requirement.ts'
import { knownUnmet } from './plan/inputs-asked.ts'
import { isTriggered, type TriggerGround } from './plan/trigger.ts'
import { LIFE_CLOCK, lifeClock, movedLifeClock, ringLifeClock } from './ring-life-clock.ts'
import { noRuleClock, ringRuleClock, startRuleClock } from './ring-rule-clock.ts'
import { leftStages, placedInStage, stageTimers } from './stages/keep-stage.ts'
import { currentStage } from './stages/stage-state.ts'
import type { Evidence } from './task/finding-task.ts'
import { takeBack } from './task/take-back.ts'
import { answered, measuredAgain, takeBackTasks } from './task/take-back-tasks.ts'
import { triage } from './triage.ts'
import { isInForce, Walk } from './walk/walk.ts'
import { REASONS } from './words/reasons.ts'
import { READ_BY_SOMEBODY, resourceInWords } from './words/words.ts'

/**
 * Decides what one happening means for one enrolled patient. Pure: no database, no clock, nothing of Node, so that the cases,
 * a simulation and the patient's own browser decide alike.
 */
export function decide(facts: Facts): Decisions {
  if (facts.carePlan.status !== 'active') {
    return facts.happening.kind === 'enrolment'
      ? { ...NOTHING, timers: [{ act: 'clear', kind: 'rule', about: `CarePlan/${facts.carePlan.id}` }] }
      : NOTHING
  }
  switch (facts.happening.kind) {
    case 'enrolment':
      return decideEnrolment(facts, facts.happening)
    case 'timer':
      return facts.happening.timer.name === LIFE_CLOCK ? ringLifeClock(facts) : ringRuleClock(facts, facts.happening)
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
  if (begun) return { ...NOTHING, requests: [{ act: 'update', resource: begun as unknown as Resource }] }
  const stage = currentStage(carePlan, plan.url)
  const timers = [
    ...plan.timers.flatMap((timer) =>
      isInForce(timer.rule, stage?.stage) ? startRuleClock(timer, facts, since) : [noRuleClock(timer, facts)],
    ),
    ...(stage ? stageTimers(carePlan, stage) : []),
  ]
  const mustBegin = stage !== undefined && !stage.hasBegun
  if (plan.lives.length === 0 && !mustBegin) return { ...NOTHING, timers }
  const left = mustBegin ? leftStages(facts, stage) : { tasks: [], requests: [] }
  // The enrolment itself is no activity that a rule could end.
  const requests = requestsAfter(facts, left).filter(({ resourceType }) => resourceType !== 'CarePlan')
  const after = { ...facts, requests }
  const walk = new Walk(after)
  if (mustBegin) walk.begin(stage.stage)
  const event = mustBegin ? `CarePlan/${carePlan.id}/${stage.stage}/${stage.since}` : versionedReference(carePlan)
  const done = commitWalk(walk, after, { findings: walk.findings([], event), evidence: [], event })
  for (const { act, task } of done.tasks) note(left, act, task as unknown as Resource)
  for (const { act, resource } of done.requests) note(left, act, resource)
  if (plan.lives.length > 0) timers.push({ act: 'set', timer: lifeClock(facts, left) })
  return decisionsOf(left, { timers, trace: walk.trace })
}

function decideData(facts: Facts, happening: DataHappening): Decisions {
  const { plan, now } = facts
  const { current, previous, access } = happening
  const changed = current ?? previous
  if (!changed) return NOTHING
  const assessable = current && isAssessable(current) ? current : undefined
  const unmet = knownUnmet(plan, { happening, carePlan: facts.carePlan, subject: facts.subject, now })
  const ground = { ...groundOf(facts, happening), unmet }
  const walk = new Walk(facts, (rule) => isTriggered(rule.triggers, ground))
  walk.visitAll(plan.rules)

  const event = eventOf(happening, changed)
  const came = evidenceFrom(changed, facts)
  const evidence: Evidence[] = [
    ...(access ? [{ kind: 'resource' as const, resource: access, display: READ_BY_SOMEBODY }] : []),
    came,
  ]
  const findings = walk.findings(evidence, event)
  const done = commitWalk(walk, facts, { findings, evidence, event })
  // Whoever reads something changes nothing of what it has led to.
  if (access) return decisionsOf(done, { timers: movedLifeClock(facts, done), trace: walk.trace })
  const { tasks } = done
  const why = assessable ? REASONS.corrected : REASONS.withdrawn
  if (happening.interaction !== 'create') {
    takeBack(facts, { changed, findings, why }, done)
    tasks.push(...takeBackTasks(facts, changed, findings, why))
  }
  // The clocks are not touched: one that rings looks first whether something has come meanwhile.
  const rested = assessable ? plan.timers.filter((timer) => timer.since && matches(assessable, timer.since, now)) : []
  tasks.push(...rested.flatMap((timer) => answered(facts, timer)))
  if (assessable && !walk.doubt) tasks.push(...measuredAgain(facts, () => walk.woken(), tasks))
  const triaged = triage({
    ...{ facts, current: assessable, changed, isJudged: walk.hasWoken, findings },
    name: came.display,
  })
  return decisionsOf(done, { timers: movedLifeClock(facts, done, changed), triage: triaged, trace: walk.trace })
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
  const evidence = evidenceFrom(current, facts)
  const judge = (by: Facts) => {
    const walk = new Walk(by, ({ triggers }) => {
      const woken = came.map((happening) => isTriggered(triggers, groundOf(by, happening)))
      return woken.find(({ outcome }) => outcome === 'yes') ?? woken[0] ?? { outcome: 'no' }
    })
    walk.visitAll(by.plan.rules)
    const event = `${versionedReference(current)}/limits/${by.now.toISOString()}`
    return { walk, findings: walk.findings([evidence], event) }
  }
  const { walk, findings } = judge(facts)
  const known = judge({ ...facts, ...before }).findings
  const fresh = findings.filter(({ rule, kind }) => !known.some((one) => one.rule === rule && one.kind === kind))
  const done = commitFindings(fresh, facts)
  done.tasks.push(...takeBackTasks(facts, current, findings, REASONS['other-limits']))
  const triaged = triage({
    ...{ facts, current, changed: current, isJudged: walk.hasWoken, findings },
    name: evidence.display,
  })
  return decisionsOf(done, { timers: [], triage: triaged, trace: walk.trace })
}

/** A version that is removed is an event of its own beside the one that brought it, and so is each reading of each resource. */
function eventOf({ current, access }: DataHappening, changed: Resource): string {
  const about = versionedReference(changed)
  return access ? `${versionedReference(access)}/${about}` : about + (current ? '' : '/removed')
}

function groundOf({ carePlan, subject, history, now, evaluate }: Facts, happening: DataHappening): TriggerGround {
  const variables = { careplan: carePlan, subject: subject ?? [] }
  return { happening, history, carePlanId: carePlan.id, variables, now, evaluate }
}

/** Called as its limits are called: the plan's name of the measure, else the one of the person's own limits. */
const evidenceFrom = (resource: Resource, { plan, carePlan, goals }: Facts): Evidence => ({
  kind: 'resource',
  resource,
  display: resourceInWords(resource, [...plan.limits, ...limitsOfCarePlan(carePlan, goals)]),
})
