import { pino } from 'pino'

/** What a room may log with. Fields first, then the sentence; never a resource's content, never a token. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>

/**
 * JSON lines on stderr, so that stdout stays with what the person at the terminal reads.
 * @param level the least severe that is written
 */
export function openLog(level: string): Log {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    // Written at once: a line that waits in memory is lost with the process that it would explain.
    pino.destination({ fd: 2, sync: true }),
  )
}
