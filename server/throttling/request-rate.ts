import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Counts one request. @returns how many seconds to wait before another is answered; 0 when this one is */
export type RequestRate = (key: string) => Promise<number>

const UNLIMITED: RequestRate = async () => 0

/**
 * So many requests a minute for each key, counted in the memory of this process: several processes together let through as
 * many times as much, and nobody waits for a database to be let in.
 * @param countMax 0 for as many as anybody likes
 */
export function createRequestRate(countMax: number): RequestRate {
  if (countMax === 0) return UNLIMITED
  const limiter = new RateLimiterMemory({ points: countMax, duration: 60 })
  return async (key) => {
    try {
      await limiter.consume(key)
      return 0
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      return secondsOf(refused)
    }
  }
}

/** At least one: a caller that is told 0 comes back at once. */
export const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000))
