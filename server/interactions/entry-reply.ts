import { randomUUID } from 'node:crypto'
import { etag } from '../core/fhir/etag.ts'
import { outcomeOfWrite, toOutcome } from '../core/fhir/outcome.ts'
import type { ReturnWanted } from '../core/fhir/prefer.ts'
import type { Reply } from '../exchange.ts'

const PHRASE: Record<number, string> = { 200: 'OK', 201: 'Created', 204: 'No Content', 304: 'Not Modified' }

/** One entry of a batch-response or transaction-response, as JSON text. @param wanted what was written is sent back too, or what it was worth a warning */
export function replyEntry(baseUrl: string, reply: Reply, wanted: ReturnWanted): string {
  const { status, version, text, located, warnings } = reply
  const response = {
    status: PHRASE[status] ? `${status} ${PHRASE[status]}` : String(status),
    ...(version && located
      ? { location: `${baseUrl}/${version.type}/${version.id}/_history/${version.versionId}` }
      : {}),
    ...(version ? { etag: etag(version.versionId), lastModified: version.lastUpdated } : {}),
    ...(wanted === 'OperationOutcome' && warnings ? { outcome: outcomeOfWrite(warnings) } : {}),
  }
  // What a search or an operation answers by POST is no less an answer than what a GET does.
  const isWrite = located || status === 204
  const body =
    isWrite && wanted !== 'representation' ? undefined : (text ?? (status === 304 ? undefined : version?.text))
  const fullUrl = version ? `"fullUrl":"${baseUrl}/${version.type}/${version.id}",` : ''
  return `{${fullUrl}${body ? `"resource":${body},` : ''}"response":${JSON.stringify(response)}}`
}

/** What became of an entry that was refused, or that we failed at. */
export function refusedEntry(error: unknown, report: (error: unknown, requestId: string) => void): string {
  const requestId = randomUUID()
  const { status, outcome } = toOutcome(error, requestId)
  if (status >= 500) report(error, requestId)
  return JSON.stringify({ response: { status: String(status), outcome } })
}
