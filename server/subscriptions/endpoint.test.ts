import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { headerFault, parseHeader } from './channel-header.ts'
import { createDeliver, DeliveryFailure, lookupPublic } from './deliver.ts'
import { endpointFault, isPublicAddress } from './endpoint.ts'
import { waitMillis } from './send.ts'

test.each([
  ...[
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ],
  ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1', '::ffff:127.0.0.1'],
  ...['::ffff:7f00:1', '64:ff9b::a00:1', '2001:db8::1', '2002:7f00:1::1', 'localhost', ''],
])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false))

test.each(['8.8.8.8', '193.212.1.10', '172.15.0.1', '172.32.0.1', '2a00:1450:400f:80d::200e'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

const nobody = () => false
test.each([
  ['https://subscriber.example.no/hook', undefined],
  ['http://subscriber.example.no/hook', 'must be an https address'],
  ['ftp://subscriber.example.no/', 'is asked by https, not by ftp:'],
  ['https://kari:secret@subscriber.example.no/', 'must not hold a password; a header may'],
  ['https://127.0.0.1/', 'is at an address that is not public'],
  ['https://2130706433/', 'is at an address that is not public'],
  ['https://0x7f.1/', 'is at an address that is not public'],
  ['https://[::ffff:10.0.0.1]/', 'is at an address that is not public'],
  ['https://localhost/', 'is at an address that is not public'],
])('of an endpoint %s: %s', (url, fault) => expect(endpointFault(new URL(url), nobody)).toBe(fault))

test('a host that the operator has named may be private and without TLS', () =>
  expect(endpointFault(new URL('http://127.0.0.1:9/'), ({ host }) => host === '127.0.0.1:9')).toBeUndefined())

test('a name that leads to a private address is refused where the connection is made, and the address is no other then', async () => {
  const looked = new Promise((resolve, reject) =>
    lookupPublic('localhost', { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )
  await expect(looked).rejects.toThrow('The endpoint is at an address that is not public.')
})

test.each([
  ['Authorization: Bearer abc', undefined],
  ['X-Api-Key: abc', undefined],
  ['Host: elsewhere', 'The header Host is not sent; Authorization and X-… are.'],
  ['X-Forwarded-For: 1.2.3.4', 'The header X-Forwarded-For is not sent; Authorization and X-… are.'],
  ['Content-Length: 0', 'The header Content-Length is not sent; Authorization and X-… are.'],
  ['X-A: b\r\nHost: c', 'A header is written Name: value, on one line of at most 4096 characters.'],
  ['no header', 'A header is written Name: value, on one line of at most 4096 characters.'],
])('of a header %j: %s', (header, fault) => expect(headerFault(header, 0)).toBe(fault))

test('a header is read as name and value', () => expect(parseHeader('X-A:  b c ')).toEqual(['X-A', 'b c']))

test('it is tried again twice as late each time, within a bound, and not by all at once', () => {
  const retry = { attemptCountMax: 9, firstMillis: 1_000, longestMillis: 60_000 }
  expect([1, 2, 3, 20].map((failures) => waitMillis(retry, failures, () => 1))).toEqual([1_000, 2_000, 4_000, 60_000])
  expect(waitMillis(retry, 3, () => 0)).toBe(2_000)
})

describe('a receiver', () => {
  let address = ''
  const server = createServer((req, res) => {
    if (req.url === '/moved') res.writeHead(302, { location: '/taken' }).end()
    else if (req.url === '/endless') {
      res.writeHead(200)
      const more = () => {
        while (!res.destroyed && res.write(Buffer.alloc(16_384)));
      }
      res.on('drain', more)
      more()
    } else if (req.url === '/silent') res.on('close', () => {})
    else res.end()
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const send = async (path: string, mayUse = (_: URL) => true) => {
    const deliver = createDeliver(mayUse)
    const sending = { method: 'POST' as const, headers: [], timeoutMillis: path === '/silent' ? 50 : 10_000 }
    await deliver({ ...sending, url: new URL(address + path) }).finally(deliver.close)
  }

  test('that takes it has it', () => expect(send('/taken')).resolves.toBeUndefined())
  test.each([
    ['/moved', 'The receiver answered with 302.'],
    ['/endless', 'The receiver answered with too much.'],
    ['/silent', 'The receiver did not answer within 0.05 s.'],
  ])('%s: %s', async (path, message) => {
    await expect(send(path)).rejects.toThrow(new DeliveryFailure(message))
  })
  test('at an address that nobody has named is not asked', () =>
    expect(send('/taken', nobody)).rejects.toThrow('The endpoint must be an https address.'))
})
