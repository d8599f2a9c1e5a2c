import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import type { Fetch } from './outgoing.ts'

const ANSWER_MILLISECONDS_MAX = 5_000
/** What is said of the token: it is signed with no key that is there, or in a way that none of them can. */
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

/**
 * The keys of another issuer, fetched when a token needs them, and kept for ten minutes.
 * @param away makes what is thrown where they cannot be had: nobody who brings a token is to blame for that
 */
export function remoteKeys(url: URL, fetch: Fetch, away: (cause: unknown) => Error): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    ...{ timeoutDuration: ANSWER_MILLISECONDS_MAX, [customFetch]: fetch as typeof globalThis.fetch },
  })
  return (header, token) =>
    keys(header, token).catch((error: unknown) => {
      throw OF_THE_TOKEN.some((kind) => error instanceof kind) ? error : away(error)
    })
}
