import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { outcomeOf } from '../core/fhir/outcome.ts'

type Unread = { status: string; code: 'invalid' | 'timeout' | 'too-long'; diagnostics: string }

const TOO_LARGE: Unread = {
  status: '431 Request Header Fields Too Large',
  code: 'too-long',
  diagnostics: 'The address and headers together may be 16 KiB; send a long search by POST _search.',
}
const TOO_SLOW: Unread = {
  status: '408 Request Timeout',
  code: 'timeout',
  diagnostics: 'The request has not come whole in time.',
}
const NO_HTTP: Unread = {
  status: '400 Bad Request',
  code: 'invalid',
  diagnostics: 'This is no HTTP request: characters beyond ASCII in its address, for example, must be percent-encoded.',
}

/**
 * Answers what Node could not read as a request, so that no handler sees it. Left to itself Node sends a status and nothing else,
 * and whoever typed `?name=Kåre` would not learn what is wrong.
 * @param answering what was last answered on this connection; where that is half sent, nothing may be written into it
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function answerUnread(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  answering?: Pick<ServerResponse, 'headersSent' | 'writableFinished'>,
): void {
  const isHalfSent = answering?.headersSent && !answering.writableFinished
  if (error.code === 'ECONNRESET' || !socket.writable || isHalfSent) {
    socket.destroy()
    return
  }
  const { status, code, diagnostics } = reasonOf(error)
  const body = JSON.stringify(outcomeOf([{ severity: 'error', code, diagnostics }]))
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function reasonOf({ code }: NodeJS.ErrnoException): Unread {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return TOO_LARGE
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return TOO_SLOW
    default:
      return NO_HTTP
  }
}
