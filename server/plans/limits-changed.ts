import type { CarePlan, DataRequirement, Goal } from '@medplum/fhirtypes'
import type { CompiledPlan } from '../decide/compile-plan.ts'
import { happenedAt } from '../decide/data-requirement.ts'
import { isAssessable } from '../decide/happening.ts'
import { changedMeasures, limitsOfCarePlan, measures } from '../decide/limits.ts'
import type { Resource } from '../fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import type { Changed } from './facts.ts'

/** How old a measurement may be that new limits are held against: an older one says nothing of how the patient is now. */
const LATEST_HOURS_MAX = 72

/** What is read to find the latest measurement of each kind. */
export const LATEST: DataRequirement = {
  type: 'Observation',
  dateFilter: [{ path: 'effective', valueDuration: { value: LATEST_HOURS_MAX, unit: 'h', code: 'h' } }],
  limit: 200,
}

export type LimitsBefore = { carePlan: CarePlan; goals: Goal[] }

/** The CarePlan and its Goals as they were before the event; undefined for an event that changes no limits of this CarePlan. */
export function limitsBefore(
  event: FeedEvent,
  { previous }: Changed,
  carePlan: CarePlan,
  goals: Goal[],
): LimitsBefore | undefined {
  if (event.type === 'Goal') {
    const others = goals.filter(({ id }) => id !== event.id)
    return { carePlan, goals: previous ? [...others, previous as unknown as Goal] : others }
  }
  // One that begins now has been judged by nothing before.
  const isFollowedOn = event.type === 'CarePlan' && event.id === carePlan.id && previous?.status === 'active'
  return isFollowedOn ? { carePlan: previous as unknown as CarePlan, goals } : undefined
}

/** The latest measurement of each kind whose limits are others now. */
export function concernedBy(
  before: LimitsBefore,
  { carePlan, goals }: LimitsBefore,
  { limits }: CompiledPlan,
  history: Resource[],
  now: Date,
): Resource[] {
  const codes = changedMeasures(
    [...limitsOfCarePlan(before.carePlan, before.goals), ...limits],
    [...limitsOfCarePlan(carePlan, goals), ...limits],
  )
  if (codes.size === 0) return []
  const reach = now.getTime() - LATEST_HOURS_MAX * 3_600_000
  const at = (resource: Resource) => happenedAt(resource, 'effective', now)
  const recent = history
    .filter((resource) => resource.resourceType === 'Observation' && isAssessable(resource) && at(resource) > reach)
    .sort((one, other) => at(other) - at(one) || storedAt(other) - storedAt(one))
  const latest = new Map<string, Resource>()
  for (const resource of recent) {
    const [code] = measures(resource).filter((token) => codes.has(token))
    if (code !== undefined && !latest.has(code)) latest.set(code, resource)
  }
  return [...new Set(latest.values())]
}

const storedAt = ({ meta }: Resource) => Date.parse(meta?.lastUpdated ?? '') || 0
