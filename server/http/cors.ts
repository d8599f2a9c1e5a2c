import type { NextFunction, Request, RequestHandler, Response } from 'express'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const HEADERS =
  'Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Request-Id'
/** What a page may read of an answer, beyond what every page may. */
const EXPOSED = 'Content-Location, ETag, Last-Modified, Location, WWW-Authenticate, X-Request-Id'
const MAX_AGE_SECONDS = '600'

/** What says how to begin, and nothing of anybody. */
const PUBLIC = new Set(['/metadata', '/.well-known/smart-configuration'])

/**
 * Which pages of other origins may call from a browser: any for what is public, those of registered clients for the rest.
 * Without an Origin header, as machines call, it does nothing.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function cors(allows: (origin: string) => Promise<boolean>): RequestHandler {
  return (req, res, next) => {
    const { origin } = req.headers
    // As it is for every machine; nothing must be waited for.
    if (origin === undefined) next()
    else answerPage(origin, allows, req, res, next).catch(next)
  }
}

async function answerPage(
  origin: string,
  allows: (origin: string) => Promise<boolean>,
  req: Request,
  res: Response,
  next: NextFunction,
): Promise<void> {
  const isPublic = PUBLIC.has(req.path)
  if (!isPublic) res.vary('Origin')
  if (isPublic || (await allows(origin))) {
    res.setHeader('Access-Control-Allow-Origin', isPublic ? '*' : origin)
    res.setHeader('Access-Control-Expose-Headers', EXPOSED)
  }
  if (req.method !== 'OPTIONS') {
    next()
    return
  }
  // A preflight. A page that is not allowed gets no permission, which is all that a browser needs to know.
  if (res.hasHeader('Access-Control-Allow-Origin')) {
    res.setHeader('Access-Control-Allow-Methods', METHODS)
    res.setHeader('Access-Control-Allow-Headers', HEADERS)
    res.setHeader('Access-Control-Max-Age', MAX_AGE_SECONDS)
  }
  res.status(204).end()
}
