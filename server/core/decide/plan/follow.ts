import type { Resource } from '../../fhir/resource.ts'
import { phaseOf, statusOf } from '../../requests/activity-life.ts'
import { placedAt } from '../../requests/occurrence.ts'
import { asksForSame, carePlansOf } from '../../requests/same-activity.ts'
import { type Committed, note, requestsAfter } from '../commit-findings.ts'
import type { Facts } from '../facts.ts'
import { after, before } from '../time/duration.ts'
import { START_CONDITION, type Wait, waitingFor, waitsOf } from '../waiting.ts'
import { REASONS } from '../words/reasons.ts'
import { allRules } from './compile-plan.ts'
import { followsEnd, isBefore, offsetsOf } from './relations.ts'
import { madeBy, steered } from './steer.ts'

/** Statuses of what was done, and of what will never be. */
const DONE = new Set(['completed', 'fulfilled'])
const DROPPED = new Set(['cancelled', 'revoked', 'stopped', 'rejected', 'failed', 'entered-in-error'])

/**
 * What waits for an activity of the plan begins when that one begins or is done, as the plan's relatedAction says, at its offset. What
 * will never be done is not waited for: what hangs on it ends with it.
 * @throws Error for an offset that is no time
 * @see https://hl7.org/fhir/R4/valueset-action-relationship-type.html
 */
export function follow(facts: Facts, committed: Committed): void {
  const { happening } = facts
  const current = happening.kind === 'data' ? happening.current : undefined
  if (!current || !isOwn(current, facts)) return
  const place = { facts, committed }
  const status = String(current.status)
  if (DONE.has(status)) release(current, 'end', place)
  else if (DROPPED.has(status)) drop(current, place)
  else if (phaseOf(current) === 'active' && !isHeld(current)) release(current, 'start', place)
}

/** What a rule has begun now is waited for by nobody any longer who waits for its beginning. */
export function followMade(facts: Facts, committed: Committed): void {
  if (facts.plan.relations.size === 0) return
  const begun = [
    ...committed.requests,
    ...committed.tasks.map(({ act, task }) => ({ act, resource: task as unknown as Resource })),
  ]
  for (const { act, resource } of begun) {
    if (act === 'create' && isOwn(resource, facts) && !isHeld(resource))
      release(resource, 'start', { facts, committed })
  }
}

export type Place = { facts: Facts; committed: Committed }

/**
 * The action of the plan that a request is of, for this enrolment; of a kind that cannot say for which, for any. What another plan asked
 * for first and is shared is of the action that asks for the same.
 */
function actionOf(request: Resource, { plan, carePlan }: Facts): string | undefined {
  const owners = carePlansOf(request)
  if (owners.length > 0 && !owners.includes(`CarePlan/${carePlan.id}`)) return undefined
  const made = madeBy(request)
  if (made?.url === plan.url) return made.actionId
  if (owners.length < 2) return undefined
  return allRules(plan.rules).find(({ activity }) => activity && asksForSame(activity, request))?.id
}

const isOwn = (request: Resource, facts: Facts): boolean => actionOf(request, facts) !== undefined

/** It has something to wait for, and nobody has begun with it all the same. */
const isHeld = (request: Resource): boolean =>
  waitsOf(request).length > 0 && request.status === statusOf(request.resourceType, 'held')

/** @param edge of `reached`: it has begun, or is done, which it cannot be without having begun */
function release(reached: Resource, edge: 'start' | 'end', place: Place, at: Date = place.facts.now): void {
  for (const actionId of reachedBy(reached, edge, place)) {
    const isMet = (wait: Wait) => wait.actionId === actionId && (edge === 'end' || !followsEnd(wait.relationship))
    for (const request of waiting(isMet, place)) begin(request, isMet, place, at)
  }
}

/** The actions of which this is the beginning or the end: its own, and those that it is a part of as one of a plan within the plan. */
function reachedBy(request: Resource, edge: 'start' | 'end', { facts, committed }: Place): string[] {
  const parts = actionOf(request, facts)?.split('.') ?? []
  const ids = parts.map((_part, i) => parts.slice(0, parts.length - i).join('.'))
  if (edge === 'start') return ids
  const others = requestsAfter(facts, committed).filter(
    (one) => one.id !== request.id && isOwn(one, facts) && phaseOf(one) !== undefined,
  )
  // A plan within the plan is done when all of it is; so is an action that may be done several times.
  return ids.filter((id) => !others.some((one) => `${actionOf(one, facts)}.`.startsWith(`${id}.`)))
}

const waiting = (isMet: (wait: Wait) => boolean, { facts, committed }: Place): Resource[] =>
  requestsAfter(facts, committed).filter(
    (request) => isOwn(request, facts) && isHeld(request) && waitsOf(request).some(isMet),
  )

/**
 * A request from which something that it waited for has fallen away: begun at its time, if that was all, and held until the rest has
 * come if it was not. What is to be done before it is placed now; where there is no room, that begins, and this waits for it.
 * @param at when what it waited for began, or was done
 */
export function begin(request: Resource, isMet: (wait: Wait) => boolean, place: Place, at = place.facts.now): void {
  const [met, left] = [waitsOf(request).filter(isMet), waitsOf(request).filter((wait) => !isMet(wait))]
  const { start, end } = timesAfter(met, at)
  if (left.length > 0) {
    const later = left.map((wait) => ({ ...wait, notBefore: latest(start.toISOString(), wait.notBefore) }))
    note(place.committed, 'update', waitingFor(request, later))
    return
  }
  const leads = leadsOf(request, start, place)
  const waits = leads.filter((lead) => lead.at === undefined).map((lead) => toWait(lead, start))
  const isFree = waits.length === 0
  const length = lengthOf(request, place)
  const until = end ?? (length > 0 ? new Date(start.getTime() + length) : undefined)
  // What has waited for its start condition alone keeps the times of its own.
  const isTimed = met.some(({ actionId, notBefore }) => actionId !== START_CONDITION || notBefore !== undefined)
  const placed = isTimed && isFree ? placedAt(request, { start, end: until }) : request
  const next = waitingFor(placed, waits)
  const active = statusOf(next.resourceType, 'active')
  note(place.committed, 'update', isFree && active ? { ...next, status: active } : next)
  if (isFree) release(next, 'start', place, start)
  for (const lead of leads) begin(lead.request, (wait) => isLeadOf(wait, request), place, lead.at)
}

/** What is to be done before a request; without `at` there is no room for it any more, or it waits for something else. */
type Lead = { request: Resource; wait: Wait; at?: Date }

function leadsOf(request: Resource, start: Date, place: Place): Lead[] {
  return waiting((wait) => isLeadOf(wait, request), place).flatMap((lead): Lead[] => {
    const wait = waitsOf(lead).find((one) => isLeadOf(one, request))
    if (!wait) return []
    const { high } = offsetsOf(asOffsets(wait))
    const at = new Date(before(start.getTime(), high) - lengthOf(lead, place))
    const hasRoom = at > place.facts.now && waitsOf(lead).length === 1
    return [{ request: lead, wait, ...(hasRoom ? { at } : {}) }]
  })
}

const isLeadOf = ({ actionId, relationship }: Wait, request: Resource): boolean =>
  isBefore(relationship) && actionId === madeBy(request)?.actionId

const toWait = ({ request, wait: { offset } }: Lead, start: Date): Wait => ({
  ...{ actionId: madeBy(request)?.actionId ?? '', relationship: 'after-end', notBefore: start.toISOString() },
  ...(offset ? { offset } : {}),
})

/** When it begins, and by when it should have: all its relations hold, so the latest counts. */
function timesAfter(met: Wait[], at: Date): { start: Date; end?: Date } {
  const times = met.map((wait) => {
    // What is done before something was placed by whoever placed that.
    if (wait.relationship?.startsWith('before')) return { start: at }
    const { low, high } = offsetsOf(asOffsets(wait))
    const [start, end] = [after(at.getTime(), low), after(at.getTime(), high)]
    return { start: new Date(start), ...(end > start ? { end: new Date(end) } : {}) }
  })
  const earliest = met.flatMap(({ notBefore }) => (notBefore ? [{ start: new Date(notBefore) }] : []))
  const all: { start: Date; end?: Date }[] = [{ start: at }, ...times, ...earliest]
  return all.reduce((one, other) => (other.start >= one.start ? other : one))
}

const asOffsets = ({ offset }: Wait) => ({
  ...(offset && 'duration' in offset ? { offsetDuration: offset.duration } : {}),
  ...(offset && 'range' in offset ? { offsetRange: offset.range } : {}),
})

const latest = (one: string, other = one): string => (Date.parse(other) > Date.parse(one) ? other : one)

/** How long the plan says that it takes, in milliseconds; 0 where it does not. */
function lengthOf(request: Resource, { facts }: Place): number {
  const rule = allRules(facts.plan.rules).find(({ id }) => id === madeBy(request)?.actionId)
  const { timingDuration } = rule?.action ?? {}
  const now = facts.now.getTime()
  return timingDuration ? after(now, timingDuration) - now : 0
}

function drop(request: Resource, place: Place): void {
  const { facts, committed } = place
  const actionId = actionOf(request, facts)
  for (const hanging of waiting((wait) => wait.actionId === actionId, place)) {
    const reason = REASONS['not-first']
    const ended = steered(hanging, { does: 'stop', carePlan: `CarePlan/${facts.carePlan.id}`, reason, now: facts.now })
    if (ended === hanging) continue
    note(committed, 'update', ended)
    drop(hanging, place)
  }
}
