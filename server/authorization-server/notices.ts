import pg from 'pg'
import type { Pool } from '../db/pool.ts'

/** What has changed: tokens may have ended; a client has come, changed or gone; the signing keys are others. */
export type Change = 'token' | 'client' | 'key'
/** Quoted, because it is a word of SQL's own. */
const CHANNEL = '"authorization"'
const RETRY_MILLISECONDS = 1000

/**
 * Calls `onChange` when any process, or an administrator's SQL, has changed what others may remember: the triggers of
 * migration 0026 tell it. It has a connection of its own, because one of the pool's would be missing there for good. After
 * one that was lost everything may have changed.
 * @param onFault told when there is no such connection; it is tried again
 * @returns ends it
 */
export function followChanges(
  pool: Pool,
  onChange: (change: Change) => void,
  onFault: (error: unknown) => void,
): () => Promise<void> {
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let ended = false

  const open = async () => {
    const opened = new pg.Client({ ...pool.options, application_name: 'fylgje-authorization' })
    client = opened
    opened.on('error', () => lose(opened))
    opened.on('end', () => lose(opened))
    opened.on('notification', ({ payload }) => onChange(payload as Change))
    try {
      await opened.connect()
      await opened.query(`LISTEN ${CHANNEL}`)
      for (const change of ['token', 'client', 'key'] as const) onChange(change)
    } catch (error) {
      if (!ended) onFault(error)
      lose(opened)
    }
  }
  const lose = (lost: pg.Client) => {
    if (client !== lost) return
    client = undefined
    lost.removeAllListeners()
    lost.on('error', () => {})
    lost.end().catch(() => {})
    if (!ended) retry = setTimeout(open, RETRY_MILLISECONDS).unref()
  }

  const opening = open()
  return async () => {
    ended = true
    clearTimeout(retry)
    await opening
    const last = client
    client = undefined
    last?.removeAllListeners('end')
    await last?.end().catch(() => {})
  }
}
