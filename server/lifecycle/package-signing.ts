import type { Bundle } from '@medplum/fhirtypes'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FlattenedVerifyGetKey,
  type JWK,
  errors as joseErrors,
} from 'jose'
import { type Refusal, refuse } from '../fhir/outcome.ts'
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
  fetch: (url: string | URL, options: RequestInit) => Promise<Response>
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

function keysOf(trusted: PackageIssuer, fetch: PackageSigningSettings['fetch']): FlattenedVerifyGetKey {
  if ('jwks' in trusted) return createLocalJWKSet(trusted.jwks)
  const remote = createRemoteJWKSet(new URL(trusted.jwksUri), { [customFetch]: fetch as typeof globalThis.fetch })
  return async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      if (error instanceof joseErrors.JOSEError && !UNREACHABLE.has(error.code)) throw error
      const refusal = refuse(
        'transient',
        `${trusted.issuer} does not tell its keys at the moment.`,
        'Bundle.signature.who',
      )
      refusal.cause = error
      throw refusal
    }
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set([joseErrors.JWKSTimeout.code, joseErrors.JOSEError.code])

function refusalOf(error: joseErrors.JOSEError, signer: string | undefined): Refusal {
  if (error instanceof joseErrors.JWSSignatureVerificationFailed)
    return refuse('business-rule', `The package is not as ${signer} has signed it.`, 'Bundle.signature.data')
  if (error instanceof joseErrors.JWKSNoMatchingKey)
    return refuse('business-rule', `${signer} has no key such as the package is signed with.`, 'Bundle.signature.data')
  return refuse('value', `The signature cannot be verified: ${error.message}.`, 'Bundle.signature.data')
}
