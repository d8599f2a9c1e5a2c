import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '../../start-failure.ts'
import type { Account } from './account.ts'
import { processCommand, processStart } from './process-start.ts'

const MEGABYTE = 1024 * 1024
const STOP_PATIENCE_MILLIS = 30_000
const LEFT_BEHIND_PATIENCE_MILLIS = 15_000
const LOG_BYTES_MAX = 10 * MEGABYTE

/** Only names the socket's file: nothing listens on a TCP port. */
export const SOCKET_PORT = 5432

/** Where one PostgreSQL has its things, and how many may use it. */
export type Places = {
  /** PostgreSQL's data directory. */
  data: string
  /** Folder of the socket; nobody but us may enter it. */
  socket: string
  log: string
  connectionCountMax: number
}

/** Chosen for two cores and a disk without seek times. What stands in postgresql.conf otherwise is PostgreSQL's default. */
function settings({ socket, connectionCountMax }: Places): { [name: string]: string } {
  const sharedMegabytes = Math.max(128, Math.min(1024, Math.floor(totalmem() / MEGABYTE / 16)))
  return {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0600',
    port: String(SOCKET_PORT),
    // Three of them are kept for a superuser, which is what we are.
    max_connections: String(connectionCountMax),
    shared_buffers: `${sharedMegabytes}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // After a checkpoint, a page of an index is logged whole when it is first changed. Among 1,000,000 Observations nearly every new
    // one meets such pages: 33 KB of log each, later 7 (measured). So checkpoints are few; a crash is recovered from in seconds still.
    max_wal_size: '4GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_checkpoints: 'off',
    // The log must not hold what the tables hold: no statement, no value, no key that was there twice.
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    // A statement that a killed server left behind ends with its connection.
    client_connection_check_interval: '5s',
  }
}

/**
 * Starts PostgreSQL and waits until it takes connections, through crash recovery if need be.
 * It is in a process group of its own: Ctrl-C in the terminal is for us, and we stop it when the last request is answered.
 * @throws StartFailure with PostgreSQL's own last words
 */
export async function startPostmaster(account: Account, places: Places): Promise<ChildProcess> {
  const deadline = Date.now() + LEFT_BEHIND_PATIENCE_MILLIS
  for (;;) {
    const child = await tryStart(account, places)
    if (child) return child
    const words = await lastWords(places.log)
    // The backends of a killed PostgreSQL end a moment after it.
    if (!words.includes('shared memory block') || Date.now() > deadline) {
      throw new StartFailure(`PostgreSQL did not start: ${words}`)
    }
    await sleep(100)
  }
}

/** @returns undefined when it ended instead of becoming ready */
async function tryStart(account: Account, places: Places): Promise<ChildProcess | undefined> {
  await turnLog(places.log)
  const flags = Object.entries(settings(places)).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(places.log, 'a', 0o600)
  const [command, args] = account.command(account.binaries.postgres, ['-D', places.data, ...flags])
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], cwd: '/', env: environment() })
  closeSync(log)
  // A process that ends by a fault, or is ended while it starts, stops nothing in order; PostgreSQL then does so by itself.
  const sayGoodbye = () => child.kill('SIGINT')
  process.once('exit', sayGoodbye)
  child.once('exit', () => process.off('exit', sayGoodbye))
  let ended = false
  child.once('error', () => {
    ended = true
  })
  child.once('exit', () => {
    ended = true
  })
  while (!ended) {
    const pidFile = await readPidFile(places.data)
    if (pidFile?.pid === child.pid && pidFile?.status === 'ready') return child
    await sleep(10)
  }
  return undefined
}

/** Asks for a fast shutdown: open transactions are rolled back, what is committed is flushed. */
export async function stopPostmaster(pid: number): Promise<void> {
  const start = processStart(pid)
  if (start === undefined) return
  signal(pid, 'SIGINT')
  const deadline = Date.now() + STOP_PATIENCE_MILLIS
  while (processStart(pid) === start) {
    // Ends at once, without a checkpoint; the next start recovers from the log. Nothing committed is lost.
    if (Date.now() > deadline) signal(pid, 'SIGQUIT')
    await sleep(10)
  }
}

/**
 * Makes way on our data directory. A PostgreSQL that a killed server left running there is stopped.
 * When the process id in its file has since gone to another program, which PostgreSQL would take for a living server of its own,
 * the file gets our id instead: PostgreSQL knows that its parent is no server, and still looks whether old backends live.
 * @returns whether one was stopped
 */
export async function stopOrphan(data: string): Promise<boolean> {
  const found = await readPidFile(data)
  if (!found || !signal(found.pid, 0)) return false
  if (processStart(found.pid) !== undefined && runsOn(found.pid, data)) {
    await stopPostmaster(found.pid)
    return true
  }
  const file = join(data, 'postmaster.pid')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(process.pid)))
  return false
}

function runsOn(pid: number, data: string): boolean {
  const command = processCommand(pid)
  return /(^|\/)postgres -D /.test(command) && command.includes(` -D ${data} `)
}

/** https://www.postgresql.org/docs/current/storage-file-layout.html: line 1 the process id, line 8 how far it has come */
async function readPidFile(data: string): Promise<{ pid: number; status: string } | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return pid > 1 ? { pid, status: (lines[7] ?? '').trim() } : undefined
}

/** Keeps one old log beside the running one. */
async function turnLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (file) => file.size,
    () => 0,
  )
  if (size > LOG_BYTES_MAX) await rename(log, `${log}.1`)
}

async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n')
  const said = lines.findLast((line) => /FATAL|PANIC|error|denied/.test(line)) ?? lines.at(-1)
  return said?.replace(/^.*?(FATAL|PANIC): {2}/, '') || `see ${log}`
}

/** The least that a program needs, so that neither PGDATA and its kin nor the machine's language reach PostgreSQL. */
export function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, LC_ALL: 'C' }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
