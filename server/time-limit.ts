import { createContext, Script } from 'node:vm'

/** Work that was stopped because it took too long. */
export class TooLong extends Error {}

/** There is nothing left of what may be spent on it in this minute; later there is. */
export class SpentForNow extends TooLong {}

/** What may be asked of one thing in a minute, when each time it takes so long that it must be watched. */
const SPENT_MILLISECONDS_MAX = 1_000
const PERIOD_MILLISECONDS = 60_000
const KEPT_COUNT_MAX = 1_000

const watched: { work?: () => unknown } = {}
const context = createContext(watched)
const script = new Script('work()')

/** How often work is begun, each time with twice as long by the clock, when the machine gave it little of the processor. */
const ATTEMPTS_MAX = 3
/** Work that had so much of its time in processor time has had its time: the watchdog is never quite punctual. */
const HAD_ITS_TIME_SHARE = 0.8

/** Milliseconds that this thread has had of the processor: what stands still with the machine does not count. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/**
 * Does work that somebody else has thought up, such as a pattern or an invariant, and stops it after so long, in the middle of a
 * loop or of a pattern too. It blocks the event loop meanwhile, so it is for what cannot wait for a thread. Watching costs a tenth
 * of a millisecond: what is known to be quick should not be watched.
 *
 * The watchdog goes by the clock. Where the processor was somebody else's meanwhile, the work is begun anew, with twice as long: a
 * machine that stands still shall not decide what is refused.
 * @param work is only worked out, and changes nothing, for it may be begun more than once
 * @throws TooLong, and whatever `work` throws
 */
export function within<T>(milliseconds: number, work: () => T, processorTimeNow = processorTime): T {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const began = processorTimeNow()
    watched.work = work
    try {
      return script.runInContext(context, { timeout: Math.max(1, Math.round(milliseconds * 2 ** attempt)) }) as T
    } catch (error) {
      if (!isTimeout(error)) throw error
      if (processorTimeNow() - began >= milliseconds * HAD_ITS_TIME_SHARE) break
    } finally {
      delete watched.work
    }
  }
  throw new TooLong(`It took longer than ${milliseconds} ms.`)
}

/** The error comes from the context, whose Error is another one. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

export type Ration = {
  /**
   * Does it `within` so long, as often as there is time left for what `key` names: a second in each minute. So neither one slow
   * expression nor many evaluations of it hold up the others.
   * @throws SpentForNow when nothing is left, beside what `within` throws
   */
  spend<T>(key: string, milliseconds: number, work: () => T): T
}

/**
 * @param spentMillisecondsMax for each key in a minute
 * @param now                  by which minutes are counted
 * @param processorTimeNow     by which is counted what is spent
 */
export function createRation(
  spentMillisecondsMax = SPENT_MILLISECONDS_MAX,
  now: () => number = () => performance.now(),
  processorTimeNow = processorTime,
): Ration {
  const accounts = new Map<string, { since: number; spent: number }>()
  return {
    spend(key, milliseconds, work) {
      const began = now()
      const known = accounts.get(key)
      const account = known && began - known.since < PERIOD_MILLISECONDS ? known : { since: began, spent: 0 }
      if (account.spent >= spentMillisecondsMax) throw new SpentForNow('It has taken too long, and rests for a while.')
      accounts.delete(key)
      accounts.set(key, account)
      if (accounts.size > KEPT_COUNT_MAX) accounts.delete(accounts.keys().next().value ?? '')
      const spentBefore = processorTimeNow()
      try {
        return within(milliseconds, work)
      } finally {
        account.spent += processorTimeNow() - spentBefore
      }
    },
  }
}
