import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type Provider from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import { findAccount } from './accounts.ts'
import { ownMetadataOf } from './clients/clients.ts'
import { APPS_CLIENT_ID, DEMO_ACCOUNTS, type DemoUser } from './clients/demo-clients.ts'
import { decideGrant } from './consent/decide-grant.ts'
import { saveAuthorization } from './consent/grants.ts'
import type { Addresses } from './discovery.ts'
import { happened } from './events.ts'

const LIFETIME_SECONDS = 900
/** Whose next of kin the demo's is. */
const KIN_OF = 'demo-line'
const SCOPE = 'launch/patient user/*.cruds patient/*.cruds'

type DemoSessionSettings = { provider: () => Provider; pool: Pool; addresses: Addresses }

/**
 * `POST /demo/session {"user": "nurse" | "gp" | "patient" | "kin"}`: a token for the start page, so that it shows a live list without a
 * detour through a login. Mounted in demo mode only; elsewhere the path is as unknown as any other.
 */
export function demoSessionRouter({ provider: current, pool, addresses }: DemoSessionSettings): Router {
  const router = Router()
  router.post('/', express.json({ limit: '1kb' }), async (req, res) => {
    res.set('cache-control', 'no-store')
    if (!isOwnPage(req, addresses)) {
      res
        .status(403)
        .json({ error: 'access_denied', error_description: 'only the pages of this server may ask for a demo session' })
      return
    }
    const user: unknown = req.body?.user
    if (!isDemoUser(user)) {
      res
        .status(400)
        .json({ error: 'invalid_request', error_description: 'send JSON with user: nurse, gp, patient or kin' })
      return
    }
    const issued = await issueToken(user)
    happened(res, {
      ...{ code: 'login', who: issued.fhirUser, client: APPS_CLIENT_ID, login: { provider: 'demo' } },
      ...{ patient: issued.patient, scope: issued.scope },
    })
    res.json(issued)
  })
  router.use((error: { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    // The body parser's own refusals (not JSON, too large), in the form of the others.
    if (error.status === undefined || error.status >= 500) return next(error)
    res.status(error.status).json({ error: 'invalid_request', error_description: 'the body cannot be read as JSON' })
  })
  return router

  async function issueToken(user: DemoUser) {
    const provider = current()
    const [client, account] = await Promise.all([
      provider.Client.find(APPS_CLIENT_ID),
      findAccount(pool, DEMO_ACCOUNTS[user], true),
    ])
    if (!client || !account) throw new Error('demo mode without demo clients: seedDemoClients has not run')
    const { allowed_scope } = ownMetadataOf(client)
    const { scope, context } = decideGrant({
      scope: SCOPE,
      client: { allowedScope: allowed_scope, mayRefresh: false },
      account,
      launch: undefined,
      ...(user === 'kin' ? { chosenPatient: KIN_OF } : {}),
    })
    const { accountId, fhirUser, name } = account

    const grant = new provider.Grant({ accountId, clientId: client.clientId })
    grant.addResourceScope(addresses.fhirBase, scope)
    const grantId = await grant.save()
    await saveAuthorization(pool, {
      ...{ grantId, accountId, scope, context, clientId: client.clientId },
      ...{ accessType: 'once', sessionUid: undefined, login: { provider: 'demo' } },
    })
    const resourceServer = new provider.ResourceServer(addresses.fhirBase, {
      scope,
      audience: addresses.fhirBase,
      accessTokenTTL: LIFETIME_SECONDS,
      accessTokenFormat: 'opaque',
    })
    const token = new provider.AccessToken({ accountId, client, grantId, gty: 'demo_session', scope, resourceServer })
    const access_token = await token.save()
    return { access_token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS, scope, fhirUser, name, ...context }
  }
}

const isDemoUser = (user: unknown): user is DemoUser => typeof user === 'string' && Object.hasOwn(DEMO_ACCOUNTS, user)

/**
 * Whether a page of this server asks. Browsers send Origin with every POST and no page can change it. Besides BASE_URL a
 * loopback address counts, because people open 127.0.0.1 as well as localhost; no other host does, or a foreign name that
 * is made to point here would be let in.
 */
function isOwnPage(req: Request, { issuer }: Addresses): boolean {
  const fetchSite = req.get('sec-fetch-site')
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  if (!req.is('application/json')) return false
  const origin = req.get('origin') ?? ''
  if (origin === new URL(issuer).origin) return true
  const { hostname, host } = URL.parse(origin) ?? {}
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname ?? '') && host === req.get('host')
}
