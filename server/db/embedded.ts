import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, chmod, constants, lstat, mkdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../log.ts'
import { StartFailure } from '../start-failure.ts'
import { type Account, chooseAccount } from './embedded/account.ts'
import { findBinaries } from './embedded/binaries.ts'
import { ensureCluster, ensurePassword, USER } from './embedded/cluster.ts'
import { takeOwnership } from './embedded/owner.ts'
import { type Places, SOCKET_PORT, startPostmaster, stopOrphan, stopPostmaster } from './embedded/postmaster.ts'

export type EmbeddedOptions = {
  dataDir: string
  log: Log
  /** How many connections all processes together may open. */
  connectionCountMax?: number
}

export type EmbeddedDatabase = {
  /** Stays the same when PostgreSQL has to be started again. */
  databaseUrl: string
  /** Of PostgreSQL now. */
  readonly pid: number
  /** Whether this start has made the database. */
  isNew: boolean
  stop(): Promise<void>
}

export const DATABASE = 'fylgje'
/** sockaddr_un.sun_path holds 108 bytes on Linux, 104 on macOS, with the closing zero. unix(7) */
const SOCKET_PATH_BYTES_MAX = 103
const RESTART_MILLIS_MAX = 10_000

/**
 * A PostgreSQL of our own under `dataDir`, from the binaries of an npm package: nothing to install. It flushes what it commits,
 * listens on a socket in a folder that only we may enter, and asks for a password there too. When it dies it is started again;
 * requests get 503 meanwhile.
 * @throws StartFailure one line for the person who starts it
 */
export async function startEmbedded({
  dataDir,
  log,
  connectionCountMax = 60,
}: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const folder = await ensureFolder(dataDir)
  const binaries = await findBinaries()
  const disown = await takeOwnership(folder)
  try {
    const data = join(folder, 'postgres')
    const account = await chooseAccount(binaries, data)
    const passwordFile = join(folder, 'postgres-password')
    const password = await ensurePassword(account, passwordFile)
    const isNew = (await ensureCluster(account, data, passwordFile)) === 'made'
    if (await stopOrphan(data)) log.warn('stopped a PostgreSQL that a killed server had left running')
    const places = {
      data,
      socket: await socketFolder(data, account),
      log: join(folder, 'postgres.log'),
      connectionCountMax,
    }
    const postmaster = await supervise(account, places, log)
    const urlOf = (name: string) =>
      `postgres://${USER}:${password}@localhost:${SOCKET_PORT}/${name}?host=${encodeURIComponent(places.socket)}`
    await ensureDatabase(urlOf('postgres'))
    return {
      databaseUrl: urlOf(DATABASE),
      isNew,
      get pid() {
        return postmaster.pid
      },
      async stop() {
        await postmaster.stop()
        await disown()
      },
    }
  } catch (error) {
    await disown()
    throw error
  }
}

/** Keeps one PostgreSQL running until `stop`. */
async function supervise(account: Account, places: Places, log: Log): Promise<{ pid: number; stop(): Promise<void> }> {
  let stopping = false
  let child = await startPostmaster(account, places)
  let restart: Promise<void> = Promise.resolve()
  const watch = () =>
    child.once('exit', (code, signal) => {
      if (stopping) return
      log.error({ code, signal }, 'PostgreSQL ended by itself; starting it again')
      restart = startAgain()
    })
  const startAgain = async () => {
    for (let waitMillis = 100; !stopping; waitMillis = Math.min(waitMillis * 2, RESTART_MILLIS_MAX)) {
      try {
        await stopOrphan(places.data)
        child = await startPostmaster(account, places)
        watch()
        log.warn({ postgresPid: child.pid }, 'PostgreSQL is there again')
        return
      } catch (error) {
        log.error({ err: error }, 'PostgreSQL does not start; trying again')
        await sleep(waitMillis)
      }
    }
  }
  watch()
  return {
    get pid() {
      return child.pid ?? 0
    },
    async stop() {
      stopping = true
      await restart
      if (child.pid && child.exitCode === null && child.signalCode === null) await stopPostmaster(child.pid)
    },
  }
}

/** @returns its real path, so that the same folder always has the same name in PostgreSQL's command line */
async function ensureFolder(dataDir: string): Promise<string> {
  try {
    await makeFolder(dataDir)
    // With the dot, a file is ENOTDIR.
    await access(`${dataDir}/.`, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(dataDir)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOTDIR' || code === 'EEXIST' ? 'is not a folder' : `cannot be written to (${code})`
    throw new StartFailure(`DATA_DIR ${dataDir} ${reason}; make it writable for this user, or set another.`)
  }
}

/** Node's own `recursive` never ends where the parent is there but nothing can be made in it, such as below /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await makeFolder(dirname(folder))
  await mkdir(folder, { mode: 0o700 })
}

/** The data directory itself, which is closed to all others; a closed folder below /tmp when that path is too long for a socket. */
async function socketFolder(data: string, account: Account): Promise<string> {
  if (Buffer.byteLength(join(data, `.s.PGSQL.${SOCKET_PORT}.lock`)) <= SOCKET_PATH_BYTES_MAX) return data
  const folder = join(tmpdir(), `fylgje-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`)
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const { uid } = await lstat(data)
  const found = await lstat(folder)
  // Anyone may write to /tmp, so somebody else's folder could stand there and listen in our place.
  if (!found.isDirectory() || (found.uid !== uid && found.uid !== process.getuid?.())) {
    throw new StartFailure(`${folder} belongs to somebody else; remove it, or set DATA_DIR to a shorter path.`)
  }
  await chmod(folder, 0o700)
  await account.own(folder)
  return folder
}

async function ensureDatabase(maintenanceUrl: string): Promise<void> {
  const client = new pg.Client(maintenanceUrl)
  // Who asks is told; without a listener the event would end the process, with another reason.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}
