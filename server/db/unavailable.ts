/** Node's codes for a server that is not there, or goes away while it is asked. */
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/**
 * Whether the database could not be reached, or went away before it answered: the sender may try again, and gets 503 with Retry-After.
 * What was being written may have been committed or not.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html (08: connection, 57P: shutting down or starting, 53300: too many)
 */
export function isUnavailable(error: unknown): boolean {
  const { code, message, syscall } = readError(error)
  return (
    NETWORK_CODES.has(code) ||
    // A socket that is gone; a file that is not there is another matter.
    (code === 'ENOENT' && syscall === 'connect') ||
    /^(08|57P0[123])/.test(code) ||
    code === '53300' ||
    // pg gives these no code.
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
      message,
    )
  )
}

/** Not by instanceof: an error of Node's own may come from another realm, as it does in tests. */
function readError(error: unknown): { code: string; message: string; syscall: unknown } {
  const { code, message, syscall } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '', syscall }
}
