import Provider, { type Configuration, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { parseScope } from '../access/scopes.ts'
import type { Pool } from '../db/pool.ts'
import { findAccount } from './accounts.ts'
import { ArtifactAdapter } from './artifacts.ts'
import { findClient, isSecretOf, OWN_METADATA, type OwnMetadata, ownMetadataOf } from './clients.ts'
import { decideClientScope, IDENTITY_SCOPES, refuseGranular } from './decide-grant.ts'
import { type Addresses, ROUTES } from './discovery.ts'
import { errorPage } from './error-page.ts'
import type { AuthorizationKeys } from './keys.ts'
import { findGrantContext, isLaunchOpen } from './launches.ts'
import { pageHeaders } from './page.ts'
import { completeTokenResponse } from './token-response.ts'

export type ProviderSettings = {
  pool: Pool
  addresses: Addresses
  keys: AuthorizationKeys
  demo: boolean
  /** Told when tokens may have ended before their time. */
  onRemoved: () => void
}

/** How long a person's authorization lives; no refresh tokens yet, so it need not outlive its access token by much. */
export const GRANT_LIFETIME_SECONDS = 2 * 3600

/**
 * oidc-provider, told to be a SMART App Launch server. Why each setting that departs from the library's default is there
 * stands beside it; several of them keep one patient's context out of another's window.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
export function createProvider(settings: ProviderSettings): Provider {
  const { pool, addresses, keys, demo, onRemoved } = settings
  const { issuer, fhirBase } = addresses
  const https = issuer.startsWith('https:')

  const configuration: Configuration = {
    adapter: (model) => {
      const adapter = new ArtifactAdapter(pool, model, onRemoved)
      return model === 'Client' ? Object.assign(adapter, { find: (id: string) => findClient(pool, id, demo) }) : adapter
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
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES384'] },
    clientAuthMethods: ['none', 'client_secret_basic'],
    extraClientMetadata: { properties: OWN_METADATA },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    pkce: { required: () => true },
    clockTolerance: 5,
    ttl: {
      // Numbers here would win over the lifetime that the client was registered with.
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      AuthorizationCode: 60,
      IdToken: 3600,
      Grant: GRANT_LIFETIME_SECONDS,
      Interaction: 600,
      Session: 8 * 3600,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
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
    findAccount: async (_ctx, accountId) => {
      const account = await findAccount(pool, accountId, demo)
      if (!account) return undefined
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
  const scope = (params?.scope as string | undefined) ?? entities.AuthorizationCode?.scope ?? ''
  if (isAuthorization(ctx)) refuseGranular(scope)
  return scope.split(' ').filter(isUnderstood).join(' ')
}

const isUnderstood = (word: string) =>
  IDENTITY_SCOPES.includes(word) || word === 'launch' || word === 'launch/patient' || parseScope(word) !== undefined
