import { decodeJwt, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose'
import { Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { Queryable } from '../../db/pool.ts'
import { isFirstUse } from '../first-use.ts'
import type { Fetch } from '../outgoing.ts'
import { remoteKeys } from '../remote-keys.ts'
import { Ehr, type TrustedEhr } from './trusted-ehr.ts'

/** As whom an EHR calls our CDS services: what it signs with is not always what it signs ID tokens with. */
export type HookClient = { issuer: string; jwksUri: string }

/** https://cds-hooks.hl7.org/2.0/#trusting-cds-clients: asymmetric alone; ES384 and RS384 are advised. */
const ALGORITHMS = ['ES384', 'RS384', 'ES256', 'RS256', 'PS256', 'PS384', 'ES512', 'RS512', 'PS512']
/** A JWT is for one call, now. */
const AGE_SECONDS_MAX = 300
const LEEWAY_SECONDS = 5

type Known = { ehr: Ehr; client: HookClient; keys: JWTVerifyGetKey }

/** Which EHR calls one of our CDS services. */
export type VerifyEhrCall = (authorization: string | undefined, endpoint: string) => Promise<Ehr>

/**
 * @returns verifies the JWT with which an EHR calls: signed by its key, for exactly this address, not used before
 * @see https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
 */
export function ehrCalls(db: Queryable, trustedEhrs: readonly TrustedEhr[], fetch: Fetch): VerifyEhrCall {
  const known = new Map<string, Known>()
  for (const trusted of trustedEhrs) {
    const client = trusted.cdsHooks
    if (!client) continue
    const away = (cause: unknown) => Object.assign(refuse('transient', 'The EHR does not tell its keys.'), { cause })
    const keys = remoteKeys(new URL(client.jwksUri), fetch, away)
    known.set(client.issuer, { ehr: new Ehr(trusted, fetch), client, keys })
  }

  /** @throws Refusal `login` that says what is wrong with the JWT; `transient` where the keys cannot be had */
  return async (authorization, endpoint) => {
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization ?? '') ?? []
    if (!token) throw refuse('login', 'A JWT of the CDS client is required: Authorization: Bearer …')
    const caller = known.get(issuerOf(token))
    if (!caller) throw refuse('login', 'The JWT is of no CDS client that is trusted here (iss).')
    const { iss, jti } = await verify(token, caller, endpoint)
    if (!(await isFirstUse(db, `cds ${iss} ${jti}`, 2 * AGE_SECONDS_MAX)))
      throw refuse('login', 'The JWT was used before (jti).')
    return caller.ehr
  }
}

function issuerOf(token: string): string {
  try {
    return String(decodeJwt(token).iss)
  } catch {
    throw refuse('login', 'The bearer token is no JWT.')
  }
}

async function verify(token: string, { client, keys }: Known, endpoint: string): Promise<{ iss: string; jti: string }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      ...{ issuer: client.issuer, audience: endpoint, algorithms: ALGORITHMS, typ: 'JWT' },
      ...{ clockTolerance: LEEWAY_SECONDS, maxTokenAge: AGE_SECONDS_MAX, requiredClaims: ['exp', 'iat', 'jti'] },
    })
    const { jti, exp = 0 } = payload
    if (typeof jti !== 'string' || jti.length > 256) throw refuse('login', 'jti must be a string.')
    if (exp > Date.now() / 1000 + AGE_SECONDS_MAX + LEEWAY_SECONDS)
      throw refuse('login', 'The JWT lives longer than five minutes (exp).')
    if (!protectedHeader.kid) throw refuse('login', 'The JWT names no key (kid).')
    if (protectedHeader.jku !== undefined && protectedHeader.jku !== client.jwksUri)
      throw refuse('login', 'The keys of this CDS client are elsewhere (jku).')
    return { iss: client.issuer, jti }
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof joseErrors.JOSEError) throw refuse('login', `The JWT is not valid: ${whatIsWrong(error)}.`)
    throw error
  }
}

/** What the sender's developer needs, such as `"aud" claim` or the code of the library. */
const whatIsWrong = (error: joseErrors.JOSEError): string =>
  error instanceof joseErrors.JWTClaimValidationFailed || error instanceof joseErrors.JWTExpired
    ? `${error.claim} (${error.reason})`
    : error.code
