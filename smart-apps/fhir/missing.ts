import { Refused, Unreachable } from './failure.ts'

/**
 * What stands beside the rest of a page: where it is refused or does not come, the rest is shown all the same, and the page names what
 * is missing. Never taken for "there is none".
 * @returns undefined where it did not come
 */
export const orMissing = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof Refused || error instanceof Unreachable) return undefined
    throw error
  })
