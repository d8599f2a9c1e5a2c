import { type RunningServer, startServer } from '../../server/journeys/harness/start-server.ts'
import { Profiler } from './profiler.ts'

/** A server that the bench has started itself, so that it may also be started again on the same data, with another role. */
export class OwnServer {
  private running: RunningServer
  private readonly isProfiled: boolean
  private readonly env: { [name: string]: string }
  readonly baseUrl: string
  profiler: Profiler | undefined

  private constructor(running: RunningServer, isProfiled: boolean, env: { [name: string]: string }) {
    this.running = running
    this.env = env
    this.isProfiled = isProfiled
    this.baseUrl = running.baseUrl
  }

  /**
   * @param isProfiled whether its processor time shall be told by function
   * @param env settings, which hold for later starts too
   */
  static async start(dataDir: string, isProfiled: boolean, env: { [name: string]: string }): Promise<OwnServer> {
    const running = await startServer({ dataDir, env: { ...inspection(isProfiled), ...env } })
    const own = new OwnServer(running, isProfiled, env)
    await own.attach()
    return own
  }

  get pid(): number {
    return this.running.pid
  }

  /** Of its embedded PostgreSQL. */
  get databaseUrl(): string {
    return this.running.databaseUrl()
  }

  /** Ends it in order and starts it on the same data and port; tokens stay valid. @param env such as `ROLE` */
  async startAgain(env: { [name: string]: string }): Promise<void> {
    await this.stop()
    this.running = await this.restarted(env)
    await this.attach()
  }

  /** SIGKILL. What is stored stays. */
  async kill(): Promise<void> {
    this.profiler?.close()
    await this.running.kill9()
  }

  /** Starts it again after a kill, on the same data and port; tokens stay valid. */
  async startKilled(): Promise<void> {
    this.running = await this.restarted({})
    await this.attach()
  }

  async stop(): Promise<void> {
    this.profiler?.close()
    await this.running.stop()
  }

  private restarted(env: { [name: string]: string }): Promise<RunningServer> {
    const { dataDir } = this.running
    const place = { PORT: new URL(this.baseUrl).port, BASE_URL: this.baseUrl }
    return startServer({ dataDir, env: { ...inspection(this.isProfiled), ...this.env, ...place, ...env } })
  }

  private async attach(): Promise<void> {
    if (this.isProfiled) this.profiler = await Profiler.attach(this.running.output().stderr)
  }
}

const inspection = (isProfiled: boolean) => ({ NODE_OPTIONS: isProfiled ? '--inspect=127.0.0.1:0' : '' })
