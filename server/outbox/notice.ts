import type { Pool } from '../db/pool.ts'

/** The channel on which processes tell each other that there are new events. Nothing is said in it; the feed tells what. */
export const CHANNEL = 'event'

/**
 * Tells the other processes that something was committed, at most once in `intervalMilliseconds`. Not part of the write's
 * transaction, where NOTIFY would make commits wait for each other. A notice that is lost costs a poll's time, no event.
 */
export function createNotice(pool: Pool, intervalMilliseconds: number): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      pool.query(`NOTIFY ${CHANNEL}`).catch(() => {})
    }, intervalMilliseconds).unref()
  }
}
