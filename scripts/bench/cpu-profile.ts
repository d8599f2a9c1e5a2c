/** The part of a profile that is read here. https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

export type SelfTime = { function: string; percent: number }

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
    const url = /ws:\/\/\S+/.exec(stderr)?.[0]
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

  /** @returns the functions in which most time was spent, without what they called */
  async stop(countMax: number): Promise<SelfTime[]> {
    const { profile } = await this.ask<{ profile: Profile }>('Profiler.stop')
    return topSelfTimes(profile, countMax)
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

function topSelfTimes({ nodes, samples, timeDeltas }: Profile, countMax: number): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const micros = new Map<string, number>()
  let total = 0
  samples.forEach((node, i) => {
    const name = names.get(node) ?? '?'
    const delta = Math.max(0, timeDeltas[i] ?? 0)
    micros.set(name, (micros.get(name) ?? 0) + delta)
    total += delta
  })
  return [...micros]
    .sort(([, one], [, other]) => other - one)
    .slice(0, countMax)
    .map(([name, time]) => ({ function: name, percent: Number(((100 * time) / total).toFixed(1)) }))
}

/** `parse server/fhir/json.ts:12`, `(idle)`, `writev node:net`: enough to find it, nothing of where the checkout lies. */
function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = /(?:node_modules\/|(?=server\/))(.*)$/.exec(url)?.[1] ?? url
  const name = functionName || '(anonymous)'
  return place ? `${name} ${place}:${lineNumber + 1}` : name
}
