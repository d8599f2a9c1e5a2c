import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Response } from 'express'
import type { Reply } from '../exchange.ts'
import { etag } from '../fhir/etag.ts'
import { FHIR_JSON } from './content-type.ts'

/** An interaction's reply as an HTTP response. A stored version is sent as the text that it is stored as. */
export function sendReply(
  res: Response,
  { status, version, text, located }: Reply,
  baseUrl: string,
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
  sendText(res, body)
}

/** After a write the caller may say what to send back. https://hl7.org/fhir/R4/http.html#ops */
function bodyOf(text: string | undefined, located: boolean | undefined, prefer: string): string | undefined {
  if (!located) return text
  const wanted = /\breturn\s*=\s*(\w+)/.exec(prefer)?.[1]
  if (wanted === 'minimal') return undefined
  return wanted === 'OperationOutcome' ? DONE : text
}

const DONE = JSON.stringify({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Done.' }],
} satisfies OperationOutcome)

export function sendOutcome(res: Response, status: number, outcome: OperationOutcome): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  res.statusCode = status
  if (status === 503 || status === 429) res.setHeader('Retry-After', '2')
  res.setHeader('Cache-Control', 'no-store')
  sendText(res, JSON.stringify(outcome))
}

/** Encoded once: its length is known then, and the socket takes bytes as they are. */
function sendText(res: Response, text: string): void {
  const bytes = Buffer.from(text)
  res.setHeader('Content-Type', FHIR_JSON)
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
}
