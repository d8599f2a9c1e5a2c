import type { Resource } from '../fhir/resource.ts'
import { type Committed, requestsAfter } from './commit-findings.ts'
import { commitWalk } from './commit-walk.ts'
import { type Decisions, decisionsOf, NOTHING } from './decisions.ts'
import type { Facts } from './facts.ts'
import {
  mayMove,
  nextTurn,
  nextTurnAmong,
  stateOf,
  type Turning,
  turningConditions,
  turningMoments,
} from './plan/life-clock.ts'
import type { Evidence } from './task/finding-task.ts'
import type { Timer, TimerDecision } from './timer.ts'
import { Walk } from './walk/walk.ts'
import type { Told } from './words/told.ts'

/** Start and stop conditions may ask how long it has been: see plan/life-clock.ts. */
export const LIFE_CLOCK = '*life'

/** The clock that asks them next, as things are with what is decided so far. */
export function lifeClock(facts: Facts, decided: Committed): Timer {
  return clockOf(facts, turningNow(facts, decided))
}

function clockOf(facts: Facts, turning: Turning[]): Timer {
  const stateAt = (now: Date) => {
    // As it will be when the clock rings: nothing has come then.
    const walk = new Walk({ ...facts, now, happening: { kind: 'enrolment' } })
    return stateOf(turning, (rule, conditions) => walk.ask(rule, conditions))
  }
  const key = { kind: 'rule', about: `CarePlan/${facts.carePlan.id}`, name: LIFE_CLOCK, plan: facts.plan.url } as const
  const moments = turningMoments(turning, facts.history, facts.now)
  return { ...key, dueAt: moments ? nextTurnAmong(facts.now, moments, stateAt) : nextTurn(facts.now, stateAt) }
}

const turningNow = (facts: Facts, decided: Committed) =>
  turningConditions(facts.plan.lives, facts.plan.url, requestsAfter(facts, decided))

/**
 * What has happened may have moved the moment at which a condition turns. Most of what happens does not, and costs no look ahead: then the clock
 * stands where it stood.
 */
export function movedLifeClock(facts: Facts, decided: Committed, changed?: Resource): TimerDecision[] {
  const turning = facts.plan.lives.length > 0 ? turningNow(facts, decided) : []
  const isMoved = decided.tasks.length + decided.requests.length > 0 || (changed && mayMove(turning, changed))
  return turning.length > 0 && isMoved ? [{ act: 'set', timer: clockOf(facts, turning) }] : []
}

/** Asks them, since it has rung. */
export function ringLifeClock(facts: Facts): Decisions {
  if (facts.plan.lives.length === 0) return NOTHING
  const at = facts.now.toISOString()
  const walk = new Walk(facts)
  const evidence: Evidence[] = [{ kind: 'moment', at, display: REVIEW }]
  const done = commitWalk(walk, facts, { findings: [], evidence, event: at })
  return decisionsOf(done, { timers: [{ act: 'set', timer: lifeClock(facts, done) }], trace: [] })
}

const REVIEW: Told = { nb: 'Gjennomgang av vilkår', nn: 'Gjennomgang av vilkår', en: 'Review of conditions' }
