import { hash } from 'node:crypto'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { secondsOf } from './request-rate.ts'

/** Attempts to prove who one is, which fail too often to be mistakes. Counted in PostgreSQL, for all processes together. */
export type Lockouts = {
  /** @returns for how many seconds no more attempts of this key are looked at; 0 when this one is */
  secondsLeft: (key: string) => Promise<number>
  /** One more that failed. @returns whether it is the one that locks the key */
  failed: (key: string) => Promise<boolean>
  /** One that succeeded: what failed before was a mistake. */
  succeeded: (key: string) => Promise<void>
}

export type LockoutSettings = {
  pool: Pool
  /** What the keys are of; keys of different names do not meet. */
  name: string
  /** So many failures within `seconds` lock the key for as long again; 0 for never. */
  failureCountMax: number
  seconds: number
}

const NEVER: Lockouts = { secondsLeft: async () => 0, failed: async () => false, succeeded: async () => {} }

/** While the database does not answer, each process counts for itself. */
export function createLockouts({ pool, name, failureCountMax, seconds }: LockoutSettings): Lockouts {
  if (failureCountMax === 0) return NEVER
  // A key is locked when it has more than `points`, so the last failure that is allowed is the one that locks.
  const limits = { keyPrefix: name, points: failureCountMax - 1, duration: seconds, blockDuration: seconds }
  const limiter = new RateLimiterPostgres({
    ...limits,
    ...{ storeClient: pool, storeType: 'pool', tableName: 'sign_in_failure', tableCreated: true },
    clearExpiredByTimeout: false,
    insuranceLimiter: new RateLimiterMemory(limits),
  })
  return {
    async secondsLeft(key) {
      const counted = await limiter.get(stored(key))
      return counted && counted.consumedPoints >= failureCountMax ? secondsOf(counted) : 0
    },
    async failed(key) {
      const counted = await limiter.consume(stored(key)).catch(refusedOrFault)
      return counted.consumedPoints === failureCountMax
    },
    async succeeded(key) {
      await limiter.delete(stored(key))
    },
  }
}

/** Removes what has run out. */
export async function removeOldFailures(pool: Pool): Promise<void> {
  await pool.query(sql`DELETE FROM sign_in_failure WHERE expire < ${Date.now()}`)
}

/** Neither addresses nor what somebody typed for a name lies in the table; and a key of any length fits. */
const stored = (key: string): string => hash('sha256', key, 'base64url')

/** The limiter refuses by a value; only an Error is a fault. */
function refusedOrFault(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown
  throw thrown
}
