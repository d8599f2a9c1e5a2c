import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Response } from 'express'
import type { Definitions } from '../definitions/definitions.ts'
import type { Reply, Rooms } from '../exchange.ts'
import { etag } from '../fhir/etag.ts'
import { PLAIN, type Representation, represent } from '../representation/represent.ts'
import { compressed } from './compressed.ts'
import { CONTENT_TYPE } from './content-type.ts'

/** An interaction's reply as an HTTP response. A stored version is sent as the text that it is stored as. */
export function sendReply(
  { definitions, baseUrl }: Rooms,
  res: Response,
  { status, version, text, located, isPlainJson }: Reply,
  representation: Representation,
  prefer = '',
): void {
  res.statusCode = status
  // Health data is not for anyone's disk.
  res.setHeader('Cache-Control', 'no-store')
  if (version) {
    res.setHeader('ETag', etag(version.versionId))
    res.setHeader('Last-Modified', new Date(version.lastUpdated).toUTCString())
    if (located) {
      const { type, id, versionId } = version
      res.setHeader('Location', `${baseUrl}/${type}/${id}/_history/${versionId}`)
    }
  }
  const body = status === 304 || status === 204 ? undefined : bodyOf(text ?? version?.text, located, prefer)
  if (body === undefined) {
    res.end()
    return
  }
  if (isPlainJson) sendBytes(res, Buffer.from(body), 'application/json; charset=utf-8')
  else sendText(definitions, res, body, representation)
}

/** After a write the caller may say what to send back. https://hl7.org/fhir/R4/http.html#ops */
function bodyOf(text: string | undefined, located: boolean | undefined, prefer: string): string | undefined {
  if (!located) return text
  const wanted = /\breturn\s*=\s*"?(\w+)/.exec(prefer)?.[1]
  if (wanted === 'minimal') return undefined
  return wanted === 'OperationOutcome' ? DONE : text
}

const DONE = JSON.stringify({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Done.' }],
} satisfies OperationOutcome)

/** A refusal or a fault, in the way that the caller asked for, as far as that is known by now. */
export function sendOutcome(definitions: Definitions, res: Response, status: number, outcome: OperationOutcome): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  res.statusCode = status
  if (status === 503 || status === 429) res.setHeader('Retry-After', '2')
  res.setHeader('Cache-Control', 'no-store')
  const { representation = PLAIN } = res.locals as { representation?: Representation }
  sendText(definitions, res, JSON.stringify(outcome), representation)
}

/** Encoded once: its length is known then, and the socket takes bytes as they are. What is asked for as it is stored is not parsed. */
function sendText(definitions: Definitions, res: Response, text: string, representation: Representation): void {
  const { format, pretty } = representation
  const bytes = Buffer.from(format === 'json' && !pretty ? text : represent(definitions, text, representation))
  sendBytes(res, bytes, CONTENT_TYPE[format])
}

function sendBytes(res: Response, bytes: Buffer, contentType: string): void {
  res.setHeader('Content-Type', contentType)
  if (compressed(res, bytes)) return
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
}
