import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningServer, startServer } from '../../server/journeys/harness/start-server.ts'
import { readProcesses } from '../caller/process-table.ts'

/** A server that is started again, on the same data and the same port, after it was killed. */
export class Lives {
  running: RunningServer
  readonly baseUrl: string
  private readonly env: { [name: string]: string }

  private constructor(running: RunningServer, env: { [name: string]: string }) {
    this.running = running
    this.baseUrl = running.baseUrl
    this.env = env
  }

  /**
   * @param dataDir an empty folder; left out: a copy of one in which a server has been started before
   * @param env settings of all its lives, such as PROCESSES
   */
  static async begin(dataDir?: string, env: { [name: string]: string } = {}): Promise<Lives> {
    return new Lives(await startServer({ dataDir, env }), env)
  }

  async startAgain(): Promise<void> {
    const { dataDir } = this.running
    const env = { ...this.env, PORT: new URL(this.baseUrl).port, BASE_URL: this.baseUrl }
    this.running = await startServer({ dataDir, env })
  }

  /** Starts again and is killed on the way, wherever it is by then: while PostgreSQL recovers, while it migrates, while it is wired. */
  async dieStarting(afterMillis: number): Promise<void> {
    const before = this.running
    const start = this.startAgain().catch(() => {})
    await sleep(afterMillis)
    for (const { pid, parent } of readProcesses()) {
      if (parent === process.pid && pid === ownerOf(before.dataDir)) process.kill(pid, 'SIGKILL')
    }
    await start
    // It was quicker than that, or had not yet said who it is.
    if (this.running !== before) await this.running.kill9()
  }

  /** Ends what is still running and removes the data. */
  async end(): Promise<void> {
    await this.running.dispose()
  }
}

/** The process that has taken this data for itself. */
function ownerOf(dataDir: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'server.pid'), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined
  }
}
