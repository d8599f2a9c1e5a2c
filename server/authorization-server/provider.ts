import Provider, { type Configuration, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import { findAccount } from './accounts.ts'
import { ArtifactAdapter } from './artifacts.ts'
import { ASSERTION_ALGORITHMS, assertAssertion } from './clients/client-assertion.ts'
import { ClientKeys } from './clients/client-keys.ts'
import { findClient, isSecretOf, OWN_METADATA, type OwnMetadata, ownMetadataOf } from './clients/clients.ts'
import type { LockedClients } from './clients/locked-clients.ts'
import { OWN_CLIENT_ID, ownClient } from './clients/own-client.ts'
import {
  accessTypeOf,
  decideClientScope,
  IDENTITY_SCOPES,
  isUnderstood,
  SERVER_SCOPES,
} from './consent/decide-grant.ts'
import { continueAuthorization, findGrantContext, GRANT_SECONDS, REFRESH_SECONDS } from './consent/grants.ts'
import { type Addresses, ROUTES } from './discovery.ts'
import { DPOP_ALGORITHMS } from './dpop.ts'
import { errorPage } from './error-page.ts'
import { tellTokens } from './events.ts'
import type { AuthorizationKeys } from './keys/keys.ts'
import { isLaunchOpen } from './launch/launches.ts'
import type { Outgoing } from './outgoing.ts'
import { pageHeaders } from './page.ts'
import { onlineTokenSeconds, SESSION_SECONDS_MAX } from './session-time.ts'
import { completeTokenResponse } from './token-response.ts'
import { drawPlainValues } from './token-values.ts'

export type ProviderSettings = {
  pool: Pool
  addresses: Addresses
  keys: AuthorizationKeys
  demo: boolean
  /** How other servers are asked: for the keys of clients. */
  outgoing: Outgoing
  /** Which clients have failed too often to be looked at. */
  locked: LockedClients
  /** Told when tokens may have ended before their time. */
  onRemoved: () => void
  /** How long somebody stays signed in who does nothing. */
  sessionIdleSeconds: number
}

/**
 * oidc-provider, told to be a SMART App Launch server. Why each setting that departs from the library's default is there
 * stands beside it; several of them keep one patient's context out of another's window.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
export function createProvider(settings: ProviderSettings): Provider {
  const { pool, addresses, keys, demo, outgoing, locked, onRemoved, sessionIdleSeconds } = settings
  const { issuer, fhirBase } = addresses
  const https = issuer.startsWith('https:')
  const clientKeys = new ClientKeys()

  const configuration: Configuration = {
    adapter: (model) => {
      const adapter = new ArtifactAdapter(pool, model, onRemoved, sessionIdleSeconds)
      const find = async (id: string) => {
        await locked.refuse(id)
        return id === OWN_CLIENT_ID ? ownClient(addresses) : findClient(pool, id, demo)
      }
      return model === 'Client' ? Object.assign(adapter, { find }) : adapter
    },
    jwks: { keys: keys.signing },
    cookies: {
      keys: keys.cookie,
      names: { session: 'fylgje_session', interaction: 'fylgje_interaction', resume: 'fylgje_resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax', secure: https },
      short: { signed: true, httpOnly: true, sameSite: 'lax', secure: https },
    },
    routes: ROUTES,
    responseTypes: ['code'],
    scopes: IDENTITY_SCOPES,
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['name'] },
    // Without it the claims of fhirUser and profile would wait for a userinfo endpoint that SMART apps do not call.
    conformIdTokenClaims: false,
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES384'],
      clientAuthSigningAlgValues: ASSERTION_ALGORITHMS,
      dPoPSigningAlgValues: DPOP_ALGORITHMS,
    } as Configuration['enabledJWA'],
    clientAuthMethods: ['none', 'client_secret_basic', 'private_key_jwt'],
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims, header, client) => assertAssertion(claims, header, client),
    fetch: clientKeys.noting(outgoing.fetchFromLibrary) as Configuration['fetch'],
    extraClientMetadata: { properties: [...OWN_METADATA] },
    clientBasedCORS: (_ctx, origin, client) => ownMetadataOf(client).cors_origins.includes(origin),
    pkce: { required: () => true },
    clockTolerance: 5,
    ttl: {
      // Numbers here would win over the lifetime that the client was registered with.
      AccessToken: (_ctx, token) => {
        const seconds = token.resourceServer?.accessTokenTTL ?? 300
        const isOnline = accessTypeOf(token.scope ?? '') === 'online'
        return isOnline ? onlineTokenSeconds(seconds, sessionIdleSeconds) : seconds
      },
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: (_ctx, token) => REFRESH_SECONDS[accessTypeOf(token.scope ?? '')] || 1,
      Grant: (_ctx, grant) => GRANT_SECONDS[accessTypeOf(grant.getResourceScope(fhirBase))],
      Interaction: 600,
      // Of the cookie. When the session itself ends is for `ArtifactAdapter` to say.
      Session: SESSION_SECONDS_MAX,
    },
    // The default gives none to a SMART app that asks for online_access, and one to some that have asked for nothing.
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && accessTypeOf(code.scope ?? '') !== 'once',
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      // Requests that are pushed would hide the `aud` of SMART behind that of the JWT in which the library keeps them.
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' &&
          (token.clientId === client.clientId ||
            ownMetadataOf(client).allowed_scope.split(' ').includes(SERVER_SCOPES.introspect)),
      },
      resourceIndicators: {
        enabled: true,
        // There is one FHIR base; that `aud` names it was checked before.
        defaultResource: () => fhirBase,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) => {
          if (resource !== fhirBase) throw new errors.InvalidTarget()
          const own = ownMetadataOf(client)
          return {
            scope: resourceScope(ctx, own),
            audience: fhirBase,
            accessTokenTTL: own.token_lifetime_seconds,
            // Looked up by TokenLookup. The library can neither revoke nor introspect the other kind, JWT.
            accessTokenFormat: 'opaque',
          }
        },
      },
    },
    extraParams: {
      aud(ctx, value) {
        if (isAuthorization(ctx) && value?.replace(/\/$/, '') !== fhirBase)
          throw new errors.InvalidRequest(`aud must be the FHIR base of this server, ${fhirBase}`)
      },
      async launch(ctx, value, client) {
        if (!isAuthorization(ctx)) return
        const asked = ctx.oidc.requestParamScopes.has('launch')
        if (asked && !value) throw new errors.InvalidRequest('the scope launch needs the parameter launch')
        if (value && !(await isLaunchOpen(pool, value, client.clientId)))
          throw new errors.InvalidRequest('the launch is unknown, used or expired')
      },
    },
    interactions: { policy: interactions(), url: (_ctx, { uid }) => interactionUrl(issuer, uid) },
    // The default gives a second launch in the same browser the grant of the first, and with it the first one's patient.
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId)
    },
    // The default ends the tokens of one window when the same app is launched again in another.
    expiresWithSession: () => false,
    findAccount: async (_ctx, accountId, token) => {
      const account = await findAccount(pool, accountId, demo)
      if (!account) return undefined
      if (
        token?.kind === 'RefreshToken' &&
        !(await continueAuthorization(pool, String(token.grantId), sessionIdleSeconds))
      )
        return undefined
      const claims = { sub: accountId, name: account.name, fhirUser: `${fhirBase}/${account.fhirUser}` }
      return { accountId, claims: () => claims }
    },
    // `ctx` is absent for tokens that are made outside a request of the library, such as those of the demo session.
    extraTokenClaims: async (ctx: KoaContextWithOIDC | undefined, token) => {
      if (token.kind !== 'AccessToken') return undefined
      const account = token.scopes.has('fhirUser')
        ? await ctx?.oidc.account?.claims('introspection', '', {}, [])
        : undefined
      return { ...(await findGrantContext(pool, token.grantId)), ...(account ? { fhirUser: account.fhirUser } : {}) }
    },
    renderError: (ctx, out) => {
      if (ctx.oidc?.route === 'authorization' || ctx.oidc?.route === 'resume') {
        ctx.set(pageHeaders())
        ctx.body = errorPage(out, ctx.get('accept-language'))
      } else ctx.body = out
    },
  }

  const provider = new Provider(issuer, configuration)
  // The router gives the library BASE_URL's own host and protocol, never those that a caller has sent.
  provider.proxy = https
  provider.Client.prototype.compareClientSecret = function (actual) {
    return isSecretOf(this.clientSecret, actual)
  }
  drawPlainValues(provider)
  clientKeys.follow(provider)
  // RFC 9207 adds `iss` to the way back. An app that is launched and returned to at one address would take it for a launch.
  provider.on('authorization.success', (ctx, out) => {
    const { client, params } = ctx.oidc
    if (out && client && ownMetadataOf(client).launch_uris.includes(String(params?.redirect_uri))) delete out.iss
  })
  provider.use(locked.count)
  provider.use(tellTokens)
  provider.use(completeTokenResponse(pool))
  return provider
}

/** Where the library sends the browser to sign in. */
export function interactionUrl(issuer: string, uid: string): string {
  return `${issuer.replace(/\/auth$/, '')}/interaction/${uid}`
}

const isAuthorization = (ctx: KoaContextWithOIDC) => ctx.oidc.route === 'authorization'

/** The library's own questions, and one more: is the person of this session still somebody? */
function interactions() {
  const policy = interactionPolicy.base()
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'account_gone',
        'the account of this session does not exist',
        ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
      ),
    )
  return policy
}

/**
 * The scopes that a token for the FHIR base may carry in this request. For a person only what is understood is taken up
 * here; what is granted of it is decided when the person is known (interaction.ts).
 */
function resourceScope(ctx: KoaContextWithOIDC, { allowed_scope }: OwnMetadata): string {
  const { params, entities } = ctx.oidc
  if (params?.grant_type === 'client_credentials') {
    // Written back, because the library grants only what was asked for, and nothing when nothing was.
    params.scope = decideClientScope(params.scope as string | undefined, allowed_scope)
    return params.scope as string
  }
  const asked = params?.scope as string | undefined
  const scope = asked ?? entities.AuthorizationCode?.scope ?? entities.RefreshToken?.scope ?? ''
  return scope.split(' ').filter(isUnderstood).join(' ')
}
