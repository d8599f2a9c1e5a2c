/** What came back for one request. */
export type Answer = { status: number; headers: Map<string, string>; body: Buffer }

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const EMPTY = Buffer.alloc(0)

/** An answer, or how many bytes there must at least be before it is worth looking again. */
export type Parsed = { answer: Answer } | { bytesNeeded: number }

/**
 * Reads one whole HTTP/1.1 response from what has been received so far.
 * @throws Error when it is no such response, or when more came than was asked for
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
 */
export function parseAnswer(received: Buffer): Parsed {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd < 0) return { bytesNeeded: received.length + 1 }
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1])
  if (!status) throw new Error(`not an HTTP/1.1 response: ${statusLine.slice(0, 80)}`)
  const headers = new Map(lines.map(toHeader))
  const bodyStart = headEnd + HEAD_END.length
  if (status === 204 || status === 304) return whole({ status, headers, body: EMPTY }, received, bodyStart)
  if (headers.get('transfer-encoding') === 'chunked') {
    const chunks = readChunks(received, bodyStart)
    if ('bytesNeeded' in chunks) return chunks
    return whole({ status, headers, body: chunks.body }, received, chunks.end)
  }
  const length = Number(headers.get('content-length'))
  if (!Number.isInteger(length)) throw new Error('the response does not say how long it is')
  const end = bodyStart + length
  if (received.length < end) return { bytesNeeded: end }
  return whole({ status, headers, body: received.subarray(bodyStart, end) }, received, end)
}

function whole(answer: Answer, received: Buffer, end: number): Parsed {
  if (received.length > end) throw new Error('more came than one response')
  return { answer }
}

function toHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

/** https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding; trailers are not sent by anyone we call. */
function readChunks(received: Buffer, start: number): { body: Buffer; end: number } | { bytesNeeded: number } {
  const parts: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = received.indexOf(LINE_END, at)
    if (lineEnd < 0) return { bytesNeeded: received.length + 1 }
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16)
    if (!Number.isInteger(size)) throw new Error('a chunk without a size')
    const data = lineEnd + LINE_END.length
    const next = data + size + LINE_END.length
    if (received.length < next) return { bytesNeeded: next }
    if (size === 0) return { body: Buffer.concat(parts), end: next }
    parts.push(received.subarray(data, data + size))
    at = next
  }
}
