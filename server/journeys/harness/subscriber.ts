import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Parameters, ParametersParameter } from '@medplum/fhirtypes'

/** What came to a subscriber in one request. */
export type Notice = { method: string; path: string; headers: IncomingHttpHeaders; text: string }

/** A receiver of notices on this machine, which can be told to refuse. */
export type Subscriber = {
  /** `http://127.0.0.1:…/path` */
  at(path: string): string
  received: Notice[]
  /** What it answers, by path; 200 where nothing is said. */
  answers: Map<string, number>
  /** Waits until what has come to this path is enough. @returns all that came there */
  until(path: string, isEnough: (notices: Notice[]) => boolean): Promise<Notice[]>
  stop(): Promise<void>
}

const MILLISECONDS_MAX = 30_000

export async function startSubscriber(): Promise<Subscriber> {
  const received: Notice[] = []
  const answers = new Map<string, number>()
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { method = '', url: path = '', headers } = req
      received.push({ method, path, headers, text: Buffer.concat(chunks).toString() })
      const status = answers.get(path) ?? 200
      res.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    received,
    answers,
    at: (path) => base + path,
    async until(path, isEnough) {
      const deadline = Date.now() + MILLISECONDS_MAX
      for (;;) {
        const notices = received.filter((one) => one.path === path || one.path.startsWith(`${path}/`))
        if (isEnough(notices)) return notices
        if (Date.now() > deadline) throw new Error(`not enough came to ${path}: ${JSON.stringify(notices)}`)
        await sleep(15)
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The status of a notice, by the names of its parameters. */
export function statusOf({ text }: Pick<Notice, 'text'>): {
  type: string
  status: string
  events: Event[]
  bundle: Bundle
} {
  const bundle = JSON.parse(text) as Bundle
  const { parameter = [] } = (bundle.entry?.[0]?.resource ?? {}) as Partial<Parameters>
  const code = (name: string) => parameter.find((one) => one.name === name)?.valueCode ?? ''
  const events = parameter.filter(({ name }) => name === 'notification-event').map(toEvent)
  return { type: code('type'), status: code('status'), events, bundle }
}

export type Event = { number: string; focus: string | undefined }

function toEvent({ part = [] }: ParametersParameter): Event {
  const find = (name: string) => part.find((one) => one.name === name)
  return { number: find('event-number')?.valueString ?? '', focus: find('focus')?.valueReference?.reference }
}

export const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** A Subscription of the backport. */
export const subscription = (
  topic: string,
  { filters = [], content = 'id-only', ...channel }: { filters?: string[]; content?: string; [more: string]: unknown },
) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'test',
  criteria: `http://fylgje.no/fhir/SubscriptionTopic/${topic}`,
  ...(filters.length > 0
    ? {
        _criteria: {
          extension: filters.map((one) => ({ url: `${BACKPORT}/backport-filter-criteria`, valueString: one })),
        },
      }
    : {}),
  channel: {
    type: 'rest-hook',
    payload: 'application/fhir+json',
    _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: content }] },
    ...channel,
  },
})
