import type { DataRequirement } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { commitWalk } from './commit-walk.ts'
import { type Decisions, decisionsOf, NOTHING } from './decisions.ts'
import type { Facts } from './facts.ts'
import { isAssessable, type TimerHappening } from './happening.ts'
import type { TimerRule } from './plan/compile-plan.ts'
import { instantAt, matches } from './plan/data-requirement.ts'
import { BROKEN, clockOfEnrolment, type RuleClock } from './plan/rule-clock.ts'
import type { Triggered } from './plan/trigger.ts'
import { movedLifeClock } from './ring-life-clock.ts'
import { currentStage } from './stages/stage-state.ts'
import type { Evidence, Finding } from './task/finding-task.ts'
import type { Timer, TimerDecision } from './timer.ts'
import { isInForce, Walk } from './walk/walk.ts'
import type { Language } from './words/language.ts'
import { DUE, momentInWords } from './words/moment-in-words.ts'
import { type Told, tell } from './words/told.ts'

/** Looks whether the rule's clock rings, asks its conditions if so, and sets it to its next moment. */
export function ringRuleClock(facts: Facts, { timer: rung }: TimerHappening): Decisions {
  const timer = facts.plan.timers.find((candidate) => candidate.name === rung.name)
  const stage = currentStage(facts.carePlan, facts.plan.url)?.stage
  if (!timer || !isInForce(timer.rule, stage)) {
    return { ...NOTHING, timers: [{ act: 'drop', timer: rung }] }
  }
  const { clock, problem } = clockOf(timer, facts)
  // What it waits for may have come since it was set; then that counts.
  const moment = clock.rings(rung.dueAt.getTime(), newestHeard(timer, facts))
  const keep = (at: number | undefined): TimerDecision =>
    at === undefined ? { act: 'drop', timer: rung } : { act: 'set', timer: timerOf(timer, facts, at) }
  if (moment === undefined || moment > facts.now.getTime()) return { ...NOTHING, timers: [keep(moment)] }
  const woken: Triggered = problem ? { outcome: 'unevaluable', problem } : { outcome: 'yes' }
  const walk = new Walk(facts, (rule) => (rule === timer.rule ? woken : { outcome: 'no' }))
  walk.visitAll([timer.rule])
  const at = new Date(moment).toISOString()
  const evidence: Evidence[] = [{ kind: 'moment', at, display: DUE }]
  const findings = walk.findings(evidence, at).map((finding) => toldLate(finding, new Date(moment)))
  const done = commitWalk(walk, facts, { findings, evidence, event: at })
  // It rings again while the silence lasts; moments that were slept through are not made up for.
  const timers = [keep(clock.next(moment, facts.now.getTime())), ...movedLifeClock(facts, done)]
  return decisionsOf(done, { timers, trace: walk.trace })
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
function clockOf({ timing, rule }: TimerRule, { plan, carePlan, now }: Facts): { clock: RuleClock; problem?: Told } {
  const stageSince = rule.stage === undefined ? undefined : currentStage(carePlan, plan.url)?.since
  try {
    return { clock: clockOfEnrolment(timing, { carePlan, stageSince }, now) }
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

/**
 * Starts the clock of a rule unless it runs, from when the enrolment became as it is: a moment that came before anybody looked is rung
 * late. One that has no moment left is none; it is not dropped either, for the last moment may have come and not been looked at yet.
 */
export function startRuleClock(timer: TimerRule, facts: Facts, since: Date): TimerDecision[] {
  const dueAt = clockOf(timer, facts).clock.starts(since.getTime(), newestHeard(timer, facts))
  return dueAt === undefined ? [] : [{ act: 'start', timer: timerOf(timer, facts, dueAt) }]
}

/** The clock of a rule that does not listen now. */
export const noRuleClock = (timer: TimerRule, facts: Facts): TimerDecision => ({
  act: 'drop',
  timer: timerOf(timer, facts, 0),
})

function timerOf({ name }: TimerRule, { carePlan, plan }: Facts, at: number): Timer {
  return { kind: 'rule', about: `CarePlan/${carePlan.id}`, plan: plan.url, name, dueAt: new Date(at) }
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
