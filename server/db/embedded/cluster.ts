import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartFailure } from '../../start-failure.ts'
import type { Account } from './account.ts'
import { environment } from './postmaster.ts'

export const USER = 'fylgje'
const UNFINISHED = '.unfinished-'

/**
 * Makes the data directory, once. It gets its name when it is complete, so that a start that was killed in between is begun anew.
 * The locale is PostgreSQL's own C.UTF-8, so that sorting never depends on the machine.
 * @throws StartFailure for a data directory of another major version
 */
export async function ensureCluster(account: Account, data: string, passwordFile: string): Promise<'made' | 'found'> {
  const found = await readFile(`${data}/PG_VERSION`, 'utf8').catch(() => undefined)
  const { majorVersion } = account.binaries
  if (found?.trim() === majorVersion) return 'found'
  if (found !== undefined) {
    throw new StartFailure(
      `The database in ${data} is of PostgreSQL ${found.trim()}, this version of Fylgje brings ${majorVersion}; start the version that made it and export, or set DATA_DIR.`,
    )
  }
  await clearUnfinished(data)
  // A name of our own: a program that a killed start left running may still be at work in its folder.
  const unfinished = `${data}${UNFINISHED}${process.pid}`
  await mkdir(unfinished, { mode: 0o700 })
  await account.own(unfinished)
  const [command, args] = account.command(account.binaries.initdb, [
    `--pgdata=${unfinished}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--text-search-config=simple',
    '--data-checksums',
  ])
  const running = promisify(execFile)(command, args, { env: environment(), cwd: '/' })
  const interrupt = () => running.child.kill()
  process.once('exit', interrupt)
  try {
    await running
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new StartFailure(`PostgreSQL could not make its data directory: ${lastLine(said)}`)
  }
  process.off('exit', interrupt)
  await rename(unfinished, data)
  return 'made'
}

/** What starts that were killed have left. What cannot be removed at the moment is in nobody's way. */
async function clearUnfinished(data: string): Promise<void> {
  const names = await readdir(dirname(data))
  const left = names.filter((name) => name.startsWith(`${basename(data)}${UNFINISHED}`))
  await Promise.allSettled(left.map((name) => rm(join(dirname(data), name), { recursive: true, force: true })))
}

/** The password of the database's only user. Made once, readable by us alone. */
export async function ensurePassword(account: Account, file: string): Promise<string> {
  const found = await readFile(file, 'utf8').catch(() => '')
  if (found) return found.trim()
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  await account.own(file)
  return password
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)
