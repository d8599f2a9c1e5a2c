import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Express, Request } from 'express'
import type { Access } from '../access/access.ts'
import type { Audit } from '../audit/audit.ts'
import type { Authenticate } from '../authorization-server/authenticate.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { deny } from './fhir.ts'
import { recogniseWithin } from './recognise.ts'

/**
 * Who says on a socket who they are, by one of several proofs.
 * @throws Refusal `login` or `throttled`, written down as for any request
 */
export type LetInSocket = (req: IncomingMessage, authenticate: Authenticate) => Promise<Access>

/** A socket comes past Express, and is let in as a request is: so often a minute, from the address that the outermost trusted proxy saw. */
export function letInSocket(app: Express, throttling: Throttling, audit: Audit): LetInSocket {
  return (upgrade, authenticate) => {
    const req = asRequest(app, upgrade)
    const origin = { request: randomUUID(), ...(req.ip ? { address: req.ip } : {}) }
    return recogniseWithin(throttling, authenticate)(req, false).catch(deny(audit, origin, req.originalUrl))
  }
}

/** As Express does it with each request that it takes. */
function asRequest(app: Express, upgrade: IncomingMessage): Request {
  const req: Request = Object.setPrototypeOf(upgrade, app.request)
  req.originalUrl = upgrade.url ?? '/'
  return req
}
