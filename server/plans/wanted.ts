import type { CarePlan, DataRequirement, Goal } from '@medplum/fhirtypes'
import type { DataHappening } from '../core/decide/happening.ts'
import { limitsOfCarePlan } from '../core/decide/limits/limits.ts'
import { type Changed, latestOf, limitsBefore } from '../core/decide/limits/limits-changed.ts'
import { trendRequirements } from '../core/decide/limits/trend.ts'
import { reviewRequirements } from '../core/decide/limits-review/review.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { inputsAsked } from '../core/decide/plan/inputs-asked.ts'
import { inputsOfStages } from '../core/decide/stages/stage-inputs.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { changesLimits } from './news.ts'
import type { Occurrence } from './occurrence.ts'
import type { PlacedTimer } from './timers.ts'

/** An enrolment that runs, and one of the plans that it puts its patient in. */
export type Enrolment = { carePlan: CarePlan; plan: CompiledPlan }

/** What was about the event, and, where somebody was given it, what tells so. */
export type CameAbout = Changed & { access?: Resource }

type Known = { enrolments: readonly Enrolment[]; goals: Goal[]; subject: Resource | undefined; now: Date }

/**
 * What the plans of a patient look back at when this happens. Pure; read for a whole round at once.
 * @param changed what the event is about; empty for a timer
 */
export function wantedBy(occurrence: Occurrence, changed: CameAbout, known: Known): DataRequirement[] {
  return known.enrolments.flatMap((enrolment) =>
    occurrence.kind === 'timer'
      ? wantedByTimer(occurrence.timer, enrolment)
      : wantedByEvent(occurrence.event, changed, enrolment, known),
  )
}

function wantedByTimer({ kind, name, plan: url }: PlacedTimer, { plan }: Enrolment): DataRequirement[] {
  if (kind === 'limits-review') return plan.url === url ? reviewRequirements(plan) : []
  if (kind !== 'rule') return []
  const rung = plan.timers.filter((one) => one.name === name)
  return [...rung.flatMap(({ rule, since }) => [...rule.inputs, ...(since ? [since] : [])]), ...inputsOfLives(plan)]
}

function wantedByEvent(
  event: FeedEvent,
  changed: CameAbout,
  { carePlan, plan }: Enrolment,
  { goals, subject, now }: Known,
): DataRequirement[] {
  const since = [...plan.timers.flatMap((timer) => timer.since ?? []), ...inputsOfLives(plan)]
  if (changesLimits(event)) {
    const before = limitsBefore(event, changed, carePlan, goals)
    const latest = latestOf([...(before ? [before] : []), { carePlan, goals }], plan)
    const begun = event.type === 'CarePlan' ? inputsOfStages(plan) : []
    return [latest, ...plan.listeners.flatMap(({ inputs }) => inputs), ...begun, ...since]
  }
  if (event.type === 'CarePlan') return [...inputsOfStages(plan), ...since]
  const { current, access } = changed
  const interaction = access ? 'access' : event.interaction
  const happening: DataHappening = { kind: 'data', interaction, ...changed }
  const limits = [...limitsOfCarePlan(carePlan, goals), ...plan.limits]
  const trends = current?.resourceType === 'Observation' ? trendRequirements(limits, current, now) : []
  return [...inputsAsked(plan, { happening, carePlan, subject, now }), ...inputsOfLives(plan), ...trends]
}

/** Start and stop conditions are asked whatever happens, so what they look at is always there. */
const inputsOfLives = (plan: CompiledPlan): DataRequirement[] => plan.lives.flatMap(({ inputs }) => inputs)
