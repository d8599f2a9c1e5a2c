import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Observation } from '@medplum/fhirtypes'
import type { Random } from '../../server/demo/random.ts'
import type { Answer } from '../caller/answer.ts'
import { Caller, type Door } from '../caller/caller.ts'
import { ConnectionLost } from '../caller/connection.ts'
import { type Measured, redSpo2, usualMeasurement } from '../caller/measurements.ts'
import type { Ledger, Written } from './ledger.ts'

/** For whom the load writes. All but the plain ones are enrolled in the COPD plan. */
export type Cohort = {
  plain: string[]
  /** Each gets one red measurement: a Task of its own. Taken from the end as they are used. */
  once: string[]
  /** Each gets many, and they join one open Task. */
  often: string[]
}

export type LoadOptions = { door: Door; ledger: Ledger; cohort: Cohort; random: Random; concurrency: number }

const ENTRY_COUNT = 5
/** How long a caller waits after it was turned away. */
const PAUSE_MILLIS = 60

/** Keeps writing, whatever happens to the server, until it is stopped. */
export function startLoad(options: LoadOptions): { stop: () => Promise<void> } {
  let running = true
  const writers = Array.from({ length: options.concurrency }, (_, i) => new Writer(options, i))
  const work = writers.map(async (writer) => {
    while (running) await writer.writeSomething()
    writer.close()
  })
  return {
    async stop() {
      running = false
      await Promise.all(work)
    },
  }
}

type Act = 'create' | 'red-once' | 'red-often' | 'put' | 'update' | 'transaction'
/** How often each, of a hundred. */
const ACTS: [Act, number][] = [
  ['create', 40],
  ['red-once', 12],
  ['red-often', 3],
  ['put', 10],
  ['update', 25],
  ['transaction', 10],
]
const BY_HUNDREDTH = ACTS.flatMap(([act, share]) => Array<Act>(share).fill(act))

class Writer {
  private readonly caller: Caller
  private readonly ledger: Ledger
  private readonly cohort: Cohort
  private readonly random: Random
  private readonly name: string
  private count = 0
  /** Resources that only this writer updates, with their last version known. */
  private readonly updatable: Written[] = []

  constructor({ door, ledger, cohort, random }: LoadOptions, number: number) {
    this.caller = new Caller(door)
    this.ledger = ledger
    this.cohort = cohort
    this.name = `crash-${number}`
    this.random = random.fork(this.name)
  }

  close(): void {
    this.caller.close()
  }

  async writeSomething(): Promise<void> {
    const { cohort, random } = this
    switch (random.pick(BY_HUNDREDTH)) {
      case 'red-once': {
        const subject = cohort.once.pop()
        return subject ? this.create(subject, true) : this.create(random.pick(cohort.plain), false)
      }
      case 'red-often':
        return this.create(random.pick(cohort.often), true)
      case 'put':
        return this.put()
      case 'update':
        return this.update()
      case 'transaction':
        return this.transaction()
      case 'create':
        return this.create(random.pick(cohort.plain), false)
    }
  }

  private async create(subject: string, red: boolean): Promise<void> {
    const written = this.ledger.open(this.nextMessage(), red)
    const resource = this.measure(written, subject)
    const answer = await this.call('POST', 'Observation', resource)
    this.settle(written, resource, answer)
    if (!red && written.acknowledged.length > 0) this.updatable.push(written)
  }

  /** Update as create: the id is the client's, the outcome of a second attempt would be the same. */
  private async put(): Promise<void> {
    const message = this.nextMessage()
    const written = this.ledger.open(message, false)
    const resource = { ...this.measure(written, this.random.pick(this.cohort.plain)), id: message }
    const answer = await this.call('PUT', `Observation/${message}`, resource)
    this.settle(written, resource, answer)
    if (written.acknowledged.length > 0) this.updatable.push(written)
  }

  private async update(): Promise<void> {
    const written = this.updatable.length ? this.random.pick(this.updatable) : undefined
    const last = written?.acknowledged.at(-1)
    if (!written?.reference || !last || written.unknown) return this.create(this.random.pick(this.cohort.plain), false)
    const id = written.reference.slice('Observation/'.length)
    const note = [{ text: `Rettet etter versjon ${last.version}: ${this.random.integer(1000, 9999)}` }]
    const resource: Observation = { ...last.resource, id, note }
    const ifMatch = this.random.happens(0.5) ? [`if-match: W/"${last.version}"`] : []
    const answer = await this.call('PUT', written.reference, resource, ifMatch)
    this.settle(written, resource, answer)
  }

  /** Half of them with red measurements for patients of their own: a half-stored Bundle would also show in the Tasks. */
  private async transaction(): Promise<void> {
    const written = Array.from({ length: ENTRY_COUNT }, () => {
      const subject = this.random.happens(0.1) ? this.cohort.once.pop() : undefined
      const entry = this.ledger.open(this.nextMessage(), subject !== undefined)
      return { entry, resource: this.measure(entry, subject ?? this.random.pick(this.cohort.plain)) }
    })
    this.ledger.together.push(written.map(({ entry }) => entry))
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: written.map(({ resource }) => ({ resource, request: { method: 'POST', url: 'Observation' } })),
    }
    const answer = await this.call('POST', '', bundle)
    if (answer === 'never-left') return
    const answers = answer?.status === 200 ? (JSON.parse(answer.body.toString()) as Bundle).entry : undefined
    written.forEach(({ entry, resource }, i) => {
      const location = answers?.[i]?.response?.location
      if (location) this.acknowledge(entry, resource, location)
      else this.ledger.leaveUnknown(entry, resource)
    })
  }

  private settle(written: Written, resource: Observation, answer: Answer | 'never-left' | undefined): void {
    if (answer === 'never-left') return
    const isDone = answer && (answer.status === 200 || answer.status === 201)
    const { reference, acknowledged } = written
    // An update's answer has no Location: the version stands in the ETag.
    const version = /"(\d+)"/.exec(answer?.headers.get('etag') ?? '')?.[1]
    const location =
      answer?.headers.get('location') ??
      (reference && acknowledged.length > 0 && version ? `${reference}/_history/${version}` : undefined)
    if (isDone && location) this.acknowledge(written, resource, location)
    else this.ledger.leaveUnknown(written, resource)
  }

  private acknowledge(written: Written, resource: Observation, location: string): void {
    const [, reference, version] = /(Observation\/[^/]+)\/_history\/(\d+)$/.exec(location) ?? []
    if (!reference || !version) throw new Error(`not a version's place: ${location}`)
    this.ledger.acknowledge(written, reference, Number(version), resource)
  }

  /** @returns undefined when nobody knows what became of it; `never-left` when the server cannot have seen it */
  private async call(
    method: 'POST' | 'PUT',
    path: string,
    resource: object,
    headers: string[] = [],
  ): Promise<Answer | 'never-left' | undefined> {
    try {
      const answer = await this.caller.call({ method, path, body: JSON.stringify(resource), headers })
      if (answer.status < 300) return answer
      if (answer.status !== 503) {
        this.ledger.wrongAnswers.push(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`)
      }
      await sleep(PAUSE_MILLIS)
      return undefined
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      await sleep(PAUSE_MILLIS)
      return error.neverLeft ? 'never-left' : undefined
    }
  }

  private measure({ message, red }: Written, subject: string): Observation {
    const measured: Measured = { subject, message, at: new Date() }
    return red ? redSpo2(this.random, measured) : usualMeasurement(this.random, measured)
  }

  private nextMessage(): string {
    return `${this.name}-${this.count++}`
  }
}
