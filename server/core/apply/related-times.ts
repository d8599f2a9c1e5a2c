import type { Range, RequestGroupAction } from '@medplum/fhirtypes'
import { EDGE, followsEnd, isBefore, offsetsOf, type Relation, relationsOf } from '../decide/plan/relations.ts'
import { after, before, type Length, milliseconds } from '../decide/time/duration.ts'
import type { Wait } from '../decide/waiting.ts'
import { flatten, keyOf } from './selection.ts'

/** When an action of a plan is to be done, as far as it can be said beforehand. */
export type Placement = {
  /** Not before. */
  start: Date
  /** Where the offset is a range: not later than this should it begin. */
  startMax?: Date
  /** When it is over, where its timing says so. */
  end?: Date
  /** What must come first, where nobody knows when that will be. */
  waits: Wait[]
}

/**
 * Turns the relations between actions into times: `after-end` of an examination that ends on a known day plus a week is a day; after
 * the end of a Task that is done when it is done, it is a wait. Several relations hold together: the latest start counts.
 *
 * What must be done before something whose moment is known has its time from there. Where there is no such moment, or no room before
 * it, the other waits until this is done; where that one waits itself, this one is placed when that one can be. See decision 0054.
 * @param actions those that were chosen, as a tree
 * @param begins when the plan begins for this patient
 * @returns by the action's key
 * @throws Error for actions that wait for each other, and for an offset that is no time
 * @see https://hl7.org/fhir/R4/valueset-action-relationship-type.html
 */
export function placeActions(actions: RequestGroupAction[], begins: Date): Map<string, Placement> {
  const relations = relationsOf(actions, { keyOf, isDone: ({ resource }) => resource !== undefined })
  const byKey = new Map(flatten(actions).map((action) => [keyOf(action), action]))
  for (;;) {
    const placing = new Placing(relations, byKey, begins)
    const inverted = placing.all()
    if (!inverted) return placing.placed
    invert(relations, inverted)
  }
}

/** One action is to be done before another that has no moment to be done before. */
type Inverted = { from: string; relation: Relation }

/** The other waits for it instead. */
function invert(relations: Map<string, Relation[]>, { from, relation }: Inverted): void {
  const { to, relationship: _before, ...offset } = relation
  relations.set(
    from,
    (relations.get(from) ?? []).filter((one) => one !== relation),
  )
  const known = relations.get(to) ?? []
  const isSaid = known.some((one) => one.to === from && followsEnd(one.relationship))
  if (!isSaid) relations.set(to, [...known, { to: from, relationship: 'after-end', ...offset }])
}

class Placing {
  readonly placed = new Map<string, Placement>()
  private readonly relations: ReadonlyMap<string, Relation[]>
  private readonly byKey: ReadonlyMap<string, RequestGroupAction>
  private readonly begins: Date
  private inverted: Inverted | undefined

  constructor(
    relations: ReadonlyMap<string, Relation[]>,
    byKey: ReadonlyMap<string, RequestGroupAction>,
    begins: Date,
  ) {
    this.relations = relations
    this.byKey = byKey
    this.begins = begins
  }

  /** @returns what must be turned round before everything can be placed */
  all(): Inverted | undefined {
    for (const key of this.relations.keys()) {
      this.place(key, [])
      if (this.inverted) return this.inverted
    }
    return undefined
  }

  private place(key: string, above: Inverted[]): Placement | undefined {
    const action = this.byKey.get(key)
    const known = this.placed.get(key)
    if (known || !action || this.inverted) return known
    const at = above.findIndex(({ from }) => from === key)
    if (at >= 0) {
      this.turnRound(above.slice(at))
      return undefined
    }
    const own = ownTimes(action, this.begins)
    const related = (this.relations.get(key) ?? []).flatMap((relation) => {
      const to = this.place(relation.to, [...above, { from: key, relation }])
      return to ? [{ relation, to }] : []
    })
    if (this.inverted) return undefined
    const cramped = related.find(({ relation, to }) => this.isCramped(relation, to, own))
    if (cramped) {
      this.inverted = { from: key, relation: cramped.relation }
      return undefined
    }
    const placement = placeOne(own, related, this.begins)
    this.placed.set(key, placement)
    return placement
  }

  /** @throws Error where each of them must wait */
  private turnRound(circle: Inverted[]): void {
    this.inverted = circle.find(({ relation }) => isBefore(relation.relationship))
    if (this.inverted) return
    const keys = circle.map(({ from }) => from)
    throw new Error(`actions wait for each other: ${[...keys, keys[0]].join(' → ')}`)
  }

  /** There is no room before what begins with the plan; what has a time of its own stands, and this is done as early as can be. */
  private isCramped(relation: Relation, to: Placement, { isFixed, length }: OwnTimes): boolean {
    const other = this.byKey.get(relation.to)
    if (!isBefore(relation.relationship) || isFixed || to.waits.length > 0 || !other) return false
    const { high } = offsetsOf(relation)
    const start = before(to.start.getTime(), high) - length
    return !ownTimes(other, this.begins).isFixed && start <= this.begins.getTime()
  }
}

function placeOne(own: OwnTimes, related: { relation: Relation; to: Placement }[], begins: Date): Placement {
  const { length } = own
  const waiting: Relation[] = []
  const starts: { low: number; high?: number }[] = []
  for (const { relation, to } of related) {
    const { relationship } = relation
    const { low, high } = offsetsOf(relation)
    const at = EDGE[relationship] === 'end' ? to.end : to.start
    const follows = !isBefore(relationship) && relationship !== 'before-end'
    if (to.waits.length > 0 || (!at && follows)) waiting.push(relation)
    // Nobody knows when that ends: it is begun with it, so that it can be done by then.
    else if (!at) starts.push({ low: to.start.getTime() })
    // Done before it: the whole length lies between, and so does what is to be kept free.
    else if (!follows) starts.push({ low: before(at.getTime(), high) - length })
    else if (relationship === 'concurrent-with-end') starts.push({ low: after(at.getTime(), low) - length })
    else {
      const [lowAt, highAt] = [after(at.getTime(), low), after(at.getTime(), high)]
      starts.push({ low: lowAt, ...(highAt === lowAt ? {} : { high: highAt }) })
    }
  }
  // A time of its own stands; relations place what has none.
  const latest = own.isFixed ? undefined : starts.sort((one, other) => other.low - one.low)[0]
  const start = latest ? new Date(Math.max(latest.low, begins.getTime())) : own.start
  const end = own.end && !own.isFixed ? new Date(start.getTime() + length) : own.end
  const notBefore = start > begins ? { notBefore: start.toISOString() } : {}
  return {
    start,
    ...(latest?.high === undefined ? {} : { startMax: new Date(latest.high) }),
    ...(end ? { end } : {}),
    waits: waiting.map((relation) => ({ ...toWait(relation), ...notBefore })),
  }
}

const toWait = ({ to, relationship, offsetDuration, offsetRange }: Relation): Wait => ({
  ...{ actionId: to, relationship },
  ...(offsetDuration ? { offset: { duration: offsetDuration } } : {}),
  ...(offsetRange ? { offset: { range: offsetRange } } : {}),
})

const AT_ONCE: Length = { value: 0, code: 's' }

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
function ownTimes(action: RequestGroupAction, begins: Date): OwnTimes {
  const times = timesOf(action, begins)
  return { ...times, length: times.end ? times.end.getTime() - times.start.getTime() : 0 }
}

/** `length` in milliseconds, from its own start to its own end; 0 where nobody knows when it is over. */
type OwnTimes = { start: Date; end?: Date; isFixed: boolean; length: number }

function timesOf(action: RequestGroupAction, begins: Date): Omit<OwnTimes, 'length'> {
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
