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

/** Sets clocks; one that was set before is moved. */
export const setPlanClocks = (tx: Tx, ...timers: Timer[]): Promise<void> => write(tx, 'set', timers)

/** Starts those that do not run. */
export const startPlanClocks = (tx: Tx, timers: Timer[]): Promise<void> => write(tx, 'start', timers)

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

async function ringAgainLater(rooms: KeeperRooms, timer: PlacedTimer): Promise<void> {
  await inTransaction(rooms.pool, async (tx) => {
    // Somebody else may have been at it meanwhile.
    const still = await claimPlanClock(tx, timer.kind, rooms.now())
    if (still?.about !== timer.about) return
    await setPlanClocks(tx, { ...still, dueAt: new Date(rooms.now().getTime() + TIMER_RETRY_MILLISECONDS) })
  })
}
