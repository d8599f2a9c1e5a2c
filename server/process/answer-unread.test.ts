import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { answerUnread } from './answer-unread.ts'

let server: Server
beforeAll(async () => {
  server = createServer((_, res) => res.end('read')).on('clientError', answerUnread)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const answerTo = (request: string) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end(request)
  return text(socket)
}
const get = (address: string) => `GET ${address} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`

test.each([
  [
    'an address with letters beyond ASCII',
    get('/fhir/Patient?name=Kåre'),
    '400 Bad Request',
    'invalid',
    'percent-encoded',
  ],
  ['what is no HTTP', 'hello\r\n\r\n', '400 Bad Request', 'invalid', 'no HTTP request'],
  [
    'a long address',
    get(`/fhir?_id=${'a'.repeat(20_000)}`),
    '431 Request Header Fields Too Large',
    'too-long',
    'POST _search',
  ],
])('%s is told what is wrong with it', async (_, request, status, code, words) => {
  const [head = '', body = ''] = (await answerTo(request)).split('\r\n\r\n')
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`)
  const { resourceType, issue } = JSON.parse(body)
  expect([resourceType, issue[0].code]).toEqual(['OperationOutcome', code])
  expect(issue[0].diagnostics).toContain(words)
})

test('a request that does not come whole in time is told so', async () => {
  const socket = new PassThrough()
  answerUnread(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 .*"OperationOutcome".*"timeout"/s)
})

test.each([
  ['half sent', { headersSent: true, writableFinished: false }, true],
  ['whole', { headersSent: true, writableFinished: true }, false],
  ['not begun', { headersSent: false, writableFinished: false }, false],
])('an answer that is %s: nothing is written into the middle of it', (_, answering, isCut) => {
  const socket = new PassThrough()
  answerUnread(Object.assign(new Error(), { code: 'HPE_INVALID_METHOD' }), socket, answering)
  expect([socket.destroyed, socket.readableLength > 0]).toEqual([isCut, !isCut])
})

test('a request that can be read is left to the handler', async () => {
  expect(await answerTo(get('/fhir/Patient?name=K%C3%A5re'))).toMatch(/^HTTP\/1\.1 200 .*read$/s)
})
