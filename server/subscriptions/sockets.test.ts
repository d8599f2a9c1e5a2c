import { once } from 'node:events'
import { createServer, IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import WebSocket from 'ws'
import { openSockets, type SocketLimits, type Sockets } from './sockets.ts'

const LIMITS: SocketLimits = { socketCountMax: 2, queuedCountMax: 3, bindMilliseconds: 60_000 }

/** Holds the question for a token until it is let go. */
let letGo: () => void
let askedCount: number
let server: Server
let sockets: Sockets
const callers: WebSocket[] = []
beforeEach(() => {
  askedCount = 0
})
afterEach(async () => {
  letGo?.()
  for (const caller of callers.splice(0)) caller.terminate()
  await sockets.close()
  server?.close()
})

async function open(limits: Partial<SocketLimits> = {}): Promise<void> {
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const pool = {
    connect: async () => Object.assign(new PassThrough(), { query: async () => {}, release: () => {} }),
    query: async () => {
      askedCount += 1
      await held
      return { rows: [] }
    },
  }
  sockets = openSockets({ pool, log: { warn: () => {} } } as never, { ...LIMITS, ...limits })
  server = createServer().on('upgrade', (req, socket, head) => sockets.upgrade(req, socket, head))
  await once(server.listen(0, '127.0.0.1'), 'listening')
}

function call(): WebSocket {
  const caller = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/subscriptions/socket`)
  callers.push(caller)
  return caller
}
const called = async (): Promise<WebSocket> => {
  const caller = call()
  await once(caller, 'open')
  return caller
}
const endOf = async (caller: WebSocket): Promise<string> => {
  const [code, reason] = await once(caller, 'close')
  return `${code} ${reason}`
}

test.each(['//', '/fhir/metadata', 'http://'])('a connection that asks for %s is not taken', (url) => {
  sockets = openSockets({} as never)
  const req = Object.assign(new IncomingMessage(new Socket()), { url })
  expect(sockets.upgrade(req, new PassThrough(), Buffer.alloc(0))).toBe(false)
})

test('a socket by which nothing is bound in time is closed', async () => {
  await open({ bindMilliseconds: 50 })
  expect(await endOf(await called())).toBe('1008 Nothing was bound in time.')
})

test('there are so many sockets and no more, until one of them has gone', async () => {
  await open()
  const [first] = [await called(), await called()]
  const refused = call()
  const [error] = await once(refused, 'error')
  expect(error.message).toBe('Unexpected server response: 503')
  first?.close()
  await once(first as WebSocket, 'close')
  await called()
})

test('of messages that come faster than they are looked at so many wait and no more, and for a closed socket nothing is looked at', async () => {
  await open()
  const caller = await called()
  for (let n = 0; n < 50; n++) caller.send(`bind-with-token ${n}`)
  expect(await endOf(caller)).toBe('1008 Too many messages at once.')
  letGo()
  await sockets.close()
  expect(askedCount).toBeLessThanOrEqual(1)
})

test('once the server goes away nobody is let in any more', async () => {
  await open()
  const caller = await called()
  const end = endOf(caller)
  await sockets.close()
  expect(await end).toMatch(/^1001|^1006/)
  const [error] = await once(call(), 'error')
  expect(error.message).toBe('Unexpected server response: 503')
})
