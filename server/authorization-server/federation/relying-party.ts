import { createHash } from 'node:crypto'
import { exportJWK, importJWK, type JWK } from 'jose'
import type { Configuration, CryptoKeyPair } from 'openid-client'
import type { Outgoing } from '../outgoing.ts'
import { DIALECTS, type IdentityProviderSettings } from './identity-provider.ts'
import { followProvider } from './provider-configuration.ts'

/** What must be kept between the way there and the way back. */
export type Attempt = {
  state: string
  nonce: string
  codeVerifier: string
  dpopKey: { publicJwk: JWK; privateJwk: JWK }
}

/** What came of a sign-in. @property kept.seconds how long it can be refreshed, where the provider says it */
export type Finished = {
  claims: Record<string, unknown>
  kept?: { refreshToken: string; seconds?: number }
}

/** We, as a client of one identity provider. Every way there and back is openid-client's, which is certified for it. */
export class RelyingParty {
  readonly settings: IdentityProviderSettings
  readonly #redirectUri: string
  readonly #configuration: () => Promise<Configuration>

  /** @param redirectUri the one address that is registered there */
  constructor(settings: IdentityProviderSettings, redirectUri: string, outgoing: Outgoing) {
    this.settings = settings
    this.#redirectUri = redirectUri
    this.#configuration = followProvider(settings, outgoing)
  }

  /**
   * Announces a sign-in by a pushed request (PAR).
   * @param language what the person reads, for its pages
   * @returns where to send the browser, and what to keep until it comes back
   */
  async begin(language: string): Promise<{ url: URL; attempt: Attempt }> {
    const openid = await import('openid-client')
    const configuration = await this.#configuration()
    const { scope, parameters, dpop } = DIALECTS[this.settings.name]
    const apis = Object.entries(this.settings.apis ?? {})
    const later = apis.length > 0 ? ['offline_access', ...apis.flatMap(([, scopes]) => scopes)] : []
    const [state, nonce, codeVerifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]
    const keyPair = await openid.randomDPoPKeyPair('ES256', { extractable: true })
    const url = await openid.buildAuthorizationUrlWithPAR(
      configuration,
      new URLSearchParams([
        ...Object.entries(parameters),
        ...Object.entries({ redirect_uri: this.#redirectUri, scope: [scope, ...later].join(' '), state, nonce }),
        ...Object.entries({ ui_locales: language, code_challenge_method: 'S256' }),
        ['code_challenge', await openid.calculatePKCECodeChallenge(codeVerifier)],
        ...apis.map(([api]) => ['resource', api]),
      ]),
      dpop ? { DPoP: openid.getDPoPHandle(configuration, keyPair) } : undefined,
    )
    const dpopKey = { publicJwk: await exportJWK(keyPair.publicKey), privateJwk: await exportJWK(keyPair.privateKey) }
    return { url, attempt: { state, nonce, codeVerifier, dpopKey } }
  }

  /**
   * Redeems the code that came back: checks state, issuer, nonce, signature, audience and time of the ID token.
   * @param query what stands behind the `?` of the address that the browser came back to
   * @returns the claims of the ID token, and by what the person’s APIs can be asked later, where that was asked for
   */
  async finish(query: string, attempt: Attempt): Promise<Finished> {
    const openid = await import('openid-client')
    const configuration = await this.#configuration()
    const back = new URL(this.#redirectUri)
    back.search = query
    const tokens = await openid.authorizationCodeGrant(
      configuration,
      back,
      {
        pkceCodeVerifier: attempt.codeVerifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      },
      // An access token is for one API; this one is for none that matters.
      this.settings.apis ? { resource: Object.keys(this.settings.apis)[0] ?? '' } : undefined,
      DIALECTS[this.settings.name].dpop
        ? { DPoP: openid.getDPoPHandle(configuration, await importPair(attempt.dpopKey)) }
        : undefined,
    )
    const { refresh_token: refreshToken, rt_expires_in: seconds } = tokens
    return {
      claims: { ...tokens.claims() },
      ...(this.settings.apis && refreshToken
        ? { kept: { refreshToken, ...(typeof seconds === 'number' ? { seconds } : {}) } }
        : {}),
    }
  }
}

async function importPair({ publicJwk, privateJwk }: Attempt['dpopKey']): Promise<CryptoKeyPair> {
  const [publicKey, privateKey] = await Promise.all([importJWK(publicJwk, 'ES256'), importJWK(privateJwk, 'ES256')])
  return { publicKey, privateKey } as CryptoKeyPair
}

/** The name of an account here: the same person of the same organisation has the same one, and it tells nothing about them. */
export const accountIdOf = (provider: string, issuer: string, subject: string): string =>
  `${provider}-${createHash('sha256').update(`${issuer} ${subject}`).digest('base64url').slice(0, 22)}`
