import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Door, NoAnswer, pauseOf } from './door.ts'

type Reply = { status: number; headers?: { [name: string]: string }; body?: unknown } | 'hang up'

let server: Server
let base: string
/** What the server answers to the next FHIR messages, in this order; then 201. */
let replies: Reply[]
let tokenReply: Reply
let received: { path: string; authorization: string | undefined }[]

beforeEach(async () => {
  replies = []
  received = []
  let tokens = 0
  tokenReply = { status: 200 }
  server = createServer((request: IncomingMessage, response) => {
    request.resume()
    const path = request.url ?? ''
    if (path.endsWith('smart-configuration'))
      return response.end(JSON.stringify({ token_endpoint: `${base}/auth/token` }))
    const isToken = path === '/auth/token'
    if (!isToken) received.push({ path, authorization: request.headers.authorization })
    const reply = isToken ? tokenReply : (replies.shift() ?? { status: 201 })
    if (reply === 'hang up') return response.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(JSON.stringify(reply.body ?? (isToken ? { access_token: `token-${++tokens}`, expires_in: 3600 } : {})))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

const client = () => ({ base, clientId: 'demo-service', clientSecret: 'demo-service-secret' })
const post = async () => (await Door.open(client())).post({ path: 'Observation', body: {} })

test.each<[string, Reply]>([
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
  ['503', { status: 503 }],
  ['a connection that is cut', 'hang up'],
])('after %s the message is sent again, until it arrives', async (_, reply) => {
  replies = [reply, { status: 503 }]
  expect(await post()).toMatchObject({ status: 201, attempts: 3 })
})

test('Retry-After is kept to', async () => {
  replies = [{ status: 429, headers: { 'retry-after': '1' } }]
  const startedAt = performance.now()
  await post()
  expect(performance.now() - startedAt).toBeGreaterThan(950)
})

test.each([400, 403, 412, 422])('%i is no matter of waiting: it is sent once', async (status) => {
  replies = [{ status }]
  expect(await post()).toMatchObject({ status, attempts: 1 })
})

test('an expired token is renewed, once', async () => {
  replies = [{ status: 401 }]
  expect(await post()).toMatchObject({ status: 201 })
  expect(received.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
})

test('a client that is not known is told in one line', async () => {
  tokenReply = { status: 401, body: { error: 'invalid_client', error_description: 'client authentication failed' } }
  await expect(Door.open(client())).rejects.toThrow(NoAnswer)
  await expect(Door.open(client())).rejects.toThrow(
    /^The server gives demo-service no token: client authentication failed/,
  )
})

test('no server is told in one line', async () => {
  await expect(Door.open({ ...client(), base: 'http://127.0.0.1:9' })).rejects.toThrow(/^No server answers at [^\n]+$/)
})

test('each pause is longer than the one before, up to a bound', () => {
  for (let attempt = 1; attempt < 20; attempt++) {
    expect(pauseOf(undefined, attempt)).toBeLessThanOrEqual(15_000)
    if (attempt < 6) expect(pauseOf(undefined, attempt + 1)).toBeGreaterThan(pauseOf(undefined, attempt) * 1.1)
  }
})
