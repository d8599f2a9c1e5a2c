import type { Bundle } from '@medplum/fhirtypes'
import { createLocalJWKSet, type FlattenedVerifyGetKey, type JWK, errors as joseErrors } from 'jose'
import type { Fetch } from '../authorization-server/outgoing.ts'
import { remoteKeys } from '../authorization-server/remote-keys.ts'
import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import { issuerOf, signBundle, verifyBundle } from './bundle-signature.ts'

/** Whose packages are believed: the address that their signatures name, and where their keys are, or the keys themselves. */
export type PackageIssuer = { issuer: string; jwksUri: string } | { issuer: string; jwks: { keys: JWK[] } }

export type PackageSigning = {
  /** The package, signed by this server. */
  sign: (bundle: Bundle, when: Date) => Promise<Bundle>
  /**
   * Who has signed it, undefined for one that nobody has.
   * @throws Refusal business-rule (not signed, by somebody who is not trusted, with a key that they do not have, or altered since),
   *   value and not-supported (no signature that can be verified), transient (their keys cannot be had); the expression is the element
   */
  verify: (bundle: Bundle) => Promise<string | undefined>
}

export type PackageSigningSettings = {
  /** This server, as its own packages name it. */
  issuer: string
  keys: { signing: () => Promise<JWK>; published: () => Promise<JWK[]> }
  trusted: readonly PackageIssuer[]
  /** Whether a package that nobody has signed is refused. */
  isRequired: boolean
  fetch: Fetch
}

/** Signs the packages of plans that leave, and holds those that come against whom they say they are from. */
export function createPackageSigning({
  issuer,
  keys,
  trusted,
  isRequired,
  fetch,
}: PackageSigningSettings): PackageSigning {
  const others = new Map(trusted.map((one) => [one.issuer, keysOf(one, fetch)]))
  const findKeys = async (signer: string | undefined): Promise<FlattenedVerifyGetKey | undefined> =>
    signer === issuer ? createLocalJWKSet({ keys: await keys.published() }) : others.get(signer ?? '')

  return {
    sign: async (bundle, when) => signBundle(bundle, { issuer, key: await keys.signing(), when }),
    async verify(bundle) {
      const { signature } = bundle
      if (!signature) {
        if (isRequired)
          throw refuse('business-rule', 'The package must be signed (PACKAGE_SIGNATURES).', 'Bundle.signature')
        return undefined
      }
      const signer = issuerOf(signature)
      const known = await findKeys(signer)
      if (!known)
        throw refuse(
          'business-rule',
          `The package is signed by ${signer ?? 'nobody who is named'}, who is not trusted here (PACKAGE_ISSUERS).`,
          'Bundle.signature.who',
        )
      await verifyBundle(bundle, signature, known).catch((error: unknown) => {
        throw error instanceof joseErrors.JOSEError ? refusalOf(error, signer) : error
      })
      return signer
    },
  }
}

function keysOf(trusted: PackageIssuer, fetch: Fetch): FlattenedVerifyGetKey {
  if ('jwks' in trusted) return createLocalJWKSet(trusted.jwks)
  return remoteKeys(new URL(trusted.jwksUri), fetch, (cause) => {
    const told = `${trusted.issuer} does not tell its keys at the moment.`
    return Object.assign(refuse('transient', told, 'Bundle.signature.who'), { cause })
  })
}

function refusalOf(error: joseErrors.JOSEError, signer: string | undefined): Refusal {
  if (error instanceof joseErrors.JWSSignatureVerificationFailed)
    return refuse('business-rule', `The package is not as ${signer} has signed it.`, 'Bundle.signature.data')
  if (error instanceof joseErrors.JWKSNoMatchingKey)
    return refuse('business-rule', `${signer} has no key such as the package is signed with.`, 'Bundle.signature.data')
  return refuse('value', `The signature cannot be verified: ${error.message}.`, 'Bundle.signature.data')
}
