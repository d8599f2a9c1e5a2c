import { type RunningServer, startServer } from '../../server/journeys/harness/start-server.ts'

/** A server that is started again, on the same data and the same port, after it was killed. */
export class Lives {
  running: RunningServer
  readonly baseUrl: string

  private constructor(running: RunningServer) {
    this.running = running
    this.baseUrl = running.baseUrl
  }

  /** @param dataDir an empty folder; left out: a copy of one in which a server has been started before */
  static async begin(dataDir?: string): Promise<Lives> {
    return new Lives(await startServer({ dataDir }))
  }

  async startAgain(): Promise<void> {
    const { dataDir } = this.running
    const env = { PORT: new URL(this.baseUrl).port, BASE_URL: this.baseUrl }
    this.running = await startServer({ dataDir, env })
  }

  /** Ends what is still running and removes the data. */
  async end(): Promise<void> {
    await this.running.dispose()
  }
}
