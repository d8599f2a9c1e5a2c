import { randomBytes } from 'node:crypto'
import express, { type Express } from 'express'
import { decodeJwt, exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { errors } from 'oidc-provider'
import { ATTEST, attestFaults, detailsIn } from './attest-faults.ts'

/** Who signs in next: claims of HelseID. */
export type Person = Record<string, unknown> & { sub: string }

const CLAIM = 'helseid://claims'
export const CLAIMS = {
  pid: `${CLAIM}/identity/pid`,
  securityLevel: `${CLAIM}/identity/security_level`,
  hprNumber: `${CLAIM}/hpr/hpr_number`,
  legalEntity: `${CLAIM}/client/claims/orgnr_parent`,
  pointOfCare: `${CLAIM}/client/claims/orgnr_child`,
} as const

/** The APIs behind it: by what they are called, which scopes they have. */
export const APIS: Readonly<Record<string, readonly string[]>> = {
  'nhn:phr': [
    'nhn:phr/mhd/read-documentreferences',
    'nhn:phr/mhd/read-documentreferences/kjernejournalforskriften',
    'nhn:phr/mhd/read-document',
  ],
  'nhn:critical-information': ['nhn:critical-information/api'],
  'nhn:kjernejournal': ['nhn:kjernejournal/api'],
  'nhn:pps': ['nhn:pps/provesvar-read'],
  'region:documents': ['region:documents/provide'],
}
const SCOPE_CLAIMS = {
  'helseid://scopes/identity/pid': [CLAIMS.pid],
  'helseid://scopes/identity/security_level': [CLAIMS.securityLevel],
  'helseid://scopes/hpr/hpr_number': [CLAIMS.hprNumber],
}

type Options = { issuer: string; clientId: string; clientJwk: JWK; redirectUri: string; tokenSeconds: number }
export type HelseId = {
  app: Express
  /** Who signs in next; nobody is asked for a password. */
  person: Person
  /** Refresh tokens are taken no more. */
  isOver: boolean
}

/**
 * HelseID as a client of national APIs meets it: people sign in by a pushed request, PKCE and DPoP with a nonce; what is asked of an API later is
 * asked with a refresh token, one token for each API, and with the attest of the trust framework in the client's assertion, which is judged and put
 * into the token. Machines come by client_credentials.
 */
export async function helseId({ issuer, clientId, clientJwk, redirectUri, tokenSeconds }: Options): Promise<HelseId> {
  const { privateKey } = await generateKeyPair('PS256', { extractable: true })
  const people = new Map<string, Person>()
  const state: HelseId = { app: express(), person: { sub: 'nobody' }, isOver: false }
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'helseid', alg: 'PS256', use: 'sig' } as never] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clients: [
      {
        ...{ client_id: clientId, token_endpoint_auth_method: 'private_key_jwt', redirect_uris: [redirectUri] },
        ...{ grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], response_types: ['code'] },
        ...{ jwks: { keys: [clientJwk] as never }, id_token_signed_response_alg: 'PS256' },
        dpop_bound_access_tokens: true,
      },
    ],
    scopes: ['openid', 'profile', 'offline_access', ...Object.keys(SCOPE_CLAIMS)],
    claims: {
      openid: ['sub', CLAIMS.legalEntity, CLAIMS.pointOfCare],
      profile: ['name'],
      ...SCOPE_CLAIMS,
    },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => people.get(id) ?? { sub: id } }),
    issueRefreshToken: async () => true,
    enabledJWA: {
      idTokenSigningAlgValues: ['PS256'],
      clientAuthSigningAlgValues: ['PS256', 'ES256', 'RS256'],
      dPoPSigningAlgValues: ['ES256', 'PS256'],
    },
    assertJwtClientAuthClaimsAndHeader(ctx, claims, header) {
      const { grant_type: grantType } = (ctx.oidc.body ?? {}) as { grant_type?: string }
      if (state.isOver && grantType === 'refresh_token') throw new errors.InvalidGrant('the session is over')
      if (header.typ !== 'client-authentication+jwt') throw new errors.InvalidClientAuth('typ')
      if (claims.aud !== issuer) throw new errors.InvalidClientAuth('aud is the issuer')
      if (Number(claims.exp) - Number(claims.iat) > 60) throw new errors.InvalidClientAuth('it lives too long')
      const details = detailsIn(claims)
      const faults = details
        .filter(({ type }) => type === ATTEST)
        .flatMap((attest) => attestFaults(attest, organizationIn(details)?.parent))
      if (faults.length > 0) throw new errors.AccessDenied(`HID-TRUST-FRAMEWORK ${faults.join('; ')}`)
    },
    extraTokenClaims(ctx, token) {
      const { client_assertion: assertion } = (ctx.oidc.body ?? {}) as { client_assertion?: string }
      const details = detailsIn(decodeJwt(assertion ?? ''))
      const organization = organizationIn(details)
      const person = people.get((token as { accountId?: string }).accountId ?? '')
      return {
        ...person,
        ...(organization ? { [CLAIMS.legalEntity]: organization.parent } : {}),
        ...(organization?.child ? { [CLAIMS.pointOfCare]: organization.child } : {}),
      }
    },
    formats: {
      customizers: {
        // The library keeps this claim for requests of another kind.
        jwt(ctx, _token, { payload }) {
          const { client_assertion: assertion } = (ctx.oidc.body ?? {}) as { client_assertion?: string }
          const attests = detailsIn(decodeJwt(assertion ?? '')).filter(({ type }) => type === ATTEST)
          if (attests.length > 0) Object.assign(payload as object, { authorization_details: attests })
        },
      },
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo: (_ctx, resource) => {
          const scopes = APIS[resource]
          if (!scopes) throw new errors.InvalidTarget()
          return {
            ...{ scope: scopes.join(' '), audience: resource, accessTokenFormat: 'jwt' },
            ...{ accessTokenTTL: tokenSeconds, jwt: { sign: { alg: 'PS256' } } },
          }
        },
      },
    },
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    ttl: { AuthorizationCode: 60, IdToken: 300, Grant: 3600, Session: 600, Interaction: 300, RefreshToken: 3600 },
    renderError: (ctx, out) => {
      ctx.body = out
    },
  })

  const { app } = state
  app.get('/sign-in/:uid', async (req, res) => {
    const { prompt, params, session } = await provider.interactionDetails(req, res)
    if (prompt.name === 'login') {
      people.set(state.person.sub, state.person)
      return provider.interactionFinished(req, res, {
        login: { accountId: state.person.sub, amr: ['bankid'], remember: false },
      })
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) })
    const asked = String(params.scope).split(' ')
    grant.addOIDCScope(asked.filter((scope) => !scope.startsWith('nhn:')).join(' '))
    for (const [api, scopes] of Object.entries(APIS)) {
      const granted = scopes.filter((scope) => asked.includes(scope))
      if (granted.length > 0) grant.addResourceScope(api, granted.join(' '))
    }
    return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } })
  })
  app.use(provider.callback())
  return state
}

/** NO:ORGNR:<parent>:<child>, as a client of several organisations says it. */
function organizationIn(details: Record<string, unknown>[]): { parent: string; child?: string } | undefined {
  const found = details
    .map(
      (one) =>
        (one as { practitioner_role?: { organization?: { identifier?: { value?: string } } } }).practitioner_role
          ?.organization?.identifier?.value,
    )
    .find((value) => value !== undefined)
  const [, parent, child] = /^NO:ORGNR:(\d{9}):(\d{9})?$/.exec(found ?? '') ?? []
  return parent ? { parent, ...(child ? { child } : {}) } : undefined
}
