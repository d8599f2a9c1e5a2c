import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { openSockets } from './sockets.ts'

test.each(['//', '/fhir/metadata', 'http://'])('a connection that asks for %s is not taken', (url) => {
  const sockets = openSockets({} as never)
  const req = Object.assign(new IncomingMessage(new Socket()), { url })
  expect(sockets.upgrade(req, new PassThrough(), Buffer.alloc(0))).toBe(false)
})
