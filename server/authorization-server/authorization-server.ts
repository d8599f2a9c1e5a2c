import { type NextFunction, type Request, type Response, Router } from 'express'
import type Provider from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { removeOldFailures } from '../throttling/lockouts.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { accountPages } from './account-pages.ts'
import { removeExpired } from './artifacts.ts'
import { type Authenticate, TokenLookup, type Watch } from './authenticate.ts'
import { type Brand, brandsRouter } from './brands.ts'
import { removeDemoClients } from './clients/demo-clients.ts'
import { lockedClients } from './clients/locked-clients.ts'
import { createOrigins } from './clients/origins.ts'
import { clientRegistration } from './clients/registration.ts'
import { demoSessionRouter } from './demo-session.ts'
import { addressesOf, smartConfiguration } from './discovery.ts'
import { type TellEvents, tellBeforeAnswer } from './events.ts'
import { ehrCalls, type VerifyEhrCall } from './exchange/ehr-call.ts'
import { registerTokenExchange } from './exchange/token-exchange.ts'
import type { TrustedEhr } from './exchange/trusted-ehr.ts'
import { federatedLogin } from './federation/federated-login.ts'
import { createHelseIdTokens, type HelseIdApi } from './federation/helseid-tokens.ts'
import type { IdentityProviderSettings } from './federation/identity-provider.ts'
import { keptSignIns } from './federation/kept-sign-ins.ts'
import { type PersonAtHelseId, personAtHelseId } from './federation/person-at-helseid.ts'
import { interactionRouter } from './interaction.ts'
import { introspectionByBearer } from './introspect.ts'
import { keyCommands } from './keys/key-commands.ts'
import { readKeys, rotateWhenDue } from './keys/keys.ts'
import { openPackageKeys, type PackageKeys } from './keys/package-keys.ts'
import { followKeys } from './keys/provider-in-use.ts'
import { PACKAGE_KEYS_PATH, publishPackageKeys } from './keys/publish-package-keys.ts'
import { openPushKey, type PushKey } from './keys/push-key.ts'
import { createSeal } from './keys/seal.ts'
import { launchApi } from './launch/launch-api.ts'
import { smartStyle } from './launch/smart-style.ts'
import type { ReadLog } from './log-page.ts'
import { type Change, followChanges } from './notices.ts'
import { createOutgoing, LOOPBACK_HOSTS } from './outgoing.ts'
import type { People } from './people.ts'
import { postedRequests } from './posted-request.ts'
import { createProvider } from './provider.ts'
import { publicRefresh } from './public-refresh.ts'
import { SESSION_IDLE_SECONDS } from './session-time.ts'
import { signInGuard } from './sign-in-guard.ts'

export type AuthorizationServer = {
  /** Mounted at the root, before any body parser: /auth, /interaction, /account, /demo/session, /fhir/.well-known/smart-configuration. */
  router: Router
  smartConfiguration: () => object
  authenticate: Authenticate
  watch: Watch
  /** Which EHR calls one of our CDS services. */
  verifyEhrCall: VerifyEhrCall
  /** Stops the sweeping of what has expired and the listening; the pool may then be closed. */
  close: () => Promise<void>
  /** What packages of plans are signed with; published at `/auth/package-keys`. */
  packageKeys: PackageKeys
  /** By which push services know this server. */
  pushKey: () => Promise<PushKey>
  /** Whether pages of this origin may call from a browser. */
  allowsOrigin: (origin: string) => Promise<boolean>
  /** Tokens of HelseID for those who have signed in by it; where national APIs are asked as they. */
  personAtHelseId?: PersonAtHelseId
}

export type AuthorizationServerSettings = {
  pool: Pool
  /** As callers see it, without a slash at the end. */
  baseUrl: string
  /** Without it there are no demo clients, no demo users and no demo session, whatever the database holds. */
  demo: boolean
  /** Whether a token that is bound to no key is refused. */
  dpopRequired?: boolean
  /** Hosts at private addresses where clients may have their keys. */
  privateHosts?: readonly string[]
  /** With it clients are registered, before there is a client that may do so. */
  initialAccessToken?: string | undefined
  /** What signing keys are sealed with in the database; the first seals, all open. None: they lie open. */
  keySecrets?: readonly Uint8Array[]
  /** After so many days the next signing keys are made. */
  keyRotationDays?: number
  /** How long somebody stays signed in who does nothing. */
  sessionIdleSeconds?: number
  /** Where people prove who they are. */
  identityProviders?: readonly IdentityProviderSettings[]
  /** EHRs of other vendors whose sign-ins count here. */
  trustedEhrs?: readonly TrustedEhr[]
  /** This server as an API of HelseID, whose tokens are then taken beside our own. */
  helseIdApi?: HelseIdApi | undefined
  /** As whom patients find this server in an app. */
  brand?: Brand | undefined
  throttling: Throttling
  /** Keeps what has happened; no answer is given before it has. */
  tell?: TellEvents
  /** Who has seen a patient's record, for the patient's own page. */
  readLog?: ReadLog
  people: People
  /** Whether R4 has a type of this name. */
  isResourceType: (name: string) => boolean
  log: Log
}

const SWEEP_MILLISECONDS = 10 * 60_000
const KEY_ROTATION_DAYS = 90

/** The authorization server: SMART App Launch and OAuth 2.0 at `/auth`, on top of oidc-provider. */
export async function createAuthorizationServer(settings: AuthorizationServerSettings): Promise<AuthorizationServer> {
  const {
    pool,
    baseUrl,
    demo,
    people,
    isResourceType,
    log,
    initialAccessToken,
    dpopRequired = false,
    privateHosts = [],
  } = settings
  const { sessionIdleSeconds = SESSION_IDLE_SECONDS } = settings
  const { throttling, tell = async () => {}, readLog = async () => ({ entries: [] }) } = settings
  const addresses = addressesOf(baseUrl)
  const brand = settings.brand ?? { name: 'Fylgje', website: baseUrl }
  if (!demo) await removeDemoClients(pool)
  const outside = settings.helseIdApi && createHelseIdTokens({ api: settings.helseIdApi, people, fetch })
  const tokens = new TokenLookup({ pool, baseUrl, audience: addresses.fhirBase, demo, dpopRequired, outside })
  const outgoing = createOutgoing([...privateHosts, ...(demo ? LOOPBACK_HOSTS : [])])
  const origins = createOrigins(pool, demo)
  const locked = lockedClients(throttling.clients)
  const seal = createSeal(settings.keySecrets ?? [])
  const inUse = await followKeys(
    () => readKeys(pool, seal),
    (keys) => {
      const made = createProvider({
        ...{ pool, addresses, keys, demo, outgoing, locked, sessionIdleSeconds },
        onRemoved: tokens.forget,
      })
      registerTokenExchange(made, { pool, addresses, people, fetch, trustedEhrs: settings.trustedEhrs ?? [] })
      return logged(made, log)
    },
    (error) => log.error({ err: error }, 'the signing keys could not be read'),
  )
  const packageKeys = openPackageKeys(pool, seal)
  const provider = inUse.current
  const bearer = tokens.bearer.bind(tokens)

  const router = Router()
  router.use(['/auth', '/interaction', '/account', '/demo/session'], tellBeforeAnswer(tell))
  router.use(
    ['/auth', '/interaction', '/account', '/demo/session'],
    signInGuard({ throttling, allowsOrigin: origins.allows, tell }),
  )
  router.use(['/auth', '/interaction', '/account'], sayPublicAddress(baseUrl))
  router.use(postedRequests(pool, addresses.issuer))
  router.use(introspectionByBearer({ provider, bearer }))
  router.use(launchApi({ pool, addresses, demo, bearer, people, isResourceType }))
  router.use('/auth/register', clientRegistration({ pool, addresses, demo, initialAccessToken, bearer }))
  router.use(smartStyle())
  router.use('/auth/keys', keyCommands({ pool, seal, bearer }))
  router.get(PACKAGE_KEYS_PATH, publishPackageKeys(packageKeys))
  router.use('/auth/token', publicRefresh(pool))
  router.use('/auth', inUse.handle)
  const identityProviders = settings.identityProviders ?? []
  const kept = keptSignIns(pool, seal)
  const asksPersonally = identityProviders.find(({ apis }) => apis !== undefined)
  router.use(
    '/interaction',
    federatedLogin({ provider, pool, addresses, people, outgoing, identityProviders, keptSignIns: kept, log }),
  )
  router.use(
    '/interaction',
    interactionRouter({
      ...{ provider, pool, addresses, demo, people },
      identityProviders: identityProviders.map(({ name }) => name),
    }),
  )
  router.use('/account', accountPages({ provider, pool, addresses, demo, people, readLog, keptSignIns: kept }))
  if (demo) router.use('/demo/session', demoSessionRouter({ provider, pool, addresses }))
  router.get('/fhir/.well-known/smart-configuration', (_req, res) => {
    res
      .set({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' })
      .json(smartConfiguration(addresses, brand))
  })
  router.use(brandsRouter(addresses, brand))

  const sweep = async () => {
    try {
      await removeExpired(pool)
      await removeOldFailures(pool)
      if (await rotateWhenDue(pool, seal, settings.keyRotationDays ?? KEY_ROTATION_DAYS)) {
        log.info('the next signing keys were made')
        await tell([{ code: 'keys-rotated', who: 'Device/authorization-server' }], {})
      }
    } catch (error) {
      log.warn({ err: error }, 'expired tokens were not removed')
    }
  }
  const timer = setInterval(sweep, SWEEP_MILLISECONDS).unref()
  const onChange = (change: Change) => {
    if (change === 'client') origins.forget()
    if (change === 'key') void inUse.refresh()
    else tokens.forget()
  }
  const stopFollowing = followChanges(pool, onChange, (error) =>
    log.warn({ err: error }, 'no notice of ended tokens at the moment; they are forgotten after two seconds'),
  )
  return {
    router,
    smartConfiguration: () => smartConfiguration(addresses, brand),
    authenticate: tokens.authenticate,
    watch: tokens.watch,
    verifyEhrCall: ehrCalls(pool, settings.trustedEhrs ?? [], fetch),
    packageKeys,
    pushKey: openPushKey(pool, seal),
    allowsOrigin: origins.allows,
    ...(asksPersonally ? { personAtHelseId: personAtHelseId({ settings: asksPersonally, outgoing, kept }) } : {}),
    async close() {
      clearInterval(timer)
      inUse.close()
      await stopFollowing()
    },
  }
}

function logged(provider: Provider, log: Log): Provider {
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'fault in the authorization server'))
  provider.on('grant.error', (ctx, error) =>
    log.info(
      {
        clientId: ctx.oidc.client?.clientId,
        error: error.error,
        reason: error.error_detail ?? error.error_description,
      },
      'token refused',
    ),
  )
  return provider
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
