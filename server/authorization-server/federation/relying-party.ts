import { createHash } from 'node:crypto'
import { exportJWK, importJWK, type JWK } from 'jose'
import type { Configuration, CryptoKeyPair } from 'openid-client'
import type { Outgoing } from '../outgoing.ts'
import { DIALECTS, type IdentityProviderSettings } from './identity-provider.ts'

/** What must be kept between the way there and the way back. */
export type Attempt = {
  state: string
  nonce: string
  codeVerifier: string
  dpopKey: { publicJwk: JWK; privateJwk: JWK }
}

/** HelseID asks that metadata are kept for about a day. */
const METADATA_KEPT_MILLISECONDS = 24 * 3600_000
/** HelseID's samples: an assertion lives half a minute. */
const ASSERTION_SECONDS = 30

/** We, as a client of one identity provider. Every way there and back is openid-client's, which is certified for it. */
export class RelyingParty {
  readonly settings: IdentityProviderSettings
  readonly #redirectUri: string
  readonly #outgoing: Outgoing
  #known: { configuration: Promise<Configuration>; at: number } | undefined

  /** @param redirectUri the one address that is registered there */
  constructor(settings: IdentityProviderSettings, redirectUri: string, outgoing: Outgoing) {
    this.settings = settings
    this.#redirectUri = redirectUri
    this.#outgoing = outgoing
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
    const [state, nonce, codeVerifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]
    const keyPair = await openid.randomDPoPKeyPair('ES256', { extractable: true })
    const url = await openid.buildAuthorizationUrlWithPAR(
      configuration,
      {
        ...parameters,
        ...{ redirect_uri: this.#redirectUri, scope, state, nonce, ui_locales: language },
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      },
      dpop ? { DPoP: openid.getDPoPHandle(configuration, keyPair) } : undefined,
    )
    const dpopKey = { publicJwk: await exportJWK(keyPair.publicKey), privateJwk: await exportJWK(keyPair.privateKey) }
    return { url, attempt: { state, nonce, codeVerifier, dpopKey } }
  }

  /**
   * Redeems the code that came back: checks state, issuer, nonce, signature, audience and time of the ID token.
   * @param query what stands behind the `?` of the address that the browser came back to
   * @returns the claims of the ID token
   */
  async finish(query: string, attempt: Attempt): Promise<Record<string, unknown>> {
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
      undefined,
      DIALECTS[this.settings.name].dpop
        ? { DPoP: openid.getDPoPHandle(configuration, await importPair(attempt.dpopKey)) }
        : undefined,
    )
    return { ...tokens.claims() }
  }

  async #configuration(): Promise<Configuration> {
    if (!this.#known || Date.now() - this.#known.at > METADATA_KEPT_MILLISECONDS) {
      const configuration = this.#discover()
      this.#known = { configuration, at: Date.now() }
      // A provider that does not answer is asked again by the next who wants to sign in.
      configuration.catch(() => {
        this.#known = undefined
      })
    }
    return this.#known.configuration
  }

  async #discover(): Promise<Configuration> {
    const openid = await import('openid-client')
    const { name, issuer, clientId, key } = this.settings
    const { assertionType } = DIALECTS[name]
    const privateKey = await importJWK(key, key.alg)
    if (privateKey instanceof Uint8Array) throw new Error(`the key for ${name} is symmetric`)
    const authentication = openid.PrivateKeyJwt(
      { key: privateKey, ...(key.kid === undefined ? {} : { kid: key.kid }) },
      {
        [openid.modifyAssertion]: (header, claims) => {
          header.typ = assertionType
          claims.aud = issuer
          claims.exp = Math.floor(Date.now() / 1000) + ASSERTION_SECONDS
          if (this.settings.organization) claims.assertion_details = organizationDetails(this.settings.organization)
        },
      },
    )
    const isNamed = this.#outgoing.mayUse(new URL(issuer))
    const configuration = await openid.discovery(new URL(issuer), clientId, undefined, authentication, {
      execute: [
        openid.enableNonRepudiationChecks,
        // A test provider on a host that the operator has named may do without TLS; nobody else may.
        ...(isNamed && issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
      ],
    })
    return configuration
  }
}

/** Which of its organisations a multi-tenant client acts for. https://utviklerportal.nhn.no, "Organisasjonsnumre" */
function organizationDetails(organization: string): object {
  const [parent, child = ''] = organization.split(':')
  const value = `NO:ORGNR:${parent}:${child}`
  return {
    type: 'helseid_authorization',
    practitioner_role: { organization: { identifier: { system: 'urn:oid:1.0.6523', type: 'ENH', value } } },
  }
}

async function importPair({ publicJwk, privateJwk }: Attempt['dpopKey']): Promise<CryptoKeyPair> {
  const [publicKey, privateKey] = await Promise.all([importJWK(publicJwk, 'ES256'), importJWK(privateJwk, 'ES256')])
  return { publicKey, privateKey } as CryptoKeyPair
}

/** The name of an account here: the same person of the same organisation has the same one, and it tells nothing about them. */
export const accountIdOf = (provider: string, issuer: string, subject: string): string =>
  `${provider}-${createHash('sha256').update(`${issuer} ${subject}`).digest('base64url').slice(0, 22)}`
