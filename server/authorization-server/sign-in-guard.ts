import type { Request, RequestHandler, Response } from 'express'
import { placeOf } from '../throttling/address.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { errorPage } from './error-page.ts'
import { type EventOrigin, happened, originOf, type TellEvents } from './events.ts'
import { pageHeaders } from './page.ts'

type SignInGuardSettings = {
  throttling: Throttling
  allowsOrigin: (origin: string) => Promise<boolean>
  /** Told when an address is locked: its answer has gone out by then. */
  tell: TellEvents
}

/**
 * Stands before everything by which somebody signs in: so many requests an address, and none of an address that has failed
 * too often to prove who it is. What a single client may fail is counted by `lockedClients`, which knows which client it is.
 */
export function signInGuard({ throttling, allowsOrigin, tell }: SignInGuardSettings): RequestHandler {
  const { strangers, addresses } = throttling
  return async (req, res, next) => {
    const place = placeOf(req.ip)
    const { seconds: tooMany, isFirst } = await strangers(place)
    const reason = 'too many requests from this address'
    // Once a minute: the audit would be what they overrun.
    if (isFirst) happened(res, { code: 'throttled', failed: reason })
    if (tooMany > 0) return refuse(req, res, tooMany, reason)
    if (!provesSomething(req)) return next()
    const locked = await addresses.secondsLeft(place)
    if (locked > 0) return refuse(req, res, locked, 'too many failed attempts from this address')
    res.once('finish', () => {
      // Nobody waits for it any more; that it could not be counted ends no process.
      if (res.statusCode === 401 || res.locals.signInFailed) countFailure(place, originOf(req, res)).catch(() => {})
    })
    next()
  }

  async function countFailure(place: string, origin: EventOrigin): Promise<void> {
    const isLocked = await addresses.failed(place)
    if (isLocked) await tell([{ code: 'locked-out', failed: 'too many failed attempts from this address' }], origin)
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
