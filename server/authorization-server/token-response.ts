import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import { findGrantContext } from './consent/grants.ts'
import { JWKS_KEPT_SECONDS } from './keys/keys.ts'

/**
 * Completes what the library answers at the token endpoint with what SMART asks for beside it: the launch context, and
 * the header `Pragma`. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#response-5
 */
export function completeTokenResponse(pool: Pool) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    if (ctx.oidc?.route === 'jwks') ctx.set('cache-control', `public, max-age=${JWKS_KEPT_SECONDS}`)
    if (ctx.oidc?.route !== 'token') return
    ctx.set('pragma', 'no-cache')
    const grantId = ctx.oidc.entities.AccessToken?.grantId
    if (ctx.status === 200 && grantId)
      ctx.body = { ...(await findGrantContext(pool, grantId)), ...(ctx.body as object) }
  }
}
