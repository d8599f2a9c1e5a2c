import { isPassingFailure } from './passing-failure.ts'

const ATTEMPT_COUNT_MAX = 3

export type CarefulDuty<Rooms> = {
  /** How many pieces of work one transaction takes. */
  countMax: number
  /** Does at most so many pieces in one transaction. @returns how many there were */
  work: (rooms: Rooms, countMax: number) => Promise<number>
  /** Puts the next piece aside, so that it holds up nobody else, and says so. */
  setAside: (rooms: Rooms, error: Error) => Promise<void>
}

/**
 * Works in batches; after a failure piece by piece, so that the one at fault is found; what fails three times alone is set aside. A
 * failure that passes by itself, such as a database that restarts, is nobody's fault and is thrown on.
 * @returns does one batch, and says whether there was something to do
 */
export function createCarefulDuty<Rooms>({ countMax, work, setAside }: CarefulDuty<Rooms>) {
  let careful = false
  let attempts = 0
  return async (rooms: Rooms): Promise<boolean> => {
    try {
      const done = await work(rooms, careful ? 1 : countMax)
      attempts = 0
      // Once nothing is left, the one at fault has been found.
      if (done === 0) careful = false
      return done > 0
    } catch (error) {
      if (isPassingFailure(error)) throw error
      if (!careful) {
        careful = true
        return true
      }
      attempts += 1
      if (attempts < ATTEMPT_COUNT_MAX) throw error
      attempts = 0
      await setAside(rooms, error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }
}
