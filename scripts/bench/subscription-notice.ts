import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Parameters, Subscription } from '@medplum/fhirtypes'
import { Caller, expectJson } from '../caller/caller.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const RATE_PER_SECOND = 200
const SUBSCRIBER_COUNT = 50
/** How long the last notices may take before they count as missing. */
const PATIENCE_MILLIS = 30_000
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

const HOW = [
  `${RATE_PER_SECOND} Observations/s, sent at fixed times whether or not earlier ones are answered; each is told to each of ${SUBSCRIBER_COUNT} subscribers by rest-hook, id-only.`,
  'p50_ms … max_ms: from the answer 2xx to the writer until the notice is at the subscriber, for each event and subscriber. All times are of one clock.',
  'The receiver of all of them is this process, which reads every notice: on a machine that it shares with the server its time is in these figures.',
].join(' ')

/** Milliseconds since 1970, finer than Date.now. */
const now = () => performance.timeOrigin + performance.now()

/** How long it takes until subscribers know of what was written. */
export async function subscriptionNotice(bench: Bench): Promise<Result> {
  const { door, seconds, warmSeconds, say, measured } = bench
  const run = `bench-${Date.now()}`
  const receiver = await startReceiver()
  const steward = new Caller(door)
  try {
    const ids = await subscribe(steward, receiver.base, run)
    say(`${ids.length} subscribers are active`)
    const sent: Promise<Sent>[] = []
    await sendAtRate(bench, run, warmSeconds, [])
    await sleep(1_000)
    receiver.noted.clear()
    const result = await measured(async () => {
      await sendAtRate(bench, run, seconds, sent)
      return summary(await Promise.all(sent), receiver, seconds)
    })
    for (const id of ids) await steward.call({ method: 'DELETE', path: `Subscription/${id}` })
    return { ...result, seconds, rate_per_s: RATE_PER_SECOND, subscribers: SUBSCRIBER_COUNT, measured: HOW }
  } finally {
    steward.close()
    receiver.server.closeAllConnections()
    receiver.server.close()
  }
}

type Sent = { reference: string | undefined; answeredAt: number }

async function subscribe(caller: Caller, base: string, run: string): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < SUBSCRIBER_COUNT; i++) {
    const body = JSON.stringify({
      ...{ resourceType: 'Subscription', status: 'requested', reason: 'bench' },
      criteria: 'http://fylgje.no/fhir/SubscriptionTopic/measurements',
      _criteria: {
        extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueString: `Observation?code=urn:${run}|` }],
      },
      channel: {
        ...{ type: 'rest-hook', endpoint: `${base}/${i}`, payload: 'application/fhir+json' },
        _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'id-only' }] },
      },
    })
    const stored = expectJson<Subscription>(await caller.call({ method: 'POST', path: 'Subscription', body }), 201)
    ids.push(stored.id ?? '')
  }
  for (const id of ids) {
    for (;;) {
      const { status } = expectJson<Subscription>(await caller.call({ method: 'GET', path: `Subscription/${id}` }), 200)
      if (status === 'active') break
      await sleep(50)
    }
  }
  return ids
}

/** Open loop: what is slow does not hold up what comes after it. */
async function sendAtRate({ door }: Bench, run: string, seconds: number, sent: Promise<Sent>[]): Promise<void> {
  const idle: Caller[] = []
  const all: Caller[] = []
  const body = JSON.stringify({
    ...{ resourceType: 'Observation', status: 'final', valueQuantity: { value: 1 } },
    code: { coding: [{ system: `urn:${run}`, code: 'x' }] },
  })
  const post = async (): Promise<Sent> => {
    const caller = idle.pop() ?? new Caller(door)
    if (!all.includes(caller)) all.push(caller)
    try {
      const { status, headers } = await caller.call({ method: 'POST', path: 'Observation', body })
      const id = status === 201 ? /Observation\/([^/]+)/.exec(headers.get('location') ?? '')?.[1] : undefined
      return { reference: id && `Observation/${id}`, answeredAt: now() }
    } finally {
      idle.push(caller)
    }
  }
  const startedAt = performance.now()
  for (let i = 0; i < RATE_PER_SECOND * seconds; i++) {
    const early = startedAt + (i * 1000) / RATE_PER_SECOND - performance.now()
    if (early > 0) await sleep(early)
    sent.push(post())
  }
  await Promise.all(sent)
  for (const caller of all) caller.close()
}

type Receiver = {
  server: Server
  base: string
  /** When each event came to each subscriber first: `0 Observation/1`. */
  noted: Map<string, number>
  /** Events whose number did not follow the one before. */
  gapCount: () => number
}

async function startReceiver(): Promise<Receiver> {
  const noted = new Map<string, number>()
  const last = new Map<string, number>()
  let gaps = 0
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const at = now()
      res.writeHead(200).end()
      const subscriber = (req.url ?? '').slice(1)
      const bundle = JSON.parse(Buffer.concat(chunks).toString()) as Bundle
      for (const { name, part = [] } of (bundle.entry?.[0]?.resource as Parameters | undefined)?.parameter ?? []) {
        if (name !== 'notification-event') continue
        const number = Number(part.find((one) => one.name === 'event-number')?.valueString)
        const before = last.get(subscriber) ?? 0
        if (number > before + 1) gaps++
        last.set(subscriber, Math.max(before, number))
        const reference = part.find((one) => one.name === 'focus')?.valueReference?.reference ?? ''
        const key = `${subscriber} ${reference.split('/').slice(-2).join('/')}`
        if (!noted.has(key)) noted.set(key, at)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { server, base, noted, gapCount: () => gaps }
}

async function summary(sent: Sent[], { noted, gapCount }: Receiver, seconds: number): Promise<Result> {
  const stored = sent.filter(({ reference }) => reference !== undefined)
  const deadline = now() + PATIENCE_MILLIS
  while (noted.size < stored.length * SUBSCRIBER_COUNT && now() < deadline) await sleep(100)
  const latencies = new Latencies()
  let missing = 0
  for (const { reference, answeredAt } of stored) {
    for (let subscriber = 0; subscriber < SUBSCRIBER_COUNT; subscriber++) {
      const at = noted.get(`${subscriber} ${reference}`)
      if (at === undefined) missing++
      // A notice may be there before the writer has read its answer.
      else latencies.add(Math.max(0, at - answeredAt))
    }
  }
  return {
    ops_per_s: Number((stored.length / seconds).toFixed(1)),
    ...latencies.summary(),
    errors: sent.length - stored.length + missing + gapCount(),
    count: latencies.count,
    notices_missing: missing,
    gaps: gapCount(),
  }
}
