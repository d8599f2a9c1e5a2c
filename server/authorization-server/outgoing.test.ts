import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOutgoing } from './outgoing.ts'

let server: Server
let host: string
beforeAll(async () => {
  server = createServer((req, res) => {
    if (req.url === '/away') res.writeHead(302, { location: '/keys' }).end()
    else res.end('keys')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

/** What the library brings to keep us from private addresses, as far as it matters here: it refuses this one. */
const guarded = () => {
  const dispatch = () => {
    throw new Error('a private address')
  }
  return { dispatcher: { dispatch } } as RequestInit
}
const read = async (named: string[], path = '/keys') =>
  (await createOutgoing(named).fetchFromLibrary(`http://${host}${path}`, guarded())).text()

test('a host at a private address is asked only if it was named, with its port or for every one', async () => {
  await expect(read([])).rejects.toThrow()
  await expect(read(['127.0.0.2', 'localhost'])).rejects.toThrow()
  await expect(read([host])).resolves.toBe('keys')
  await expect(read(['127.0.0.1'])).resolves.toBe('keys')
})

test('nobody is led on to another address, not even by a host that was named', async () => {
  await expect(read([host], '/away')).rejects.toThrow()
})
