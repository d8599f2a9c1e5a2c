import type { Resource } from '../fhir/resource.ts'
import { phaseOf, statusOf } from '../requests/activity-life.ts'
import { placedAt } from '../requests/occurrence.ts'
import { type Committed, note, requestsAfter } from './commit-findings.ts'
import type { Facts } from './decide.ts'
import { after, type Length } from './duration.ts'
import { REASONS } from './reasons.ts'
import { madeBy, steered } from './steer.ts'
import { type Wait, waitsOf, withoutWait } from './waiting.ts'

/** Statuses of what was done, and of what will never be. */
const DONE = new Set(['completed', 'fulfilled'])
const DROPPED = new Set(['cancelled', 'revoked', 'stopped', 'rejected', 'failed', 'entered-in-error'])
/** Of a relation to the start of another action; the others are to its end. */
const TO_START = new Set(['after-start', 'concurrent-with-start', 'concurrent'])

/**
 * What waits for an activity of the plan begins when that one is done: at the offset that the plan's relatedAction asks for. What will
 * never be done is not waited for: what hangs on it ends with it.
 * @throws Error for an offset that is no time
 */
export function follow(facts: Facts, committed: Committed): void {
  const { happening, plan } = facts
  const current = happening.kind === 'data' ? happening.current : undefined
  const made = current && madeBy(current)
  if (!current || made?.url !== plan.url) return
  const status = String(current.status)
  if (DONE.has(status)) release(made.actionId, () => true, { facts, committed })
  else if (DROPPED.has(status)) drop(made.actionId, { facts, committed })
}

type Place = { facts: Facts; committed: Committed }

/** @param isMet whether that is what a wait waits for */
function release(actionId: string, isMet: (wait: Wait) => boolean, place: Place): void {
  const { facts, committed } = place
  for (const request of waitingFor(actionId, place)) {
    const wait = waitsOf(request).find((one) => one.actionId === actionId)
    if (!wait || !isMet(wait)) continue
    const free = withoutWait(request, actionId)
    const placed = placedAt(free, times(wait, facts.now))
    const active = statusOf(placed.resourceType, 'active')
    const isFree = waitsOf(placed).length === 0
    note(committed, 'update', isFree && active ? { ...placed, status: active } : placed)
    const own = madeBy(request)
    // It has begun, so what waits for its beginning may too.
    if (isFree && own) release(own.actionId, ({ relationship }) => TO_START.has(String(relationship)), place)
  }
}

function drop(actionId: string, place: Place): void {
  const { facts, committed } = place
  for (const request of waitingFor(actionId, place)) {
    const reason = REASONS['not-first']
    const ended = steered(request, { does: 'stop', carePlan: `CarePlan/${facts.carePlan.id}`, reason, now: facts.now })
    if (ended === request) continue
    note(committed, 'update', ended)
    const own = madeBy(request)
    if (own) drop(own.actionId, place)
  }
}

const waitingFor = (actionId: string, { facts, committed }: Place): Resource[] =>
  requestsAfter(facts, committed).filter(
    (request) =>
      phaseOf(request) === 'held' &&
      madeBy(request)?.url === facts.plan.url &&
      waitsOf(request).some((wait) => wait.actionId === actionId),
  )

function times({ offset }: Wait, now: Date): { start: Date; end?: Date } {
  const later = (by: Length) => new Date(after(now.getTime(), by))
  if (!offset) return { start: now }
  if ('duration' in offset) return { start: later(offset.duration) }
  const { low, high } = offset.range
  return {
    start: low ? later(low) : now,
    ...(high ? { end: later(high) } : {}),
  }
}
