import { type Answer, type Door, isRecord, type Message } from './door.ts'
import { createOf, inWords, type Measurement, transactionOf } from './messages.ts'
import type { Tally } from './tally.ts'

/** How many messages may be on the way at once; more than that, and the homes wait. */
const ON_THE_WAY_MAX = 64

type PostSettings = { door: Door; tally: Tally; say: (line: string) => void }

/** Carries what homes send, keeps what a home without net cannot send, and says what became of each. */
export class Post {
  readonly #settings: PostSettings
  readonly #onTheWay = new Set<Promise<void>>()
  readonly #kept = new Map<string, Measurement[]>()

  constructor(settings: PostSettings) {
    this.#settings = settings
  }

  send(name: string, measurements: Measurement[], remark = ''): void {
    for (const measurement of measurements) this.#dispatch(name, inWords(measurement) + remark, createOf(measurement))
  }

  keep(name: string, measurements: Measurement[]): void {
    this.#kept.set(name, [...(this.#kept.get(name) ?? []), ...measurements])
    this.#say(name, `${measurements.map(inWords).join(', ')} · no net, kept on the phone`)
  }

  /** The net is back: everything kept goes at once. */
  flush(name: string): void {
    const kept = this.#kept.get(name)
    if (!kept) return
    this.#kept.delete(name)
    this.#dispatch(name, `${kept.length} measurements from the time without net`, transactionOf(kept))
  }

  /** Waits while too much is on the way. */
  async catchUp(): Promise<void> {
    while (this.#onTheWay.size > ON_THE_WAY_MAX) await Promise.race(this.#onTheWay)
  }

  /** Sends what is still kept and waits for every answer. */
  async end(): Promise<void> {
    for (const name of [...this.#kept.keys()]) this.flush(name)
    await Promise.all(this.#onTheWay)
  }

  #dispatch(name: string, words: string, message: Message): void {
    const sending = this.#deliver(name, words, message).finally(() => this.#onTheWay.delete(sending))
    this.#onTheWay.add(sending)
  }

  async #deliver(name: string, words: string, message: Message): Promise<void> {
    const { door, tally } = this.#settings
    const sentAt = performance.now()
    const answer = await door.post(message)
    tally.count(message, answer, performance.now() - sentAt)
    this.#say(name, `${words} · ${outcomeOf(answer)}`)
  }

  #say(name: string, words: string): void {
    this.#settings.say(`${new Date().toLocaleTimeString('nb-NO')}  ${name}: ${words}`)
  }
}

function outcomeOf({ status, attempts, body }: Answer): string {
  const again = attempts > 1 ? `, attempt ${attempts}` : ''
  if (status === 0) return `no answer after ${attempts} attempts`
  if (status === 201 || isBundle(body)) return `stored${again}`
  if (status === 200) return `was there already${again}`
  return `refused with ${status}: ${diagnosticsOf(body)}${again}`
}

const isBundle = (body: unknown) => isRecord(body) && body.resourceType === 'Bundle'

function diagnosticsOf(body: unknown): string {
  const issue: unknown = isRecord(body) && Array.isArray(body.issue) ? body.issue[0] : undefined
  return isRecord(issue) ? String(issue.diagnostics ?? issue.code) : 'no reason given'
}
