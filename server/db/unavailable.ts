/** Node's codes for a server that is not there, or goes away while it is asked. */
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/**
 * Whether the database could not be reached, or went away before it answered: the sender may try again, and gets 503 with Retry-After.
 * What was being written may have been committed or not.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html (08: connection, 57P: shutting down or starting, 53300: too many)
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    NETWORK_CODES.has(code) ||
    /^(08|57P0[123])/.test(code) ||
    code === '53300' ||
    // pg gives these no code.
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
      error.message,
    )
  )
}
