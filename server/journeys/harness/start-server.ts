import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { processStart } from '../../db/embedded/process-start.ts'
import { copyOfTemplate } from '../../db/test-template.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** What `npm start` gives to node: the program, and the arguments of V8 before it. */
const START = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start
  .split(' ')
  .slice(2)
const START_MILLIS_MAX = 200_000

export type ServerOptions = {
  /** On top of a small environment of our own; nothing of the tester's settings gets in. */
  env?: { [name: string]: string }
  /** An existing one, such as that of a server that was stopped; left out: a copy of one that has been started before. */
  dataDir?: string
  /** A checkout other than this one. */
  root?: string
  uid?: number
  /** It does not keep this process from ending, and goes on after it. */
  isLeftRunning?: boolean
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

/** The real server in a process of its own, as `npm start` would run it. */
export type RunningServer = {
  baseUrl: string
  fhir: string
  dataDir: string
  pid: number
  /** Of the embedded PostgreSQL now. */
  postgresPid(): number
  /** Of the embedded PostgreSQL, for another process of the same server. */
  databaseUrl(): string
  /** Milliseconds from the start of the process to the ready line. */
  readyMillis: number
  /** An access token of the demo service. @param scope `system/*.cruds` when left out */
  token(scope?: string): Promise<string>
  output(): { stdout: string; stderr: string }
  /** SIGTERM, and waits for the end. The data stays. */
  stop(): Promise<Ended>
  /** SIGKILL. PostgreSQL ends a moment later, the data stays. */
  kill9(): Promise<void>
  /** Ends what is still running and removes the data. */
  dispose(): Promise<void>
}

/** Starts a server with demo data and waits for its ready line. @throws Error with what it said, if it ends instead */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const demo = options.env?.DEMO ?? 'on'
  const dataDir = options.dataDir ?? (await copyOfTemplate(`demo-${demo}`, (folder) => startOnce(folder, demo)))
  const port = Number(options.env?.PORT ?? (await freePort()))
  const baseUrl = `http://localhost:${port}`
  const startedAt = performance.now()
  const child = spawnServer({ ...options, env: { PORT: String(port), DATA_DIR: dataDir, ...options.env } })
  const said = listenTo(child)
  const ended = endOf(child, said)
  if (options.isLeftRunning) letGo(child)
  let isEnded = false
  void ended.then(() => {
    isEnded = true
  })
  while (!said.stdout.includes(`Fylgje is ready at `)) {
    if (isEnded) throw new Error(`The server did not start.\n${said.stdout}${said.stderr}`)
    if (performance.now() - startedAt > START_MILLIS_MAX) {
      child.kill('SIGKILL')
      throw new Error(`The server is not ready after ${START_MILLIS_MAX} ms.\n${said.stdout}${said.stderr}`)
    }
    await sleep(20)
  }
  return {
    baseUrl,
    fhir: `${baseUrl}/fhir`,
    dataDir,
    pid: child.pid ?? 0,
    postgresPid: () => postgresPid(dataDir) ?? 0,
    databaseUrl: () => databaseUrl(dataDir),
    readyMillis: performance.now() - startedAt,
    token: (scope = 'system/*.cruds') => requestToken(baseUrl, scope),
    output: () => said,
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
    async kill9() {
      child.kill('SIGKILL')
      await ended
    },
    async dispose() {
      child.kill('SIGKILL')
      await ended
      await removeData(dataDir)
    },
  }
}

/**
 * Runs the server until it ends by itself, as it does when it cannot start. Ends it when it becomes ready after all, or
 * `sigtermAfterMillis` after it said its first word.
 */
export async function runServer(options: ServerOptions & { sigtermAfterMillis?: number }): Promise<Ended> {
  const { sigtermAfterMillis = Number.POSITIVE_INFINITY, env } = options
  const child = spawnServer({ ...options, env: { PORT: String(await freePort()), ...env } })
  const said = listenTo(child)
  let startedAt: number | undefined
  const timer = setInterval(() => {
    if (said.stdout) startedAt ??= performance.now()
    const isLate = startedAt !== undefined && performance.now() - startedAt >= sigtermAfterMillis
    if (isLate || said.stdout.includes('Fylgje is ready')) child.kill('SIGTERM')
  }, 20)
  return endOf(child, said).finally(() => clearInterval(timer))
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

function spawnServer({ env, root = ROOT, uid }: ServerOptions): ChildProcess {
  const node = join(root, 'node_modules/.bin/node')
  const { PATH, TMPDIR, HOME } = process.env
  return spawn(node, START, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, TMPDIR, HOME, LOG_LEVEL: 'warn', ...compiledIn(root), ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  })
}

/** Where the server keeps its compiled modules in any case. Named beforehand, its first two need not be stripped of their types either. */
const compiledIn = (root: string) => ({
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/fylgje/compiled'),
  NODE_COMPILE_CACHE_PORTABLE: '1',
})

function listenTo(child: ChildProcess): { stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  }
  return said
}

function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
}

function endOf(child: ChildProcess, said: { stdout: string; stderr: string }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...said }))
  })
}

async function startOnce(dataDir: string, demo: string): Promise<void> {
  const server = await startServer({ dataDir, env: { DEMO: demo } })
  if (demo === 'on') await untilAtRest(server)
  await knowTables(server.databaseUrl())
  const { code } = await server.stop()
  if (code !== 0) throw new Error(`The server for the template ended with ${code}.`)
}

/** What PostgreSQL looks at of its own accord within minutes, it would look at in every copy. */
async function knowTables(connectionString: string): Promise<void> {
  const db = new pg.Client({ connectionString })
  await db.connect()
  try {
    await db.query('VACUUM (ANALYZE)')
  } finally {
    await db.end()
  }
}

/** What the engine has to do with the demo's measurements is done here once, and no longer by every server that begins with a copy. */
async function untilAtRest({ fhir, token }: RunningServer): Promise<void> {
  const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/fhir+json' }
  const by = { name: 'by', valueDuration: { value: 0, system: 'http://unitsofmeasure.org', code: 's' } }
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: [by] })
  for (;;) {
    const response = await fetch(`${fhir}/$advance-clock`, { method: 'POST', headers, body })
    if (!response.ok) throw new Error(`The server for the template does not rest: ${await response.text()}`)
    const { parameter } = (await response.json()) as { parameter: { name: string; valueBoolean?: boolean }[] }
    if (parameter.some(({ name, valueBoolean }) => name === 'complete' && valueBoolean)) return
  }
}

/** An access token of the demo service. */
export async function requestToken(baseUrl: string, scope: string): Promise<string> {
  const response = await fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-service:demo-service-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
  const { access_token } = (await response.json()) as { access_token?: string }
  if (!access_token) throw new Error(`No token for ${scope}: ${response.status}`)
  return access_token
}

function postgresPid(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0]) || undefined
  } catch {
    return undefined
  }
}

/** As the server itself finds it: by a socket in its data folder, with the password that lies beside it. */
function databaseUrl(dataDir: string): string {
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim()
  return `postgres://fylgje:${password}@localhost:5432/fylgje?host=${encodeURIComponent(realpathSync(join(dataDir, 'postgres')))}`
}

/** Of a server that has been killed. Its PostgreSQL ends first, where it still runs. */
export async function removeData(dataDir: string): Promise<void> {
  const orphan = postgresPid(dataDir)
  if (orphan) await endOrphan(orphan)
  await rm(dataDir, { recursive: true, force: true })
}

/** The data is not needed any more, so it need not be stopped in order. */
async function endOrphan(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended.
  }
  while (processStart(pid) !== undefined && Date.now() < deadline) await sleep(10)
}
