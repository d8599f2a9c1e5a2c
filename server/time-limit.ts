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

/**
 * Does work that somebody else has thought up, such as a pattern or an invariant, and stops it after so long, in the middle of a
 * loop or of a pattern too. It blocks the event loop meanwhile, so it is for what cannot wait for a thread. Watching costs a tenth
 * of a millisecond: what is known to be quick should not be watched.
 * @throws TooLong, and whatever `work` throws
 */
export function within<T>(milliseconds: number, work: () => T): T {
  watched.work = work
  try {
    return script.runInContext(context, { timeout: Math.max(1, Math.round(milliseconds)) }) as T
  } catch (error) {
    if (!isTimeout(error)) throw error
    throw new TooLong(`It took longer than ${milliseconds} ms.`)
  } finally {
    delete watched.work
  }
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

/** @param spentMillisecondsMax for each key in a minute */
export function createRation(
  now: () => number = () => performance.now(),
  spentMillisecondsMax = SPENT_MILLISECONDS_MAX,
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
      try {
        return within(milliseconds, work)
      } finally {
        account.spent += now() - began
      }
    },
  }
}
