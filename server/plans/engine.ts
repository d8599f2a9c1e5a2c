import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { listen } from '../outbox/listen.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import type { Store } from '../store/store.ts'
import { PARTITIONS } from './cursor.ts'
import type { ReadKeptBook } from './kept-plan-book.ts'
import { OwnChanges } from './own-changes.ts'
import { isPassingFailure } from './passing-failure.ts'
import { type Reacted, ReactFailure, type ReactRooms, react, setAside, setAsideSilently } from './react.ts'
import { keepStaff } from './staff.ts'

export type EngineRooms = {
  pool: Pool
  store: Pick<Store, 'writeIn' | 'newId' | 'newIdFor'>
  log: Log
  now: () => Date
  /** With the value sets that plans filter by, and their libraries: without those, CQL cannot be evaluated. */
  readBook: ReadKeptBook
  settle?: ReactRooms['settle']
  /** For metrics: told after each round that did something. */
  onRound?: ((round: RoundDone) => void) | undefined
}

/** What one round did, and how long it took. */
export type RoundDone = Omit<Reacted, 'more' | 'waiting' | 'untilTimer'> & { milliseconds: number }

/** What to do after a round. */
type Rest = {
  /** How long to wait before the next one, in milliseconds. */
  wait: number
  /** An event is committed but cannot be read yet. */
  waiting: boolean
  /** It took as much as a round may: there is more. */
  isFull: boolean
  /** Nothing was done; what is at fault is looked for in the rounds that follow. */
  hasFailed: boolean
}

/** Events in one round: large enough to share the cost of a transaction, small enough to end within some tens of milliseconds. */
const EVENT_COUNT_MAX = 200
/** Nobody called: look anyway. A timer that rings sooner is waited for by its own moment. */
const POLL_MILLISECONDS = 1_000
/** An event waits for an older transaction to end: look again soon, and less often the longer it takes. */
const WAITING_MILLISECONDS = { min: 3, max: 50 }
/** Rounds of little begin no sooner after each other than this: what comes meanwhile shares one, and the cost of its transaction. */
const ROUND_MILLISECONDS_MIN = 12
/** After a failure the work is done one by one, for so many rounds, so that the one at fault is found. */
const CAREFUL_ROUNDS = 2 * EVENT_COUNT_MAX
const ATTEMPT_COUNT_MAX = 3
/** Who is behind works in two rounds at a time, each with half of the parts: one decides while the other is read or written. */
const HALVES = [PARTITIONS.filter((part) => part % 2 === 0), PARTITIONS.filter((part) => part % 2 === 1)]

/** `prepared`: the plans have been read and compiled, which the first measurement would have to wait for. */
export type Engine = Loop & { prepared: Promise<void> }

/**
 * The worker of the process engine: reads the feed and the clocks, round after round, until it is stopped. Any number of
 * them may run, in any number of processes.
 */
export function startEngine({ pool, store, log, now, settle, readBook, onRound }: EngineRooms): Engine {
  const rooms: ReactRooms = {
    pool,
    store,
    now,
    settle,
    readBook,
    own: new OwnChanges(),
    readStaff: keepStaff(),
    heard: {},
  }
  // What fails here is met again by the first round, which tries until it succeeds.
  const prepared = readBook(pool).then(
    () => {},
    (error: unknown) => log.warn({ err: error }, 'the plans are read with the first round'),
  )
  let carefulRounds = 0
  let attempt = 0

  /** @param partitions the parts of the work that it may take */
  async function round(partitions: readonly number[] = PARTITIONS): Promise<Rest> {
    const began = performance.now()
    try {
      const done = await react(rooms, { countMax: carefulRounds > 0 ? 1 : EVENT_COUNT_MAX, partitions })
      attempt = 0
      if (carefulRounds > 0) carefulRounds -= 1
      if (done.more) {
        const milliseconds = performance.now() - began
        onRound?.({ ...done, milliseconds })
      }
      const isFull = done.occurrences.length >= EVENT_COUNT_MAX
      if (done.more && !isFull && carefulRounds === 0)
        await sleep(Math.max(0, began + ROUND_MILLISECONDS_MIN - performance.now()))
      const { untilTimer = POLL_MILLISECONDS } = done
      const wait = done.more ? 0 : Math.min(POLL_MILLISECONDS, Math.max(1, untilTimer))
      return { wait, waiting: done.waiting, isFull, hasFailed: false }
    } catch (error) {
      return { wait: await recover(error).catch(giveUp), waiting: false, isFull: false, hasFailed: true }
    }
  }

  function giveUp(error: unknown): number {
    log.error({ err: error }, 'the process engine failed')
    return POLL_MILLISECONDS
  }

  /** Until both halves have come to the end of what there was, or something has failed. */
  async function catchUp(isStopped: () => boolean): Promise<void> {
    const behind = new Set<readonly number[]>(HALVES)
    let hasFailed = false
    const mayGoOn = () => !isStopped() && !hasFailed && behind.size > 0
    const follow = async (half: readonly number[]) => {
      while (mayGoOn()) {
        const rest = await round(half)
        hasFailed ||= rest.hasFailed
        if (rest.isFull) behind.add(half)
        else behind.delete(half)
        if (rest.wait > 0 && mayGoOn()) await sleep(Math.min(rest.wait, ROUND_MILLISECONDS_MIN))
      }
    }
    await Promise.all(HALVES.map(follow))
  }

  async function recover(error: unknown): Promise<number> {
    const cause = error instanceof ReactFailure ? error.cause : error
    // The database went away, or somebody changed a Task at the same moment: the same again, with fresh facts.
    if (isPassingFailure(cause) || !(error instanceof ReactFailure) || error.occurrences.length === 0) {
      log.warn({ err: cause }, 'the process engine tries again')
      return Math.min(2_000, 20 * 2 ** attempt++)
    }
    const [occurrence] = error.occurrences
    if (error.occurrences.length > 1 || !occurrence) {
      carefulRounds = CAREFUL_ROUNDS
      return 0
    }
    attempt += 1
    if (attempt < ATTEMPT_COUNT_MAX) return 50 * attempt
    attempt = 0
    log.error({ err: cause }, 'the process engine sets aside what it cannot handle')
    const told = cause instanceof Error ? cause : new Error(String(cause))
    await setAside(rooms, occurrence, told).catch((second: unknown) => {
      log.error({ err: second }, 'not even the Task about it could be written')
      return setAsideSilently(rooms, occurrence, told)
    })
    return 0
  }

  let patience = WAITING_MILLISECONDS.min
  const loop = startLoop(async (isStopped) => {
    await prepared
    const { wait, waiting, isFull } = await round()
    if (isFull) await catchUp(isStopped)
    if (wait === 0 || !waiting) {
      patience = WAITING_MILLISECONDS.min
      return wait
    }
    const waited = patience
    patience = Math.min(patience * 2, WAITING_MILLISECONDS.max)
    return waited
  })
  const endListening = listen(pool, loop.wake)
  return {
    prepared,
    wake: loop.wake,
    async stop() {
      await loop.stop()
      await endListening()
    },
  }
}
