import type { Log } from '../log.ts'
import { keepActivations } from './activations.ts'
import { createBell } from './bell.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import { keepMoves } from './move-batch.ts'
import { keepPeriods, setMissingClocks } from './periods.ts'
import type { PlanLifeRooms } from './plan-life.ts'

export type KeeperRooms = PlanLifeRooms & { log: Log }

export type Keeper = {
  /** Something was committed in this process. */
  wake(): void
  /** Ends after the act that is under way. */
  stop(): Promise<void>
}

/** Nobody called: look anyway. Clocks ring by this. */
const POLL_MILLISECONDS = 1_000

/** Does a little, in a transaction of its own, and says whether there is more. */
type Duty = (rooms: KeeperRooms) => Promise<boolean>

/**
 * Looks after the life of plans beside the engine that evaluates them: versions that come into force at a time, patients who are
 * moved from one version to another, enrolments that end. Any number of keepers may run; each piece of work is locked by one.
 */
export function startKeeper(rooms: KeeperRooms): Keeper {
  const duties: Duty[] = [keepActivations, keepPeriods, keepMoves, createEnrolmentKeeping()]
  const bell = createBell()
  let stopped = false

  async function run(): Promise<void> {
    let failures = 0
    let surveyed = false
    while (!stopped) {
      try {
        if (!surveyed) await setMissingClocks(rooms.pool)
        surveyed = true
        let more = false
        for (const duty of duties) if (!stopped && (await duty(rooms))) more = true
        failures = 0
        if (!more) await bell.wait(POLL_MILLISECONDS)
      } catch (error) {
        failures += 1
        rooms.log.warn({ err: error }, 'the keeper of plans tries again')
        if (!stopped) await bell.wait(Math.min(10_000, 100 * 2 ** failures))
      }
    }
  }

  const running = run()
  return {
    wake: bell.ring,
    async stop() {
      stopped = true
      bell.ring()
      await running
    },
  }
}
