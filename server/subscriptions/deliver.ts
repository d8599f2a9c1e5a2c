import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { endpointFault, isPublicAddress } from './endpoint.ts'

export type Sending = {
  url: URL
  method: 'POST' | 'PUT'
  headers: readonly [name: string, value: string][]
  /** Absent: an empty body. */
  body?: { type: string; text: string | Uint8Array }
  timeoutMillis: number
}

/** Sends, and waits until it is taken. @throws DeliveryFailure */
export type Deliver = (sending: Sending) => Promise<void>

/** Why it was not taken, in words for the owner and the operator: nothing of what the receiver has said, which may hold data. */
export class DeliveryFailure extends Error {
  /** What the receiver answered with; undefined where it did not answer. */
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/** What a receiver says with it is not looked at; a receiver that says more is cut off. */
const ANSWER_BYTES_MAX = 64 * 1024
const SOCKETS = { keepAlive: true, maxSockets: 32, maxFreeSockets: 8, timeout: 30_000 }

/**
 * Sends to addresses that callers have named, and reaches nothing by it that they could not: by TLS and at public addresses alone, looked
 * at after the name was resolved and used as they were looked at, without following redirects.
 * @param mayUse hosts that the operator has named, which may be private and without TLS
 */
export function createDeliver(mayUse: (url: URL) => boolean): Deliver & { close(): void } {
  const agents = { open: agentsOf(), named: agentsOf() }
  const deliver: Deliver = async (sending) => {
    const { url } = sending
    const wrong = endpointFault(url, mayUse)
    if (wrong) throw new DeliveryFailure(`The endpoint ${wrong}.`)
    const isNamed = mayUse(url)
    const isTls = url.protocol === 'https:'
    const of = isNamed ? agents.named : agents.open
    await send(sending, {
      request: isTls ? https.request : http.request,
      agent: isTls ? of.https : of.http,
      ...(isNamed ? {} : { lookup: lookupPublic }),
    })
  }
  return Object.assign(deliver, {
    close() {
      for (const pair of [agents.open, agents.named]) {
        pair.http.destroy()
        pair.https.destroy()
      }
    },
  })
}

const agentsOf = () => ({ http: new http.Agent(SOCKETS), https: new https.Agent(SOCKETS) })

/** The addresses of a name, all of which must be public: the connection is made to one of these, and the name is not asked again. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { all: true }).then(
    (addresses) => {
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
        const refusal = new DeliveryFailure('The endpoint is at an address that is not public.')
        return callback(refusal as NodeJS.ErrnoException, '', 4)
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    },
    (error: NodeJS.ErrnoException) => callback(error, '', 4),
  )
}

type Way = { request: typeof http.request; agent: http.Agent; lookup?: LookupFunction }

function send({ url, method, headers, body, timeoutMillis }: Sending, { request, ...way }: Way): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = body?.text ?? ''
    const sent = request(url, {
      ...way,
      method,
      headers: {
        ...Object.fromEntries(headers),
        ...(body ? { 'content-type': body.type } : {}),
        'content-length': Buffer.byteLength(text),
        'user-agent': 'Fylgje',
      },
      signal: AbortSignal.timeout(timeoutMillis),
    })
    sent.on('error', (error: NodeJS.ErrnoException) => reject(toFailure(error, timeoutMillis)))
    sent.on('response', (answer) => {
      let byteCount = 0
      answer.on('data', (chunk: Buffer) => {
        byteCount += chunk.length
        if (byteCount > ANSWER_BYTES_MAX) sent.destroy(new DeliveryFailure('The receiver answered with too much.'))
      })
      answer.on('error', (error) => reject(toFailure(error, timeoutMillis)))
      answer.on('end', () => {
        const { statusCode = 0 } = answer
        if (statusCode >= 200 && statusCode < 300) resolve()
        else reject(new DeliveryFailure(`The receiver answered with ${statusCode}.`, statusCode))
      })
    })
    sent.end(text)
  })
}

function toFailure(error: NodeJS.ErrnoException, timeoutMillis: number): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new DeliveryFailure(`The receiver did not answer within ${timeoutMillis / 1000} s.`)
  return new DeliveryFailure(`The receiver could not be reached (${error.code ?? error.name}).`)
}
