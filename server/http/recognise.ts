import type { Request } from 'express'
import type { Access } from '../access/access.ts'
import type { Authenticate } from '../authorization-server/authenticate.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { placeOf } from '../throttling/address.ts'
import type { HeldUp } from '../throttling/request-rate.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { credentialsOf } from './credentials.ts'

/**
 * Who asks.
 * @param isPublic nobody needs to say who it is
 * @throws Refusal `login` for nobody, `throttled` with the seconds to wait for one who asks too often
 */
export type Recognise = (req: Request, isPublic: boolean) => Promise<Access>

const NOBODY: Access = { actor: 'anonymous', clientId: '', scopes: [] }

/**
 * So many requests a minute for a client and the person it acts for, and for an address where nobody is recognised. Who has a
 * valid token is never held up by others at the same address: a hospital has one.
 */
export function recogniseWithin(
  { callers, strangers }: Pick<Throttling, 'callers' | 'strangers'>,
  authenticate: Authenticate,
): Recognise {
  return async (req, isPublic) => {
    if (isPublic) {
      await strangers(placeOf(req.ip)).then(refuseTooMany(NOBODY, 'from this address'))
      return NOBODY
    }
    const access = await authenticate(credentialsOf(req)).catch(async (error: unknown) => {
      if (error instanceof Refusal)
        await strangers(placeOf(req.ip)).then(refuseTooMany(NOBODY, 'from this address without a valid access token'))
      throw error
    })
    await callers(`${access.clientId} ${access.actor}`).then(refuseTooMany(access, 'by this client for this person'))
    return access
  }
}

/** Who asks too often. `isFirst`: the first time in this minute. */
export class HeldUpRefusal extends Refusal {
  readonly access: Access
  readonly isFirst: boolean
  constructor(access: Access, whose: string, { seconds, isFirst }: HeldUp) {
    const diagnostics = `Too many requests ${whose} in a minute; try again in ${seconds} s.`
    super([{ severity: 'error', code: 'throttled', diagnostics }])
    this.retryAfterSeconds = seconds
    this.access = access
    this.isFirst = isFirst
  }
}

const refuseTooMany = (access: Access, whose: string) => (held: HeldUp) => {
  if (held.seconds > 0) throw new HeldUpRefusal(access, whose, held)
}
