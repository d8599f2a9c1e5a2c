import { type NextFunction, type Request, type Response, Router } from 'express'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { removeExpired } from './artifacts.ts'
import { type Authenticate, TokenLookup } from './authenticate.ts'
import { removeDemoClients } from './demo-clients.ts'
import { demoSessionRouter } from './demo-session.ts'
import { addressesOf, smartConfiguration } from './discovery.ts'
import { interactionRouter } from './interaction.ts'
import { readKeys } from './keys.ts'
import { createOrigins } from './origins.ts'
import { createProvider } from './provider.ts'

export type AuthorizationServer = {
  /** Mounted at the root, before any body parser: /auth, /interaction, /demo/session, /fhir/.well-known/smart-configuration. */
  router: Router
  smartConfiguration: () => object
  authenticate: Authenticate
  /** Stops the sweeping of what has expired; the pool may then be closed. */
  close: () => void
  /** Whether pages of this origin may call from a browser. */
  allowsOrigin: (origin: string) => Promise<boolean>
}

export type AuthorizationServerSettings = {
  pool: Pool
  /** As callers see it, without a slash at the end. */
  baseUrl: string
  /** Without it there are no demo clients, no demo users and no demo session, whatever the database holds. */
  demo: boolean
  log: Log
}

const SWEEP_MILLISECONDS = 10 * 60_000

/** The authorization server: SMART App Launch and OAuth 2.0 at `/auth`, on top of oidc-provider. */
export async function createAuthorizationServer(settings: AuthorizationServerSettings): Promise<AuthorizationServer> {
  const { pool, baseUrl, demo, log } = settings
  const addresses = addressesOf(baseUrl)
  if (!demo) await removeDemoClients(pool)
  const keys = await readKeys(pool)
  const tokens = new TokenLookup(pool, addresses.fhirBase, demo)
  const provider = createProvider({ pool, addresses, keys, demo, onRemoved: tokens.forget })
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'fault in the authorization server'))
  provider.on('grant.error', (ctx, error) =>
    log.info({ clientId: ctx.oidc.client?.clientId, error: error.error }, 'token refused'),
  )

  const router = Router()
  router.use(['/auth', '/interaction'], sayPublicAddress(baseUrl))
  router.use('/auth', provider.callback())
  router.use('/interaction', interactionRouter({ provider, pool, addresses, demo }))
  if (demo) router.use('/demo/session', demoSessionRouter({ provider, pool, addresses }))
  router.get('/fhir/.well-known/smart-configuration', (_req, res) => {
    res
      .set({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' })
      .json(smartConfiguration(addresses))
  })

  const sweep = () => removeExpired(pool).catch((error) => log.warn({ err: error }, 'expired tokens were not removed'))
  const timer = setInterval(sweep, SWEEP_MILLISECONDS).unref()
  return {
    router,
    smartConfiguration: () => smartConfiguration(addresses),
    authenticate: tokens.authenticate,
    allowsOrigin: createOrigins(pool, demo),
    close: () => clearInterval(timer),
  }
}

/**
 * The library makes its addresses of the request's own: Host, path, and forwarded headers that anybody can send. BASE_URL
 * has already said what they are, so that is what the library gets to see.
 */
function sayPublicAddress(baseUrl: string) {
  const { protocol, host, pathname } = new URL(baseUrl)
  const path = pathname.replace(/\/$/, '')
  return (req: Request, _res: Response, next: NextFunction): void => {
    Object.assign(req.headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) })
    req.originalUrl = path + req.originalUrl
    next()
  }
}
