import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, type Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { isPassing } from '../refusals.ts'
import { type Indexing, reindexBatch } from './batch.ts'

export type ReindexRooms = {
  pool: Pool
  indexing: Indexing
  /** Takes in parameters that another process may just have stored, before anything is indexed for them. */
  refresh: () => Promise<void>
  log: Log
}

const POLL_MILLISECONDS = 500
/** Between two batches, so that requests come first. */
const PAUSE_MILLISECONDS = 5

/**
 * Indexes what is older than a search parameter, batch by batch, until it is stopped. Any number of these may run.
 * @returns ends it after the batch that is under way
 */
export function startReindexing(rooms: ReindexRooms): () => Promise<void> {
  const { log } = rooms
  const ending = new AbortController()

  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const busy = await runBatch(rooms).catch((error: unknown) => {
        if (!isPassing(error)) log.error({ err: error }, 'reindexing failed; it goes on from where it was')
        return false
      })
      // Waits no longer than until it is stopped.
      await sleep(busy ? PAUSE_MILLISECONDS : POLL_MILLISECONDS, undefined, { signal: ending.signal }).catch(() => {})
    }
  }

  const working = work()
  return async () => {
    ending.abort()
    await working
  }
}

async function runBatch({ pool, indexing, refresh, log }: ReindexRooms): Promise<boolean> {
  const { rows } = await pool.query<{ waits: boolean }>(
    `SELECT EXISTS (SELECT FROM reindex_job WHERE finished_at IS NULL AND starts_at <= now()) AS waits`,
  )
  if (!rows[0]?.waits) return false
  await refresh()
  const batch = await inTransaction(pool, (tx) => reindexBatch(tx, indexing))
  if (batch && batch.finished.length > 0) {
    log.info({ jobs: batch.finished.map(({ type, code }) => `${type}.${code}`) }, 'reindexed')
    await refresh()
  }
  return batch !== undefined
}
