import type { Duration, Range, RequestGroupAction, RequestGroupActionRelatedAction } from '@medplum/fhirtypes'
import { after, before, type Length, milliseconds } from '../decide/duration.ts'
import type { Wait } from '../decide/waiting.ts'

/** When an action of a plan is to be done, as far as it can be said beforehand. */
export type Placement = {
  /** Not before. */
  start: Date
  /** Where the offset is a range: not later than this should it begin. */
  startMax?: Date
  /** When it is over, where its timing says so. */
  end?: Date
  /** What must be done first, where nobody knows when that will be. */
  waits: Wait[]
}

type Related = RequestGroupActionRelatedAction
/** Of the action that is related to: the one edge that the relationship names. */
const EDGE: Readonly<Record<string, 'start' | 'end'>> = {
  ...{ 'before-start': 'start', before: 'start', 'before-end': 'end' },
  ...{ 'concurrent-with-start': 'start', concurrent: 'start', 'concurrent-with-end': 'end' },
  ...{ 'after-start': 'start', after: 'end', 'after-end': 'end' },
}
/** Nothing of it can be done before something has happened. */
const FOLLOWS = new Set(['after-start', 'after', 'after-end', 'concurrent-with-end'])

/**
 * Turns the relations between actions into times: `after-end` of an examination that ends on a known day plus a week is a day; after
 * the end of a Task that is done when it is done, it is a wait. Several relations hold together: the latest start counts.
 * @param actions those that were chosen, at any depth
 * @param begins when the plan begins for this patient
 * @returns by the action's id
 * @throws Error for actions that wait for each other, and for an offset that is no time
 * @see https://hl7.org/fhir/R4/valueset-action-relationship-type.html
 */
export function placeActions(actions: RequestGroupAction[], begins: Date): Map<string, Placement> {
  const byId = new Map(actions.flatMap((action) => (action.id ? [[action.id, action] as const] : [])))
  const placed = new Map<string, Placement>()
  const place = (id: string, above: string[]): Placement | undefined => {
    const action = byId.get(id)
    // What was not chosen, or does not apply, is waited for by nobody.
    if (!action) return undefined
    if (above.includes(id)) throw new Error(`actions wait for each other: ${[...above, id].join(' → ')}`)
    const known = placed.get(id)
    if (known) return known
    const relations = (action.relatedAction ?? []).flatMap((related) => {
      const to = place(String(related.actionId), [...above, id])
      return to ? [{ related, to }] : []
    })
    const placement = placeOne(action, relations, begins)
    placed.set(id, placement)
    return placement
  }
  for (const id of byId.keys()) place(id, [])
  return placed
}

function placeOne(
  action: RequestGroupAction,
  relations: { related: Related; to: Placement }[],
  begins: Date,
): Placement {
  const own = ownTimes(action, begins)
  const length = own.end ? own.end.getTime() - own.start.getTime() : undefined
  const waits: Wait[] = []
  const starts: { low: number; high?: number }[] = []
  for (const { related, to } of relations) {
    const { relationship = 'after' } = related
    const { low, high } = offsetsOf(related)
    const at = EDGE[relationship] === 'end' ? to.end : to.start
    if (FOLLOWS.has(relationship) && (to.waits.length > 0 || !at)) {
      waits.push(toWait(related))
      continue
    }
    if (!at) continue
    if (relationship.startsWith('before')) {
      // Done before it: the whole length lies between, and so does what is to be kept free.
      starts.push({ low: before(at.getTime(), high) - (length ?? 0) })
    } else if (relationship === 'concurrent-with-end') {
      starts.push({ low: after(at.getTime(), low) - (length ?? 0) })
    } else {
      starts.push({
        low: after(at.getTime(), low),
        ...(high === low ? {} : { high: after(at.getTime(), high) }),
      })
    }
  }
  // A time of its own stands; relations place what has none.
  const latest = own.isFixed ? undefined : starts.sort((one, other) => other.low - one.low)[0]
  const start = latest ? new Date(Math.max(latest.low, begins.getTime())) : own.start
  const end = length === undefined ? own.end : new Date(start.getTime() + length)
  return {
    start,
    ...(latest?.high === undefined ? {} : { startMax: new Date(latest.high) }),
    ...(end ? { end } : {}),
    waits,
  }
}

const toWait = ({ actionId, relationship, offsetDuration, offsetRange }: Related): Wait => ({
  actionId: String(actionId),
  ...(relationship ? { relationship } : {}),
  ...(offsetDuration ? { offset: { duration: offsetDuration } } : {}),
  ...(offsetRange ? { offset: { range: offsetRange } } : {}),
})

const AT_ONCE: Length = { value: 0, code: 's' }

/** How far apart: a range has two ends, a duration is both. @throws Error for what is no time */
function offsetsOf({ offsetDuration, offsetRange }: { offsetDuration?: Duration; offsetRange?: Range }) {
  const low: Length = offsetRange?.low ?? offsetDuration ?? AT_ONCE
  const high: Length = offsetRange?.high ?? low
  // Told at once, also where it is only waited for.
  for (const one of [low, high]) milliseconds(one)
  return { low, high }
}

/** @throws Error for an action's timingRange that is no time, or ends before it begins */
export const checkRange = ({ timingRange }: Pick<RequestGroupAction, 'timingRange'>): void => {
  if (timingRange) rangeOf(timingRange)
}

/** From how long until how long after the plan begins; open where the range is. */
function rangeOf({ low, high }: Range): { low: Length; high?: Length } {
  const from: Length = low ?? AT_ONCE
  const length = milliseconds(from)
  if (!high) return { low: from }
  const until = milliseconds(high)
  if (until < length) throw new Error(`the range ends before it begins: ${length} ms to ${until} ms`)
  return { low: from, high }
}

/**
 * What the action's own timing says. A Duration is how long it takes. A Range is when it is done, counted from when the plan begins. An Age
 * has become a day in `$apply`, which knows the subject (age-timing.ts).
 */
function ownTimes(action: RequestGroupAction, begins: Date): { start: Date; end?: Date; isFixed: boolean } {
  const { timingDateTime, timingPeriod, timingDuration, timingRange, timingTiming, timingAge } = action
  if (timingAge)
    throw new Error(`${action.id} is to be done at an age, which only $apply can place: apply the plan anew`)
  if (timingDateTime) {
    const at = new Date(timingDateTime)
    return { start: at, end: at, isFixed: true }
  }
  const period = timingPeriod ?? timingTiming?.repeat?.boundsPeriod
  if (period?.start ?? period?.end) {
    return {
      start: period?.start ? new Date(period.start) : begins,
      ...(period?.end ? { end: new Date(period.end) } : {}),
      isFixed: period?.start !== undefined,
    }
  }
  if (timingRange) {
    const { low, high } = rangeOf(timingRange)
    const from = begins.getTime()
    return {
      start: new Date(after(from, low)),
      ...(high === undefined ? {} : { end: new Date(after(from, high)) }),
      isFixed: true,
    }
  }
  const length = timingDuration ?? timingTiming?.repeat?.boundsDuration
  if (length) return { start: begins, end: new Date(after(begins.getTime(), length)), isFixed: false }
  return { start: begins, isFixed: false }
}
