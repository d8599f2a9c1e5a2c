import type { Timer, TimerKind } from '../core/decide/timer.ts'
import { inTransaction, type Tx } from '../db/pool.ts'
import type { KeeperRooms } from './keeper.ts'
import { isPassingFailure } from './passing-failure.ts'
import {
  claimTimers,
  noTimerChanges,
  noteTimer,
  type PlacedTimer,
  TIMER_RETRY_MILLISECONDS,
  writeTimers,
} from './timers.ts'

/** The moments of the whole house, which are no patient's, lie in one part of the work. */
const PLACE = { partition: 0 }

/** The clock of a kind that has rung first and that nobody else looks at; nobody will until `tx` ends. */
export async function claimPlanClock(tx: Tx, kind: TimerKind, now: Date): Promise<PlacedTimer | undefined> {
  const [timer] = await claimTimers(tx, { partitions: [PLACE.partition], kinds: [kind], now, countMax: 1 })
  return timer
}

/** Sets a clock; one that was set before is moved. */
export const setPlanClock = (tx: Tx, timer: Timer): Promise<void> => write(tx, 'set', [timer])

export const dropPlanClock = (tx: Tx, timer: Timer): Promise<void> => write(tx, 'drop', [timer])

async function write(tx: Tx, act: 'set' | 'start' | 'drop', timers: Timer[]): Promise<void> {
  const changes = noTimerChanges()
  for (const timer of timers) noteTimer(changes, { act, timer }, PLACE)
  await writeTimers(tx, changes)
}

/**
 * Lets the next clock of a kind ring. What it does, and to when it is set then, is one transaction: killed in between, it is done once more,
 * and once. What fails for one plan is told in the log and tried again in an hour, so that it holds up no other plan.
 * @param ring sets or drops the clock
 * @returns whether one rang
 */
export async function ringPlanClock(
  rooms: KeeperRooms,
  kind: TimerKind,
  ring: (tx: Tx, timer: PlacedTimer) => Promise<void>,
): Promise<boolean> {
  let rang: PlacedTimer | undefined
  try {
    await inTransaction(rooms.pool, async (tx) => {
      rang = await claimPlanClock(tx, kind, rooms.now())
      if (rang) await ring(tx, rang)
    })
  } catch (error) {
    if (!rang || isPassingFailure(error)) throw error
    rooms.log.error({ err: error, kind, about: rang.about }, 'a clock of a plan could not be handled and rings again')
    await ringAgainLater(rooms, rang)
  }
  if (rang) rooms.onCommit()
  return rang !== undefined
}

/** How often it is looked whether a plan has come into force, or was given what a clock is for. */
const SURVEY_MILLISECONDS = 60_000

/**
 * A duty of the keeper's by a clock of each plan: now and then the clocks that should run are started, and each time the next one rings.
 * @param clocksOf those that should run
 * @param ring     as of `ringPlanClock`
 */
export function createPlanDuty(
  kind: TimerKind,
  clocksOf: (rooms: KeeperRooms) => Promise<Timer[]>,
  ring: (rooms: KeeperRooms, tx: Tx, timer: PlacedTimer) => Promise<void>,
): (rooms: KeeperRooms) => Promise<boolean> {
  let surveyedAt = Number.NEGATIVE_INFINITY
  return async (rooms) => {
    if (performance.now() - surveyedAt > SURVEY_MILLISECONDS) {
      const clocks = await clocksOf(rooms)
      if (clocks.length > 0) await inTransaction(rooms.pool, (tx) => write(tx, 'start', clocks))
      surveyedAt = performance.now()
    }
    return ringPlanClock(rooms, kind, (tx, timer) => ring(rooms, tx, timer))
  }
}

async function ringAgainLater(rooms: KeeperRooms, timer: PlacedTimer): Promise<void> {
  await inTransaction(rooms.pool, async (tx) => {
    // Somebody else may have been at it meanwhile.
    const still = await claimPlanClock(tx, timer.kind, rooms.now())
    if (still?.about !== timer.about) return
    await setPlanClock(tx, { ...still, dueAt: new Date(rooms.now().getTime() + TIMER_RETRY_MILLISECONDS) })
  })
}
