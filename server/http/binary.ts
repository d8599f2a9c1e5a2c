import type { Request, Response } from 'express'
import { etag } from '../core/fhir/etag.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Reply } from '../exchange.ts'
import { readBytes } from './body.ts'
import { isFhirFormat } from './content-type.ts'

// A Binary is sent and read as what it holds, unless it is asked for as a resource. https://hl7.org/fhir/R4/binary.html#rest

const READ = /^Binary\/[^/$_]+(?:\/_history\/[^/]+)?$/
/** An operation whose answer is a Binary. */
const PRINTED = /^[A-Z][A-Za-z]+\/[^/$_]+\/\$pdf$/
const WRITTEN = /^Binary(?:\/[^/$_]+)?$/

/** Whether the answer is to be the content itself: a Binary is read by who accepts something, and nothing of FHIR. */
export function wantsContent({ method, headers: { accept } }: Request, path: string, query: URLSearchParams): boolean {
  if ((!READ.test(path) && !PRINTED.test(path)) || (method !== 'GET' && method !== 'HEAD')) return false
  if (accept === undefined || query.has('_format')) return false
  return !accept.split(',').some((range) => isFhirFormat(range) || /^\s*(?:\*|application)\/\*/.test(range))
}

/** Whether the body is the content of a Binary, and no resource. */
export function bringsContent({ method, headers }: Request, path: string): boolean {
  if (!WRITTEN.test(path) || (method !== 'POST' && method !== 'PUT')) return false
  const contentType = headers['content-type']
  return contentType !== undefined && !isFhirFormat(contentType)
}

/** The Binary that holds the body. `X-Security-Context` says whose access it follows. */
export async function readContent(req: Request, res: Response, bytesMax: number, id: string): Promise<object> {
  const bytes = await readBytes(req, res, bytesMax)
  const securityContext = req.headers['x-security-context']
  return {
    resourceType: 'Binary',
    ...(id === '' ? {} : { id }),
    contentType: req.headers['content-type'],
    ...(typeof securityContext === 'string' ? { securityContext: { reference: securityContext } } : {}),
    data: Buffer.from(bytes).toString('base64'),
  }
}

const mediaType = (header: string): string => (header.split(';', 1)[0] ?? '').trim().toLowerCase()

/** Who takes bytes of any kind takes these. */
function takes(accept: string, contentType: string): boolean {
  const type = mediaType(contentType)
  return accept.split(',').some((range) => {
    if (/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(range)) return false
    const taken = mediaType(range)
    return (
      taken === type ||
      taken === 'application/octet-stream' ||
      (taken.endsWith('/*') && type.startsWith(taken.slice(0, -1)))
    )
  })
}

const notTaken = (accept: string, contentType: string) =>
  new Refusal(
    [{ severity: 'error', code: 'not-supported', diagnostics: `The content is ${contentType}, and not ${accept}.` }],
    406,
  )

/** A code of FHIR may hold signs and line breaks that no header may. */
const HEADER_TEXT = /^[\x20-\x7e]+$/

/**
 * @param accept the header, which takes something that is no format of FHIR
 * @returns false when the reply is no Binary with content, and is to be sent as any other
 * @throws Refusal with 406 when the content is of a type that the caller does not take
 */
export function sendContent(res: Response, { status, version, text = version?.text }: Reply, accept = ''): boolean {
  if (status !== 200 || text === undefined) return false
  const { contentType, data = '' } = JSON.parse(text) as { contentType: string; data?: string }
  if (!takes(accept, contentType)) throw notTaken(accept, contentType)
  const bytes = Buffer.from(data, 'base64')
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  if (version) {
    res.setHeader('ETag', etag(version.versionId))
    res.setHeader('Last-Modified', new Date(version.lastUpdated).toUTCString())
  }
  res.setHeader('Content-Type', HEADER_TEXT.test(contentType) ? contentType : 'application/octet-stream')
  // Whoever stored it chose the type; a browser must neither guess another nor run it as a page of ours.
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
  return true
}
