import type { Request, Response } from 'express'
import { etag } from '../core/fhir/etag.ts'
import type { Reply } from '../exchange.ts'
import { readBytes } from './body.ts'
import { isFhirFormat } from './content-type.ts'

// A Binary is sent and read as what it holds, unless it is asked for as a resource. https://hl7.org/fhir/R4/binary.html#rest

const READ = /^Binary\/[^/$_]+(?:\/_history\/[^/]+)?$/
const WRITTEN = /^Binary(?:\/[^/$_]+)?$/

/** Whether the answer is to be the content itself: a Binary is read by who accepts something, and nothing of FHIR. */
export function wantsContent({ method, headers: { accept } }: Request, path: string, query: URLSearchParams): boolean {
  if (!READ.test(path) || (method !== 'GET' && method !== 'HEAD')) return false
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

/** A code of FHIR may hold signs and line breaks that no header may. */
const HEADER_TEXT = /^[\x20-\x7e]+$/

/** @returns false when the reply is no Binary with content, and is to be sent as any other */
export function sendContent(res: Response, { status, version }: Reply): boolean {
  if (status !== 200 || version?.text === undefined) return false
  const { contentType, data = '' } = JSON.parse(version.text) as { contentType: string; data?: string }
  const bytes = Buffer.from(data, 'base64')
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('ETag', etag(version.versionId))
  res.setHeader('Last-Modified', new Date(version.lastUpdated).toUTCString())
  res.setHeader('Content-Type', HEADER_TEXT.test(contentType) ? contentType : 'application/octet-stream')
  // Whoever stored it chose the type; a browser must neither guess another nor run it as a page of ours.
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
  return true
}
