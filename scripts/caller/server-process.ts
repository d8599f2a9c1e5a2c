import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url))
const READY_SECONDS_MAX = 120
const STDERR_CHARACTERS_MAX = 20_000

/**
 * A server of our own in a process of its own, on data of its own: the embedded PostgreSQL with fsync on, in demo mode because
 * that has a client to call with. It can be killed and started again on the same data and port.
 */
export class ServerProcess {
  readonly baseUrl: string
  readonly dataDir: string
  private readonly port: number
  private readonly nodeFlags: string[]
  private child: ChildProcess | undefined
  /** The last of what it wrote to stderr, over all its lives. */
  stderr = ''

  private constructor(port: number, dataDir: string, nodeFlags: string[]) {
    this.port = port
    this.dataDir = dataDir
    this.nodeFlags = nodeFlags
    this.baseUrl = `http://127.0.0.1:${port}`
  }

  /** @param nodeFlags such as `--inspect=127.0.0.1:0` @throws Error with the server's own last words */
  static async start(nodeFlags: string[] = []): Promise<ServerProcess> {
    const dataDir = await mkdtemp(join(tmpdir(), 'fylgje-'))
    const server = new ServerProcess(await freePort(), dataDir, nodeFlags)
    try {
      await server.start()
    } catch (error) {
      await server.remove()
      throw error
    }
    return server
  }

  get pid(): number {
    return this.child?.pid ?? 0
  }

  /** @returns after how many milliseconds it was ready */
  async start(): Promise<number> {
    const startedAt = performance.now()
    const { PATH, HOME, TMPDIR } = process.env
    this.child = spawn(process.execPath, [...this.nodeFlags, MAIN], {
      // The least, so that a setting of whoever measures does not change what is measured.
      env: {
        ...{ PATH, HOME, TMPDIR, PORT: String(this.port), HOST: '127.0.0.1', BASE_URL: this.baseUrl },
        ...{ DATA_DIR: this.dataDir, DEMO: 'on', LOG_LEVEL: 'warn' },
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child.stderr?.on('data', (text: Buffer) => {
      this.stderr = (this.stderr + text.toString()).slice(-STDERR_CHARACTERS_MAX)
    })
    await this.becomesReady()
    return performance.now() - startedAt
  }

  /** Waits until it can serve. @throws Error when it ends instead, or takes too long */
  async becomesReady(): Promise<void> {
    const deadline = performance.now() + READY_SECONDS_MAX * 1000
    while (performance.now() < deadline) {
      if (this.hasEnded()) throw new Error(`the server ended: ${this.stderr.slice(-2000)}`)
      const ok = await fetch(`${this.baseUrl}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
        async (response) => {
          await response.arrayBuffer()
          return response.ok
        },
        () => false,
      )
      if (ok) return
      await sleep(50)
    }
    throw new Error(`the server was not ready within ${READY_SECONDS_MAX} s: ${this.stderr.slice(-2000)}`)
  }

  hasEnded(): boolean {
    return this.child?.exitCode !== null || this.child.signalCode !== null
  }

  /** `kill -9`: no handler runs, nothing is flushed. Its PostgreSQL is left running, as a real crash would leave it. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Process id of PostgreSQL's first process, or undefined while there is none. */
  async postgresPid(): Promise<number | undefined> {
    const text = await readFile(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
    const pid = Number(text.split('\n', 1)[0])
    return pid > 1 ? pid : undefined
  }

  /** Stops it in order and removes its data. */
  async remove(): Promise<void> {
    await this.end('SIGTERM')
    // After a kill, PostgreSQL is still there.
    const postgres = await this.postgresPid()
    if (postgres) await endProcess(postgres)
    await rm(this.dataDir, { recursive: true, force: true })
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (!child || this.hasEnded()) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}

async function endProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGINT')
    for (let tries = 0; tries < 200; tries++) {
      await sleep(50)
      process.kill(pid, 0)
    }
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended.
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('no free port')
  return address.port
}
