import { pino } from 'pino'

/** What a room may log with. Fields first, then the sentence; never a resource's content, never a token. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>

/**
 * JSON lines on stderr, so that stdout stays with what the person at the terminal reads.
 * @param level the least severe that is written
 * @param to where they go
 */
export function openLog(
  level: string,
  // Written at once: a line that waits in memory is lost with the process that it would explain.
  to: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: toLoggedError },
      hooks: { streamWrite: withoutSecrets },
    },
    to,
  )
}

/** What of an error says where the fault is. PostgreSQL's `detail` and `where` would repeat the row that it was about. */
const LOGGED = new Set(['type', 'message', 'stack', 'code', 'severity', 'schema', 'table', 'column', 'constraint'])

function toLoggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const told = pino.stdSerializers.err(error)
  return Object.fromEntries(Object.entries(told).filter(([name]) => LOGGED.has(name)))
}

/** Eleven digits by themselves, as a national number has them, also with the gap after the sixth. */
const NATIONAL_NUMBER = /(?:(?<![\w.-])|(?<=%[0-9A-F]{2}))\d{6} ?\d{5}(?![\w-])/gi
const CREDENTIALS = /\b(Bearer|DPoP|Basic) +[\w.~+/-]+=*/g

/** What turns the direction of a line, or ends it for some terminals; of the controls JSON itself escapes the first 32. */
const UNSEEN = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** The last look at a line: a message of somebody else's library may repeat what it was given. */
function withoutSecrets(line: string): string {
  return line.replace(NATIONAL_NUMBER, '[11 digits]').replace(CREDENTIALS, '$1 […]').replace(UNSEEN, escaped)
}

/** As JSON may write any character; who reads the line as JSON reads the same. */
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
