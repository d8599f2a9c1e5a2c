import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Parameters, Subscription } from '@medplum/fhirtypes'
import { BACKPORT, statusOf, subscription } from '../../server/journeys/harness/subscriber.ts'
import { type Caller, expectJson } from '../caller/caller.ts'
import type { Written } from './ledger.ts'

/** The answer to every so manieth notice is lost: it came, and the server does not know. */
const LOST_EACH = 9
const EVENTS_AT_ONCE = 200

/** Who is told of every measurement while the server is killed, and remembers what came. */
export class Told {
  /** By event number, which resource it was about. */
  private readonly about = new Map<number, string>()
  /** What came in the wrong order, in words. */
  private readonly disorder: string[] = []
  private readonly server: Server
  private highest = 0
  private noticeCount = 0
  private againCount = 0
  private id = ''

  private constructor() {
    this.server = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        this.take(Buffer.concat(chunks).toString())
        this.noticeCount++
        if (this.noticeCount % LOST_EACH === 0) res.destroy()
        else res.writeHead(200).end()
      })
    })
  }

  /** @returns who is told from now on, of everything that is stored after it */
  static async begin(caller: Caller): Promise<Told> {
    const told = new Told()
    await new Promise<void>((resolve) => told.server.listen(0, '127.0.0.1', resolve))
    const body = subscription('measurements', {
      endpoint: `http://127.0.0.1:${(told.server.address() as AddressInfo).port}/told`,
      extension: [{ url: `${BACKPORT}/backport-max-count`, valuePositiveInt: EVENTS_AT_ONCE }],
    })
    const answer = await caller.call({ method: 'POST', path: 'Subscription', body: JSON.stringify(body) })
    told.id = expectJson<{ id: string }>(answer, 201).id
    for (;;) {
      const { status, error } = await told.read<Subscription>(caller, `Subscription/${told.id}`)
      if (status === 'active') return told
      if (status !== 'requested') throw new Error(`the Subscription is ${status}: ${error}`)
      await sleep(50)
    }
  }

  /** How many notices came, and how many events a second time. */
  get counts() {
    return { notices: this.noticeCount, events_told: this.about.size, events_told_again: this.againCount }
  }

  /**
   * Every version that was stored must have been told of, by numbers without a gap, none passed over. Waits for what is still to come.
   * @param written of what it is known that it is stored
   * @returns violations
   */
  async check(caller: Caller, written: readonly Written[], patienceMillis: number): Promise<string[]> {
    const deadline = Date.now() + patienceMillis
    let last = await this.readLast(caller)
    while ((this.highest < last.number || this.findUntold(written).length > 0) && Date.now() < deadline) {
      await sleep(200)
      last = await this.readLast(caller)
    }
    return [
      ...this.disorder,
      ...this.findUntold(written),
      ...(last.status === 'active' ? [] : [`the Subscription is ${last.status}`]),
      ...(this.highest === last.number ? [] : [`told up to event ${this.highest} of ${last.number}`]),
    ]
  }

  async end(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private take(text: string): void {
    for (const { number, focus = '' } of statusOf({ text }).events) {
      const at = Number(number)
      const reference = focus.split('/').slice(-2).join('/')
      const before = this.about.get(at)
      if (before !== undefined) this.againCount++
      if (before !== undefined && before !== reference) this.disorder.push(`event ${at} was ${before}, is ${reference}`)
      if (at > this.highest + 1) this.disorder.push(`event ${at} came after ${this.highest}`)
      this.about.set(at, reference)
      this.highest = Math.max(this.highest, at)
    }
  }

  private findUntold(written: readonly Written[]): string[] {
    const counts = new Map<string, number>()
    for (const reference of this.about.values()) counts.set(reference, (counts.get(reference) ?? 0) + 1)
    return written.flatMap(({ reference, acknowledged }) => {
      const expected = Math.max(1, acknowledged.length)
      const count = counts.get(reference ?? '') ?? 0
      return reference && count < expected ? [`${reference} was told ${count} times, and has ${expected} versions`] : []
    })
  }

  private async readLast(caller: Caller): Promise<{ status: string; number: number }> {
    const bundle = await this.read<Bundle<Parameters>>(caller, `Subscription/${this.id}/$status`)
    const { parameter = [] } = bundle.entry?.[0]?.resource ?? {}
    const find = (name: string) => parameter.find((one) => one.name === name)
    const number = Number(find('events-since-subscription-start')?.valueString)
    return { status: find('status')?.valueCode ?? '', number }
  }

  private async read<T>(caller: Caller, path: string): Promise<T> {
    return expectJson<T>(await caller.call({ method: 'GET', path }), 200)
  }
}
