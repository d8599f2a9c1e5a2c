import type { Request, RequestHandler, Response } from 'express'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Login } from './consent/grants.ts'

/** What happens here that somebody may have to answer for later. */
export type AuthorizationEvent = {
  code:
    | 'login'
    | 'logout'
    | 'launch'
    | 'token-issued'
    | 'token-refused'
    | 'token-revoked'
    | 'throttled'
    | 'locked-out'
    | 'app-allowed'
    | 'app-refused'
    | 'app-withdrawn'
    | 'client-registered'
    | 'client-changed'
    | 'client-removed'
    | 'keys-rotated'
    | 'log-read'
  /** `Practitioner/kari`, `Client/ehr`; undefined where it is not known who it was. */
  who?: string | undefined
  /** The client that acts, or that is acted for. */
  client?: string | undefined
  /** How the person has proven who they are. */
  login?: Login | undefined
  /** id of the patient in context */
  patient?: string | undefined
  scope?: string | undefined
  /** What it was done to, where that is no patient: `Client/…`. */
  what?: string | undefined
  /** Why it failed; undefined where it was done. */
  failed?: string | undefined
}

/** The request that events belong to. */
export type EventOrigin = { request?: string; address?: string }
/** Keeps what has happened. An answer waits for it, and is not given where it fails. */
export type TellEvents = (events: readonly AuthorizationEvent[], origin: EventOrigin) => Promise<void>

/**
 * Holds each answer back until what has happened in its request is written down: it ends here whichever handler or library ends it.
 * Where that fails, the answer is 503 and nothing of what it would have said.
 */
export function tellBeforeAnswer(tell: TellEvents): RequestHandler {
  return (req, res, next) => {
    const events: AuthorizationEvent[] = []
    eventsOf.set(res, events)
    const end = res.end
    res.end = ((...given: unknown[]) => {
      if (events.length === 0) return Reflect.apply(end, res, given)
      tell(events.splice(0), originOf(req, res)).then(
        () => Reflect.apply(end, res, given),
        () => {
          sayUnavailable(res)
          Reflect.apply(end, res, [UNAVAILABLE])
        },
      )
      return res
    }) as typeof res.end
    next()
  }
}

const eventsOf = new WeakMap<object, AuthorizationEvent[]>()

/** Something has happened in the request that this answers. */
export function happened(res: object, event: AuthorizationEvent): void {
  eventsOf.get(res)?.push(event)
}

/** The request that this answers. */
export const originOf = ({ ip }: Request, res: Response): EventOrigin => ({
  ...(typeof res.locals.requestId === 'string' ? { request: res.locals.requestId } : {}),
  ...(ip ? { address: ip } : {}),
})

const UNAVAILABLE = JSON.stringify({
  error: 'temporarily_unavailable',
  error_description: 'what has happened cannot be written down at the moment; try again',
})

function sayUnavailable(res: Response): void {
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  res.statusCode = 503
  res.setHeader('content-type', 'application/json; charset=utf-8')
  res.setHeader('cache-control', 'no-store')
  res.setHeader('retry-after', '2')
}

/** What the library does at its own endpoints: tokens given, refused and revoked. */
export async function tellTokens(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const { oidc } = ctx
  if (oidc?.route !== 'token' && oidc?.route !== 'revocation') return
  const client = oidc.client?.clientId
  const { error, patient, scope } = (ctx.body ?? {}) as { error?: string; patient?: string; scope?: string }
  if (error !== undefined) happened(ctx.res, { code: 'token-refused', client, failed: error })
  else if (oidc.route === 'revocation') happened(ctx.res, { code: 'token-revoked', client })
  else {
    const fhirUser = (await oidc.account?.claims('introspection', '', {}, []))?.fhirUser
    const who = typeof fhirUser === 'string' ? fhirUser.split('/').slice(-2).join('/') : undefined
    happened(ctx.res, { code: 'token-issued', client, who, patient, scope })
  }
}
