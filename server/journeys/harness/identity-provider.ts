import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { type Configuration, errors } from 'oidc-provider'

/** What the provider says of the person who signs in next: claims of the ID token. */
export type TestPerson = Record<string, unknown> & { sub: string }
type Form = Record<string, unknown>
export type Assertion = { header: Record<string, unknown>; claims: Record<string, unknown> }

/** HelseID, or ID-porten, as far as it can be told from outside; its errors included. */
export type TestIdentityProvider = {
  issuer: string
  /** Who signs in next. `cancel` when the person gives up instead. */
  person: TestPerson | 'cancel'
  /** Every client assertion that came. */
  assertions: Assertion[]
  /** Pushed requests that came with a proof of a key. */
  pushed: number
  /** What the authorization endpoint was asked with. */
  asked: string[][]
  /** What was pushed to it before, and what was sent to its token endpoint: the forms. */
  pushedForms: Form[]
  tokenForms: Form[]
  stop: () => Promise<void>
}

type Options = {
  dialect: 'helseid' | 'idporten'
  clientId: string
  clientJwk: JWK
  redirectUri: string
}

const HELSEID_CLAIMS = {
  'helseid://scopes/identity/pid': ['helseid://claims/identity/pid'],
  'helseid://scopes/identity/security_level': ['helseid://claims/identity/security_level'],
  'helseid://scopes/hpr/hpr_number': ['helseid://claims/hpr/hpr_number'],
}
const ORGANIZATION_CLAIMS = [
  'helseid://claims/client/claims/orgnr_parent',
  'helseid://claims/client/claims/orgnr_child',
]

/**
 * Starts one on a port of its own. HelseID's is FAPI 2.0: pushed requests alone, DPoP with a nonce, assertions of the type
 * client-authentication+jwt that are meant for the issuer and live a minute at most.
 */
export async function startIdentityProvider({
  dialect,
  clientId,
  clientJwk,
  redirectUri,
}: Options): Promise<TestIdentityProvider> {
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const isHelseId = dialect === 'helseid'
  const state: TestIdentityProvider = {
    ...{ issuer, person: { sub: 'nobody' }, assertions: [], pushed: 0, asked: [], stop },
    ...{ pushedForms: [], tokenForms: [] },
  }
  const people = new Map<string, TestPerson>()
  const signing = await generateKeyPair('PS256', { extractable: true })

  const configuration: Configuration = {
    jwks: {
      keys: [
        {
          ...(await exportJWK(signing.privateKey)),
          kid: 's1',
          alg: isHelseId ? 'PS256' : 'RS256',
          use: 'sig',
        } as never,
      ],
    },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clients: [
      {
        ...{ client_id: clientId, token_endpoint_auth_method: 'private_key_jwt', redirect_uris: [redirectUri] },
        ...{ id_token_signed_response_alg: isHelseId ? 'PS256' : 'RS256', dpop_bound_access_tokens: isHelseId },
        ...{ grant_types: ['authorization_code'], jwks_uri: `${issuer}/client-jwks` },
      },
    ],
    scopes: ['openid', 'profile', ...(isHelseId ? Object.keys(HELSEID_CLAIMS) : [])],
    claims: {
      openid: ['sub', 'pid', ...ORGANIZATION_CLAIMS],
      profile: ['name'],
      ...(isHelseId ? HELSEID_CLAIMS : {}),
    },
    // The client's keys are at this machine, where the library does not ask by itself.
    fetch: (url, options) => fetch(url, { signal: options?.signal ?? null }),
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => people.get(id) ?? { sub: id } }),
    enabledJWA: {
      clientAuthSigningAlgValues: ['PS256', 'ES256', 'RS256'],
      idTokenSigningAlgValues: ['PS256', 'RS256'],
      dPoPSigningAlgValues: ['ES256', 'PS256'],
    } as Configuration['enabledJWA'],
    acrValues: ['idporten-loa-high', 'idporten-loa-substantial'],
    assertJwtClientAuthClaimsAndHeader(_ctx, claims, header) {
      state.assertions.push({ header: { ...header }, claims: { ...claims } })
      if (claims.aud !== issuer) throw new errors.InvalidClientAuth('aud must be the issuer')
      if (isHelseId && header.typ !== 'client-authentication+jwt') throw new errors.InvalidClientAuth('typ')
      if (Number(claims.exp) - Number(claims.iat) > 60)
        throw new errors.InvalidClientAuth('the assertion lives too long')
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: isHelseId },
      ...(isHelseId
        ? {
            fapi: { enabled: true, profile: '2.0' as const },
            dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
          }
        : {}),
    },
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 300, Grant: 600, Session: 600, Interaction: 300 },
    renderError: (ctx, out) => {
      ctx.body = out
    },
  }
  const provider = new Provider(issuer, configuration)
  provider.on('pushed_authorization_request.success', (ctx) => {
    state.pushed++
    state.pushedForms.push({ ...ctx.oidc.params })
  })
  provider.on('grant.success', (ctx) => {
    state.tokenForms.push({ ...ctx.oidc.params })
  })

  app.get('/auth', (req, _res, next) => {
    state.asked.push(Object.keys(req.query))
    next()
  })
  app.get('/client-jwks', (_req, res) => void res.json({ keys: [clientJwk] }))
  app.get('/sign-in/:uid', async (req, res) => {
    const { prompt, params, session } = await provider.interactionDetails(req, res)
    if (state.person === 'cancel')
      return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'cancelled' })
    if (prompt.name === 'login') {
      const { sub, acr } = state.person
      people.set(sub, state.person)
      const login = { accountId: sub, amr: ['bankid'], ...(typeof acr === 'string' ? { acr } : {}), remember: false }
      return provider.interactionFinished(req, res, { login })
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) })
    grant.addOIDCScope(String(params.scope))
    return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } })
  })
  app.use(provider.callback())
  return state

  async function stop(): Promise<void> {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
