import type { Profile } from './cpu-profile.ts'

/** The profiler of another process, by Node's inspector. https://nodejs.org/api/inspector.html */
export class Profiler {
  private readonly socket: WebSocket
  private readonly answers = new Map<number, (result: unknown) => void>()
  private lastId = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
      if (id !== undefined) this.answers.get(id)?.(result)
    })
  }

  /** @param stderr of a process that was started with `--inspect`; it tells the address */
  static async attach(stderr: string): Promise<Profiler> {
    // A worker begins anew, with an inspector of its own: the last that it told.
    const url = stderr.match(/ws:\/\/\S+/g)?.at(-1)
    if (!url) throw new Error('the server does not say where its inspector is')
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true })
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)), { once: true })
    })
    const profiler = new Profiler(socket)
    await profiler.ask('Profiler.enable')
    await profiler.ask('Profiler.setSamplingInterval', { interval: 500 })
    return profiler
  }

  async start(): Promise<void> {
    await this.ask('Profiler.start')
  }

  async stop(): Promise<Profile> {
    return (await this.ask<{ profile: Profile }>('Profiler.stop')).profile
  }

  close(): void {
    this.socket.close()
  }

  private ask<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.lastId
    return new Promise((resolve) => {
      this.answers.set(id, (result) => {
        this.answers.delete(id)
        resolve(result as T)
      })
      this.socket.send(JSON.stringify({ id, method, params }))
    })
  }
}
