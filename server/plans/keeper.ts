import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { type Loop, startLoop } from '../process/loop.ts'
import { keepActivations } from './activations.ts'
import { createAlarmWatch } from './alarm-watch.ts'
import { keepTrials } from './alternative-trial.ts'
import { createDecisionPruning } from './decision-retention.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import { createMoveKeeping } from './move-batch.ts'
import { createPeriodKeeping, createSurvey } from './periods.ts'
import type { PlanLifeRooms } from './plan-life.ts'
import { createScoreKeeping } from './scores-follow.ts'
import { createLagWatch } from './unevaluated.ts'
import { createForecasting } from './weekly-forecast.ts'

export type KeeperRooms = PlanLifeRooms & { log: Log }

/** Nobody called: look anyway. Clocks ring by this. */
const POLL_MILLISECONDS = 1_000

/** Who is called after each commit looks no more often than this: nothing of it is waited for by the second. */
const ROUND_MILLISECONDS_MIN = 100

/** After failures it waits longer and longer, but never longer than this. */
const FAILED_MILLISECONDS_MAX = 10_000

/** How often it is looked whether results wait for longer than their plans allow, which are minutes. */
const LAG_MILLISECONDS = 10_000

/** Does a little, in a transaction of its own, and says whether there is more. */
type Duty = (rooms: KeeperRooms) => Promise<boolean>

/**
 * Looks after the life of plans beside the engine that evaluates them: versions that come into force at a time, patients who are
 * moved from one version to another, enrolments that end, results that nobody evaluates. Any number of keepers may run; each piece of work is locked by one.
 * @param decisionDays how long records of decisions are kept
 */
export function startKeeper(rooms: KeeperRooms, decisionDays: number): Loop {
  const duties: Duty[] = [
    ...[createSurvey(), keepActivations, createPeriodKeeping()],
    createMoveKeeping(),
    createEnrolmentKeeping(),
    createScoreKeeping(),
    // While the engine is behind it looks through thousands of what waits, which holds the engine up too.
    seldom(createLagWatch(), LAG_MILLISECONDS),
    createAlarmWatch(),
    keepTrials,
    createForecasting(),
    createDecisionPruning(decisionDays),
  ]

  /** One that fails does not keep the others from their work. @returns whether there is more to do at once, and whether all went well */
  async function makeRound(isStopped: () => boolean): Promise<{ more: boolean; well: boolean }> {
    let more = false
    let well = true
    for (const duty of duties) {
      if (isStopped()) break
      try {
        if (await duty(rooms)) more = true
      } catch (error) {
        well = false
        rooms.log.warn({ err: error }, 'the keeper of plans tries again')
      }
    }
    return { more, well }
  }

  let failures = 0
  return startLoop(async (isStopped) => {
    const began = performance.now()
    const { more, well } = await makeRound(isStopped)
    if (!more && !isStopped()) await sleep(Math.max(0, began + ROUND_MILLISECONDS_MIN - performance.now()))
    failures = well ? 0 : failures + 1
    if (!well) return Math.min(FAILED_MILLISECONDS_MAX, 100 * 2 ** Math.min(failures, 10))
    return more ? 0 : POLL_MILLISECONDS
  })
}

/** A duty that is asked no more often than this. */
function seldom(duty: Duty, milliseconds: number): Duty {
  let askedAt = Number.NEGATIVE_INFINITY
  return async (rooms) => {
    if (performance.now() - askedAt < milliseconds) return false
    askedAt = performance.now()
    return duty(rooms)
  }
}
