import { constants, createGzip, type Gzip, gzip } from 'node:zlib'
import type { Response } from 'express'

/** Below it, the reading of one resource, packing takes longer than it saves; a page of a search is far above. */
const BYTES_MIN = 4_096
/** A page packs to a tenth at any level; higher ones cost three times as much for little. */
const LEVEL = 3

/**
 * Sends `bytes` packed, where the caller takes gzip and it is worth it. The work is done beside the event loop.
 * @returns false when they are still to be sent
 */
export function compressed(res: Response, bytes: Uint8Array): boolean {
  if (bytes.length < BYTES_MIN) return false
  res.vary('Accept-Encoding')
  if (!takesGzip(String(res.req.headers['accept-encoding'] ?? '')) || res.req.method === 'HEAD') return false
  gzip(bytes, { level: LEVEL }, (error, packed) => {
    if (!error) res.setHeader('Content-Encoding', 'gzip')
    const sent = error ? bytes : packed
    res.setHeader('Content-Length', sent.length)
    res.end(sent)
  })
  return true
}

/** Packs what is sent as it comes, where the caller takes gzip. */
export function packingOf(res: Response): Gzip | undefined {
  res.vary('Accept-Encoding')
  if (!takesGzip(String(res.req.headers['accept-encoding'] ?? '')) || res.req.method === 'HEAD') return undefined
  res.setHeader('Content-Encoding', 'gzip')
  // What there is goes out at once: a page of an export, and what the report of an import tells.
  return createGzip({ level: LEVEL, flush: constants.Z_SYNC_FLUSH })
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
function takesGzip(acceptEncoding: string): boolean {
  const codings = acceptEncoding.split(',').map((coding) => coding.trim().toLowerCase())
  return codings.some((coding) => /^(?:gzip|\*)\s*(?:;|$)/.test(coding) && !/;\s*q=0(?:\.0*)?$/.test(coding))
}
