import type { CarePlan, DataRequirement, Goal } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isAssessable } from '../happening.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import { happenedAt } from '../plan/data-requirement.ts'
import { isLimit } from '../plan/vocabulary.ts'
import { changedMeasures, limitsOfCarePlan, measures } from './limits.ts'

/** A resource as one event left it, and as it was before. */
export type Changed = { current?: Resource; previous?: Resource }

/** How old a measurement may be that new limits are held against: an older one says nothing of how the patient is now. */
const LATEST_HOURS_MAX = 72

export type LimitsBefore = { carePlan: CarePlan; goals: Goal[] }

/** What is read to find the latest measurement of each kind, and its course before it where some limit is on the trend. */
export function latestOf(all: LimitsBefore[], plan: CompiledPlan): DataRequirement {
  const limits = [...all.flatMap(({ carePlan, goals }) => limitsOfCarePlan(carePlan, goals)), ...plan.limits]
  const windows = limits.map(({ trend }) => trend?.windowMilliseconds ?? 0)
  const hours = LATEST_HOURS_MAX + Math.ceil(Math.max(0, ...windows) / 3_600_000)
  return {
    type: 'Observation',
    dateFilter: [{ path: 'effective', valueDuration: { value: hours, unit: 'h', code: 'h' } }],
  }
}

/** The CarePlan and its Goals as they were before the event; undefined for an event that changes no limits of this CarePlan. */
export function limitsBefore(
  event: { type: string; id: string },
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

/** Whether a Goal that came or changed has other limits than before; aims alone are no limits. */
export function hasOtherLimits({ current, previous }: Changed): boolean {
  const limits = (goal: Resource | undefined) =>
    ((goal as unknown as Goal | undefined)?.target ?? []).filter(({ extension }) => extension?.some(isLimit))
  return current !== undefined && JSON.stringify(limits(current)) !== JSON.stringify(limits(previous))
}
