import type pg from 'pg'
import type { Pool } from '../db/pool.ts'
import { CHANNEL } from './notice.ts'

/** How long to wait before a lost connection is opened again. */
const RETRY_MILLISECONDS = 1_000

/**
 * Calls `onNotice` whenever another process has committed something, or has said something on one of these channels. Holds one connection of the pool; one that is lost is
 * opened again, and `onNotice` is called then too, for what was said meanwhile was not heard.
 * @param onNotice is given the channel; none, where something may have been missed
 * @returns a function that ends it
 */
export function listen(
  pool: Pool,
  onNotice: (channel?: string) => void,
  channels: readonly string[] = [CHANNEL],
): () => Promise<void> {
  let client: pg.PoolClient | undefined
  let retry: NodeJS.Timeout | undefined
  let ended = false

  const lose = (error?: Error) => {
    client?.removeAllListeners('notification')
    client?.removeAllListeners('error')
    client?.release(error ?? true)
    client = undefined
    if (!ended) retry = setTimeout(open, RETRY_MILLISECONDS)
  }

  const open = async () => {
    try {
      const opened = await pool.connect()
      if (ended) return opened.release()
      client = opened
      opened.on('error', lose)
      opened.on('notification', ({ channel }) => onNotice(channel))
      for (const channel of channels) await opened.query(`LISTEN "${channel}"`)
      onNotice()
    } catch (error) {
      lose(error instanceof Error ? error : undefined)
    }
  }

  const opening = open()
  return async () => {
    ended = true
    clearTimeout(retry)
    await opening
    if (client) lose()
  }
}
