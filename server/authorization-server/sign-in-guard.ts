import type { Request, RequestHandler, Response } from 'express'
import { placeOf } from '../throttling/address.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { errorPage } from './error-page.ts'
import { pageHeaders } from './page.ts'

type SignInGuardSettings = {
  throttling: Throttling
  allowsOrigin: (origin: string) => Promise<boolean>
}

/**
 * Stands before everything by which somebody signs in: so many requests an address, and none of an address that has failed
 * too often to prove who it is. What a single client may fail is counted by `lockedClients`, which knows which client it is.
 */
export function signInGuard({ throttling, allowsOrigin }: SignInGuardSettings): RequestHandler {
  const { strangers, addresses } = throttling
  return async (req, res, next) => {
    const place = placeOf(req.ip)
    const tooMany = await strangers(place)
    if (tooMany > 0) return refuse(req, res, tooMany, 'too many requests from this address')
    if (!provesSomething(req)) return next()
    const locked = await addresses.secondsLeft(place)
    if (locked > 0) return refuse(req, res, locked, 'too many failed attempts from this address')
    res.once('finish', () => {
      // Nobody waits for it any more; that it could not be counted ends no process.
      if (res.statusCode === 401 || res.locals.signInFailed) addresses.failed(place).catch(() => {})
    })
    next()
  }

  async function refuse(req: Request, res: Response, seconds: number, reason: string): Promise<void> {
    const { origin } = req.headers
    if (origin !== undefined && (await allowsOrigin(origin))) res.set('access-control-allow-origin', origin)
    const out = { error: 'temporarily_unavailable', error_description: `${reason}; try again in ${seconds} s` }
    res.status(429).set({ 'retry-after': String(seconds), 'cache-control': 'no-store' })
    if (req.accepts(['json', 'html']) !== 'html') return void res.json(out)
    res.set(pageHeaders()).send(errorPage(out, req.get('accept-language')))
  }
}

/** Counts the request as an attempt to sign in that failed, whatever its answer looks like. */
export function noteSignInFailed(res: Response): void {
  res.locals.signInFailed = true
}

/** Whether it brings a secret, an assertion, a token, or somebody back from an identity provider. Pages and keys are only read. */
const provesSomething = ({ method, headers, path, baseUrl }: Request): boolean =>
  (method !== 'GET' && method !== 'HEAD') ||
  headers.authorization !== undefined ||
  /^\/interaction\/[^/]+\/federated$/.test(baseUrl + path)
