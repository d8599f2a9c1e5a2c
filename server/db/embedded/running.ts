import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { USER } from './cluster.ts'
import { SOCKET_PORT } from './postmaster.ts'

/** Lines of `postmaster.pid`. https://www.postgresql.org/docs/current/storage-file-layout.html */
const [PID, SOCKET_FOLDER] = [0, 4]

/**
 * How a command reaches the PostgreSQL that a server of ours keeps running under this folder.
 * @param name of the database
 * @returns undefined where none is running
 */
export async function runningDatabaseUrl(dataDir: string, name: string): Promise<string | undefined> {
  try {
    const lines = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(lines[PID]), 0)
    const password = (await readFile(join(dataDir, 'postgres-password'), 'utf8')).trim()
    return `postgres://${USER}:${password}@localhost:${SOCKET_PORT}/${name}?host=${encodeURIComponent(lines[SOCKET_FOLDER] ?? '')}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // There is no such file, or no such process any more.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
