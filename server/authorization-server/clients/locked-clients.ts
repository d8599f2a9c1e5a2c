import type { Request } from 'express'
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { placeOf } from '../../throttling/address.ts'
import type { Lockouts } from '../../throttling/lockouts.ts'
import { happened } from '../events.ts'

/** Where clients prove who they are. */
const PROVING = new Set(['token', 'introspection', 'revocation'])

/** RFC 6749 has no word for it; this one says what to do. */
class LockedClient extends errors.OIDCProviderError {
  readonly seconds: number
  constructor(seconds: number) {
    super(429, 'temporarily_unavailable')
    this.seconds = seconds
    this.error_description = `too many failed attempts of this client from this address; try again in ${seconds} s`
  }
}

export type LockedClients = ReturnType<typeof lockedClients>

/**
 * A client that has failed too often to prove who it is, from one address, is not looked at for a while from there. Others at
 * that address, and the client elsewhere, go on: nobody can lock somebody else out.
 */
export function lockedClients(lockouts: Lockouts) {
  const asked = new WeakMap<KoaContextWithOIDC, string>()
  return {
    /** To be called when the library looks for a client. @throws LockedClient while it is locked at this address */
    async refuse(clientId: string): Promise<void> {
      const { ctx } = Provider
      if (!ctx || !PROVING.has(ctx.oidc?.route ?? '') || asked.has(ctx)) return
      const key = `${clientId} ${placeOf((ctx.req as Request).ip)}`
      asked.set(ctx, key)
      const seconds = await lockouts.secondsLeft(key)
      if (seconds === 0) return
      ctx.set('retry-after', String(seconds))
      throw new LockedClient(seconds)
    },
    /** Counts how it went, before the client is told. */
    async count(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
      await next()
      const key = asked.get(ctx)
      if (key === undefined) return
      if (ctx.status === 401) {
        const isLocked = await lockouts.failed(key)
        const [client] = key.split(' ')
        if (isLocked)
          happened(ctx.res, { code: 'locked-out', client, failed: 'too many failed attempts of this client' })
      }
      if (ctx.status < 400) await lockouts.succeeded(key)
    },
  }
}
