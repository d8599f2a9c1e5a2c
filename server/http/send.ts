import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Response } from 'express'
import { etag } from '../core/fhir/etag.ts'
import { outcomeOfWrite } from '../core/fhir/outcome.ts'
import { returnOf } from '../core/fhir/prefer.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Reply, Rooms } from '../exchange.ts'
import { representAside } from '../representation/aside.ts'
import { PLAIN, type Representation, represent } from '../representation/represent.ts'
import { compressed, packingOf } from './compressed.ts'
import { CONTENT_TYPE } from './content-type.ts'

/** An interaction's reply as an HTTP response. A stored version is sent as the text that it is stored as. */
export async function sendReply(
  { definitions, baseUrl }: Rooms,
  res: Response,
  { status, version, text, located, warnings, isPlainJson, contentLocation, lines, headers = {} }: Reply,
  representation: Representation,
  prefer = '',
): Promise<void> {
  res.statusCode = status
  // Health data is not for anyone's disk.
  res.setHeader('Cache-Control', 'no-store')
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (lines) return sendLines(res, lines)
  if (contentLocation) res.setHeader('Content-Location', `${baseUrl}/${contentLocation}`)
  if (version) {
    res.setHeader('ETag', etag(version.versionId))
    res.setHeader('Last-Modified', new Date(version.lastUpdated).toUTCString())
    if (located) {
      const { type, id, versionId } = version
      res.setHeader('Location', `${baseUrl}/${type}/${id}/_history/${versionId}`)
    }
  }
  const body =
    status === 304 || status === 204 ? undefined : bodyOf(text ?? version?.text, located, { prefer, warnings })
  if (body === undefined) {
    res.end()
    return
  }
  if (isPlainJson) sendBytes(res, Buffer.from(body), 'application/json; charset=utf-8')
  else sendBytes(res, await written(definitions, body, representation), CONTENT_TYPE[representation.format])
}

const LINES_BYTES = 256 * 1024

/** As fast as the caller takes them. What fails on the way ends the connection: what was sent is not taken for all of it. */
async function sendLines(res: Response, lines: AsyncIterable<string>): Promise<void> {
  res.setHeader('Content-Type', 'application/fhir+ndjson; charset=utf-8')
  // Not in object mode: what is buffered counts in bytes.
  const text = Readable.from(lines, { objectMode: false, highWaterMark: LINES_BYTES })
  const packing = packingOf(res)
  await (packing ? pipeline(text, packing, res) : pipeline(text, res)).catch((error: NodeJS.ErrnoException) => {
    // The caller has gone away, which is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

/** More is written aside: it would take longer than ten milliseconds. */
const WRITTEN_CHARS_MAX = 64 * 1024

/** In the way that was asked for. What is asked for as it is stored is not parsed. */
async function written(definitions: Definitions, text: string, representation: Representation): Promise<Uint8Array> {
  if (isAsStored(representation)) return Buffer.from(text)
  return text.length > WRITTEN_CHARS_MAX
    ? representAside(text, representation)
    : Buffer.from(represent(definitions, text, representation))
}

const isAsStored = ({ format, pretty }: Representation) => format === 'json' && !pretty

/** After a write the caller may say what to send back. https://hl7.org/fhir/R4/http.html#ops */
function bodyOf(
  text: string | undefined,
  located: boolean | undefined,
  { prefer, warnings = [] }: { prefer: string; warnings: Reply['warnings'] },
): string | undefined {
  if (!located) return text
  const wanted = returnOf(prefer)
  if (wanted === 'minimal') return undefined
  return wanted === 'OperationOutcome' ? JSON.stringify(outcomeOfWrite(warnings)) : text
}

/** A refusal or a fault, in the way that the caller asked for, as far as that is known by now. */
export function sendOutcome(definitions: Definitions, res: Response, status: number, outcome: OperationOutcome): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  res.statusCode = status
  if ((status === 503 || status === 429) && !res.hasHeader('Retry-After')) res.setHeader('Retry-After', '2')
  res.setHeader('Cache-Control', 'no-store')
  const { representation = PLAIN } = res.locals as { representation?: Representation }
  const text = JSON.stringify(outcome)
  const shown = isAsStored(representation) ? text : represent(definitions, text, representation)
  sendBytes(res, Buffer.from(shown), CONTENT_TYPE[representation.format])
}

/** Encoded once: its length is known then, and the socket takes bytes as they are. */
function sendBytes(res: Response, bytes: Uint8Array, contentType: string): void {
  res.setHeader('Content-Type', contentType)
  if (compressed(res, bytes)) return
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
}
