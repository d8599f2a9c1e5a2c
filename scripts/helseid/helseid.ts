import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { decodeJwt, exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { errors } from 'oidc-provider'

export const ORGNR_PARENT = 'helseid://claims/client/claims/orgnr_parent'

/** An API as HelseID knows it. */
export type Api = { audience: string; scope: string }
/** Those that have a stand-in here. Under which scope the service for measurements is known, nobody has published. */
export const APIS = {
  jft: { audience: 'nhn:jft', scope: 'nhn:jft/api' },
  pmd: { audience: 'nhn:pmd', scope: 'nhn:pmd/api' },
} as const satisfies Record<string, Api>

export const VKP_ID = 'nhn:vkp/client/claims/vkp-id'
/** Velferdsteknologisk knutepunkt has a scope for each type and what is done with it. */
export const VKP = {
  audience: 'nhn:vkp',
  scopes: ['patient', 'careplan', 'condition', 'medicationstatement', 'allergyintolerance'].map(
    (type) => `nhn:vkp/api/user/${type}.read`,
  ),
}
/** By scope, the audience of its API. */
const AUDIENCES = new Map<string, string>([
  ...Object.values(APIS).map(({ scope, audience }) => [scope, audience] as const),
  ...VKP.scopes.map((scope) => [scope, VKP.audience] as const),
])
const SCOPES = [...AUDIENCES.keys()]
type Options = {
  issuer: string
  clientId: string
  clientJwk: JWK
  tokenSeconds: number
  /** A client of one system at one municipality, as the hub knows it: its tokens are bound to no key, and it need not say for whom it acts. */
  vkpId?: string
  /** Of those that there are; all, where nothing is said. */
  scopes?: readonly string[]
}

/**
 * HelseID as far as a machine needs it: client_credentials by private_key_jwt of the right type and audience, DPoP with a nonce, and the
 * organisation that the client acts for as a claim of the token.
 */
export async function helseId({
  issuer,
  clientId,
  clientJwk,
  tokenSeconds,
  vkpId,
  scopes = SCOPES,
}: Options): Promise<RequestListener> {
  const { privateKey } = await generateKeyPair('PS256', { extractable: true })
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'helseid', alg: 'PS256', use: 'sig' } as never] },
    clients: [
      {
        ...{ client_id: clientId, token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
        ...{ redirect_uris: [], response_types: [], jwks: { keys: [clientJwk] as never }, scope: scopes.join(' ') },
        ...{ dpop_bound_access_tokens: vkpId === undefined, id_token_signed_response_alg: 'PS256' },
      },
    ],
    scopes: SCOPES,
    enabledJWA: {
      idTokenSigningAlgValues: ['PS256'],
      clientAuthSigningAlgValues: ['PS256', 'ES256', 'RS256'],
      dPoPSigningAlgValues: ['ES256', 'PS256'],
    },
    assertJwtClientAuthClaimsAndHeader(_ctx, claims, header) {
      if (header.typ !== 'client-authentication+jwt') throw new errors.InvalidClientAuth('typ')
      if (claims.aud !== issuer) throw new errors.InvalidClientAuth('aud is the issuer')
      if (Number(claims.exp) - Number(claims.iat) > 60) throw new errors.InvalidClientAuth('it lives too long')
      if (vkpId === undefined && organizationIn(claims) === undefined)
        throw new errors.InvalidClientAuth('for which organisation?')
    },
    extraTokenClaims(ctx) {
      if (vkpId !== undefined) return { [VKP_ID]: vkpId, client_amr: 'private_key_jwt' }
      const { client_assertion: assertion } = (ctx.oidc.body ?? {}) as { client_assertion?: string }
      return { [ORGNR_PARENT]: organizationIn(decodeJwt(assertion ?? '')) }
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => {
          const asked = (ctx.oidc.params as { scope?: string } | undefined)?.scope
          return AUDIENCES.get(asked?.split(' ')[0] ?? '') ?? APIS.jft.audience
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience) => ({
          ...{ scope: SCOPES.filter((one) => AUDIENCES.get(one) === audience).join(' '), audience },
          ...{ accessTokenFormat: 'jwt', accessTokenTTL: tokenSeconds, jwt: { sign: { alg: 'PS256' } } },
        }),
      },
    },
  })
  return provider.callback()
}

/** NO:ORGNR:<parent>:<child>, as a client of several organisations says it. */
function organizationIn(claims: object): string | undefined {
  const { assertion_details: details } = claims as {
    assertion_details?: { practitioner_role?: { organization?: { identifier?: { value?: string } } } }
  }
  return /^NO:ORGNR:(\d{9}):/.exec(details?.practitioner_role?.organization?.identifier?.value ?? '')?.[1]
}
