import { hash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, type JWTVerifyResult, jwtVerify } from 'jose'
import { refuse } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { isFirstUse } from './first-use.ts'

/** No `none`, and nothing symmetric: the key comes with the proof itself. HelseID’s clients use RS512 and ES384 among them. */
export const DPOP_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']

/** How far the clocks of two machines may be apart, and how long a proof may take to get here. */
const AGE_SECONDS_MAX = 60

export type Proof = {
  /** The header `DPoP` as it came. */
  proof: string | undefined
  token: string
  /** RFC 7638 thumbprint of the key that the token was given to. */
  jkt: string
  method: string
  /** As callers see it; query and fragment do not count. */
  url: string
}

/**
 * Checks that whoever sends a bound token has its key, for this request and this once. https://www.rfc-editor.org/rfc/rfc9449#section-4.3
 * @throws Refusal `login` that names what is wrong with the proof
 */
export async function checkProof(db: Queryable, { proof, token, jkt, method, url }: Proof): Promise<void> {
  if (!proof) throw refuse('login', 'A proof of the key is required in the header DPoP.')
  const { payload, key } = await verify(proof)
  const wrong =
    (payload.htm !== method && 'htm is not the method of this request') ||
    (!isSameAddress(payload.htu, url) && 'htu is not the address of this request') ||
    (payload.ath !== hash('sha256', token, 'base64url') && 'ath is not the hash of this token') ||
    (key !== jkt && 'the key is not the one that the token was given to') ||
    (!(Math.abs(Date.now() / 1000 - (payload.iat ?? 0)) <= AGE_SECONDS_MAX) && 'iat is not now') ||
    (typeof payload.jti !== 'string' && 'jti is missing')
  if (wrong) throw refuse('login', `The DPoP proof is not valid: ${wrong}.`)
  if (!(await isFirstUse(db, `${jkt} ${payload.jti}`, 2 * AGE_SECONDS_MAX)))
    throw refuse('login', 'The DPoP proof is not valid: jti was used before.')
}

async function verify(proof: string): Promise<{ payload: JWTVerifyResult['payload']; key: string }> {
  try {
    // The embedded key is what a proof is signed by; that it is the right one is checked by its thumbprint.
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: DPOP_ALGORITHMS,
      typ: 'dpop+jwt',
    })
    return { payload, key: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) }
  } catch {
    throw refuse(
      'login',
      'The DPoP proof is not valid: it is no JWT of the type dpop+jwt signed by the key in its header.',
    )
  }
}

function isSameAddress(htu: unknown, url: string): boolean {
  const [claimed, actual] = [URL.parse(String(htu)), URL.parse(url)]
  return claimed !== null && actual !== null && bare(claimed) === bare(actual)
}

const bare = ({ origin, pathname }: URL) => origin + pathname
