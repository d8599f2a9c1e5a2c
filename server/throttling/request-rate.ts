import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/**
 * Counts one request. `seconds`: how long to wait before another is answered; 0 when this one is. `isFirst`: no other of this key was
 * held up in this minute.
 */
export type RequestRate = (key: string) => Promise<HeldUp>
export type HeldUp = { seconds: number; isFirst: boolean }

const LET_IN: HeldUp = { seconds: 0, isFirst: false }

const UNLIMITED: RequestRate = async () => LET_IN

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
      return LET_IN
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      return { seconds: secondsOf(refused), isFirst: refused.consumedPoints === countMax + 1 }
    }
  }
}

/** At least one: a caller that is told 0 comes back at once. */
export const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000))
