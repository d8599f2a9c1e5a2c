import { errors } from 'oidc-provider'

/** RS384 and ES384 are SMART's; the others are what Norwegian health clients sign with. Nothing symmetric, and no `none`. */
export const ASSERTION_ALGORITHMS = ['RS384', 'ES384', 'PS256', 'ES256', 'RS512', 'PS384', 'PS512', 'ES512']

const LIFETIME_SECONDS_MAX = 300
const LEEWAY_SECONDS = 5
const TYPES = [undefined, 'JWT', 'client-authentication+jwt']

type Header = { kid?: unknown; typ?: unknown; jku?: unknown }
type Claims = { sub?: unknown; exp?: unknown; jti?: unknown }

/**
 * What SMART asks of a client assertion beyond RFC 7523, which the library has checked: signature, iss, aud, exp, jti.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#authenticating-to-the-token-endpoint
 * @throws InvalidClientAuth, which tells a caller `invalid_client` and the log why
 */
export function assertAssertion(claims: object, header: object, client: { clientId: string; jwksUri?: string }): void {
  const { sub, exp, jti }: Claims = claims
  const { kid, typ, jku }: Header = header
  if (sub !== client.clientId) throw new errors.InvalidClientAuth('sub must be the client_id')
  if (typeof jti !== 'string' || jti.length > 256) throw new errors.InvalidClientAuth('jti must be a string')
  if (Number(exp) > Date.now() / 1000 + LIFETIME_SECONDS_MAX + LEEWAY_SECONDS)
    throw new errors.InvalidClientAuth('exp is more than five minutes ahead')
  if (typeof kid !== 'string' || kid === '') throw new errors.InvalidClientAuth('kid must name the key')
  // A proof of DPoP, or a token, is a JWT of the same key; it must not pass for an assertion.
  if (!TYPES.includes(typ as string | undefined)) throw new errors.InvalidClientAuth('typ must be JWT')
  if (jku !== undefined && jku !== client.jwksUri)
    throw new errors.InvalidClientAuth('jku must be the jwks_uri that was registered')
}
