import {
  type CryptoKey,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from 'jose'
import type { Fetch } from './outgoing.ts'

const ANSWER_MILLISECONDS_MAX = 5_000
/** What is said of what was signed: it is signed with no key that is there, or in a way that none of them can. */
const OF_THE_SIGNED = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

type RemoteKeys = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>

/**
 * The keys of another issuer, of tokens or of anything else, fetched when they are needed, and kept for ten minutes.
 * @param away makes what is thrown where they cannot be had: nobody who brings what was signed is to blame for that
 */
export function remoteKeys(url: URL, fetch: Fetch, away: (cause: unknown) => Error): RemoteKeys {
  const keys = createRemoteJWKSet(url, {
    ...{ timeoutDuration: ANSWER_MILLISECONDS_MAX, [customFetch]: fetch as typeof globalThis.fetch },
  })
  return (header, token) =>
    keys(header, token).catch((error: unknown) => {
      throw OF_THE_SIGNED.some((kind) => error instanceof kind) ? error : away(error)
    })
}
