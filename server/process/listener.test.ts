import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Listener, listen } from './listener.ts'

const UPGRADE = 'GET // HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

let port: number
let listener: Listener
beforeAll(async () => {
  port = await freePort()
  listener = await listen('127.0.0.1', port)
})
afterAll(() => listener.drain(0))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('a connection that asks for another protocol, which nobody takes over, is refused and ended', async () => {
  listener.upgradeWith(() => false)
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(UPGRADE)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
  socket.destroy()
})

test('one whose caller is gone ends nothing but itself', async () => {
  const refused = new Promise<Duplex>((resolve) =>
    listener.upgradeWith((_, socket) => {
      resolve(socket)
      return false
    }),
  )
  const caller = connect(port, '127.0.0.1')
    .on('error', () => {})
    .resume()
  caller.write(UPGRADE)
  const socket = await refused
  expect(socket.listenerCount('error')).toBeGreaterThan(0)
  socket.destroy(new Error('ECONNRESET'))
  await once(caller, 'close')
})
