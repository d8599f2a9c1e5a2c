import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '../start-failure.ts'
import type { Pool } from './pool.ts'

const STARTING_UP = '57P03'
const PATIENCE_MILLIS = 30_000

/**
 * Sees to it that the database answers before anything else is done with it.
 * Waits for one that is starting up; does not wait for one that is not there.
 * @throws StartFailure one line that names the host but never the password
 */
export async function checkConnection(pool: Pool, databaseUrl: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLIS
  for (;;) {
    try {
      await pool.query('SELECT 1')
      return
    } catch (error) {
      if (codeOf(error) !== STARTING_UP || Date.now() > deadline) {
        throw new StartFailure(`DATABASE_URL: ${reasonOf(error, new URL(databaseUrl))}`)
      }
      await sleep(200)
    }
  }
}

function reasonOf(error: unknown, url: URL): string {
  const server = `PostgreSQL at ${url.host || 'the local socket'}`
  const database = decodeURIComponent(url.pathname.slice(1))
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing answers as ${server}. Is it started?`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${url.hostname} is not known.`
    case '28P01':
    case '28000':
      return `${server} refuses the user ${url.username || '(none)'} or its password.`
    case '3D000':
      return `${server} has no database ${database || '(none named)'}.`
    case '42501':
      return `the user ${url.username} may not use the database ${database}.`
    default:
      return `${server} cannot be used: ${error instanceof Error ? firstLine(error.message) : String(error)}`
  }
}

function codeOf(error: unknown): string | undefined {
  // A host with several addresses fails with one error for each; the first says enough.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : undefined
}

const firstLine = (text: string) => text.split('\n', 1)[0]
