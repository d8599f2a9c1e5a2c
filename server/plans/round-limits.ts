import { type Changed, hasOtherLimits, limitsBefore } from '../core/decide/limits/limits-changed.ts'
import { limitsProvenance } from '../core/decide/limits/limits-provenance.ts'
import { type ReviewFacts, review, reviewTimers } from '../core/decide/limits-review/review.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { type Occurrence, patientOf } from './occurrence.ts'
import { type Deciding, decideOne } from './plan-decision.ts'

import type { PlacedTimer } from './timers.ts'
import type { Enrolment } from './wanted.ts'

/** Other limits: what was judged by the old ones, and is still the latest of its kind, is judged by the new ones. */
export async function judgeAnew(
  deciding: Deciding,
  { event, changed }: { event: FeedEvent; changed: Changed },
  occurrence: Occurrence,
): Promise<void> {
  const { facts } = deciding
  const { goals } = facts.of(event.patient ?? '')
  for (const enrolment of facts.enrolments(patientOf(occurrence))) {
    const before = limitsBefore(event, changed, enrolment.carePlan, goals)
    for (const current of before ? facts.concernedBy(event, changed, enrolment) : []) {
      if (before && facts.triageOf(enrolment, current)) {
        await decideOne(deciding, enrolment, { kind: 'limits', current, before }, occurrence)
      }
    }
  }
}

/** Who set limits by writing the Goal itself is told too; why, only they could say. */
export function proveLimits({ facts, outcome, newId }: Deciding, event: FeedEvent, changed: Changed): void {
  const { id, version, actor, recorded_at, patient } = event
  const goal = `Goal/${id}/_history/${version}`
  if (facts.isProven(goal) || !hasOtherLimits(changed)) return
  const before = changed.previous ? { before: `Goal/${id}/_history/${version - 1}` } : {}
  const subject = patient ? `Patient/${patient}` : undefined
  const provenance = limitsProvenance({ goal, subject, ...before, actor, at: recorded_at })
  outcome.noteResource('create', { ...provenance, id: newId(patient ?? '') } as unknown as Resource, event.depth + 1)
}

/** When the limits of each enrolment are next looked at, and when the first of the person's own ends. */
export function keepReviews(deciding: Deciding, occurrence: Occurrence): void {
  for (const enrolment of deciding.facts.enrolments(patientOf(occurrence))) {
    const timers = reviewTimers(reviewFacts(deciding, enrolment, patientOf(occurrence)))
    for (const timer of timers) deciding.outcome.noteTimer(timer, occurrence)
  }
}

/** The moment has come to look at the limits of an enrolment. */
export async function reviewLimits(
  deciding: Deciding,
  { enrolment, timer }: { enrolment: Enrolment; timer: PlacedTimer },
  occurrence: Occurrence,
): Promise<void> {
  await deciding.outcome.take(review(timer, reviewFacts(deciding, enrolment, patientOf(occurrence))), occurrence)
}

function reviewFacts({ facts, now, newId }: Deciding, { carePlan, plan }: Enrolment, patient: string): ReviewFacts {
  const { goals, tasks } = facts.of(patient)
  const history = facts.historyOf(patient)
  return { carePlan, plan, now, newId: () => newId(patient), goals, history, openTasks: tasks }
}
