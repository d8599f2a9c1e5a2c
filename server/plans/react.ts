import type { Rings } from '../core/decide/ring.ts'
import { handledKinds, RINGS } from '../core/decide/rings.ts'
import { inTransaction, inTransactionOpenedWith, type Pool, type Tx, together } from '../db/pool.ts'
import { type Settle, settleHere } from '../expressions/expressions.ts'
import type { Store } from '../store/store.ts'
import { claimWork, findWork, moveCursors, PARTITIONS, type WorkAsked } from './cursor.ts'
import { writeSetAside } from './decision-table.ts'
import type { ReadKeptBook } from './kept-plan-book.ts'
import type { Occurrence } from './occurrence.ts'
import type { OwnChanges } from './own-changes.ts'
import type { PlanBook } from './plan-book.ts'
import { Round } from './round.ts'
import type { ReadStaff } from './staff.ts'
import { noTimerChanges, noteTimer, TIMER_RETRY_MILLISECONDS, writeTimers } from './timers.ts'

/** What the engine needs from the rooms below it. */
export type ReactRooms = {
  pool: Pool
  store: Pick<Store, 'writeIn' | 'newId' | 'newIdFor'>
  now: () => Date
  /** What earlier rounds of this process have written; left out, all of it is looked at. */
  own?: OwnChanges | undefined
  /** Who decides when a timer rings that is not a rule's; tests may give their own. */
  rings?: Rings
  /** Who evaluates the expressions of the plans; left out, that is done in place, without a limit. */
  settle?: Settle | undefined
  /** The plans that there are. */
  readBook: ReadKeptBook
  /** Who works where; left out, each round reads it. */
  readStaff?: ReadStaff | undefined
  /** What plans listen to, as the last round knew it; left out, they may listen to anything. */
  heard?: { types?: ReadonlySet<string> } | undefined
}

export type ReactOptions = {
  /** How many events, and how many clocks, one round takes. */
  countMax: number
  /** The parts of the work that it may take; left out, all. */
  partitions?: readonly number[]
}

export type Reacted = {
  occurrences: Occurrence[]
  /** How often a plan was asked about something that came, and a rule of it was woken. */
  decisionCount: number
  taskCount: number
  /** How long the deciding itself took, without what was read before and written afterwards. */
  decidingMilliseconds: number
  /** There is more to do at once. */
  more: boolean
  /** An event is committed but cannot be read yet. */
  waiting: boolean
  /** When there is nothing to do: how long until the next timer rings, in milliseconds. */
  untilTimer?: number | undefined
}

/** What went wrong, and while handling what. */
export class ReactFailure extends Error {
  readonly occurrences: Occurrence[]
  constructor(occurrences: Occurrence[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.occurrences = occurrences
  }
}

/**
 * One round: takes what has happened, decides, and writes Tasks, clocks, decisions and its own place in the feed in ONE
 * transaction. So each Task exists exactly once, whenever the process or the database is killed: either all of the round is
 * there, or nothing, and then it is done again.
 */
export async function react(rooms: ReactRooms, { countMax, partitions = PARTITIONS }: ReactOptions): Promise<Reacted> {
  const { rings = RINGS, settle = settleHere, own, readStaff } = rooms
  const hearsTriages = rooms.heard?.types?.has('ClinicalImpression') ?? true
  const asked = { partitions, kinds: handledKinds(rings), now: rooms.now(), hearsTriages }
  const { now } = asked
  const occurrences: Occurrence[] = []
  try {
    // What there is to do, and by which plans, is asked in one breath with BEGIN.
    const opening = (tx: Tx) => together(tx, () => [claimWork(tx, { ...asked, countMax }), rooms.readBook(tx)])
    const done = await inTransactionOpenedWith(
      rooms.pool,
      opening,
      async (tx, [{ events, readBefore, timers }, book]) => {
        if (rooms.heard) rooms.heard.types = book.types
        occurrences.push(...events.map((event) => ({ kind: 'event' as const, event })))
        occurrences.push(...timers.map((timer) => ({ kind: 'timer' as const, timer })))
        if (occurrences.length === 0) return undefined
        const round = new Round({ store: rooms.store, tx, book, rings, now, settle, readBefore, readStaff })
        await round.handle(occurrences.filter((one) => !isPassed(one, book, own)))
        const [done] = await together(tx, () => [round.commit(), moveCursors(tx, events)])
        return done
      },
    )
    if (!done) return await whatComes(rooms.pool, asked)
    const { written, ...reacted } = done
    rooms.own?.add(written)
    return { occurrences, ...reacted, more: true, waiting: false }
  } catch (error) {
    throw new ReactFailure(occurrences, error)
  }
}

/** When there is nothing to do: what is waited for. */
async function whatComes(pool: Pool, asked: WorkAsked): Promise<Reacted> {
  const { ready, waiting, nextDue } = await findWork(pool, asked)
  const nothing = { occurrences: [], decisionCount: 0, taskCount: 0, decidingMilliseconds: 0, more: false }
  // What has become readable just now is taken with the next round; so is what another worker has locked.
  const untilTimer = nextDue && nextDue.getTime() - asked.now.getTime()
  return { ...nothing, waiting: waiting || ready.length > 0, untilTimer }
}

const isPassed = (one: Occurrence, book: PlanBook, own: OwnChanges | undefined): boolean =>
  one.kind === 'event' && (own?.passes(one.event, book.types) ?? false)

/** Puts aside what made the engine fail again and again: a Task for the plan's team, a row for the operator, and on. */
export async function setAside(rooms: ReactRooms, occurrence: Occurrence, error: Error): Promise<void> {
  const now = rooms.now()
  await inTransaction(rooms.pool, async (tx) => {
    const book = await rooms.readBook(tx)
    const round = new Round({ store: rooms.store, tx, book, rings: RINGS, now, settle: settleHere })
    await round.setAside(occurrence, error)
    await round.commit()
    if (occurrence.kind === 'event') await moveCursors(tx, [occurrence.event])
  })
}

/** The same when not even the Task can be written: the row alone, so that the feed is not held up. */
export async function setAsideSilently(rooms: ReactRooms, occurrence: Occurrence, error: Error): Promise<void> {
  const now = rooms.now()
  await inTransaction(rooms.pool, async (tx) => {
    await writeSetAside(tx, occurrence, error, now)
    await leaveBehind(tx, occurrence, now)
  })
}

/** A timer that cannot be handled rings again later; an event is passed. */
async function leaveBehind(tx: Tx, occurrence: Occurrence, now: Date): Promise<void> {
  if (occurrence.kind === 'event') return moveCursors(tx, [occurrence.event])
  const { timer } = occurrence
  const changes = noTimerChanges()
  const dueAt = new Date(now.getTime() + TIMER_RETRY_MILLISECONDS)
  noteTimer(changes, { act: 'set', timer: { ...timer, dueAt } }, timer)
  await writeTimers(tx, changes)
}
