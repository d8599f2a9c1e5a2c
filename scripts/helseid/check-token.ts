import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import { type Api, ORGNR_PARENT } from './helseid.ts'

export type Asked = { method: string; url: string; authorization: string | undefined; proof: string | undefined }

/** @returns checks a request; the organisation that it comes from, or why it may not come */
export function tokenChecker(
  issuer: string,
  { audience, scope }: Api,
): (asked: Asked) => Promise<{ organization: string } | { error: string }> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const used = new Set<string>()
  return async ({ method, url, authorization = '', proof = '' }) => {
    const [, token] = /^DPoP (\S+)$/.exec(authorization) ?? []
    if (!token) return { error: 'invalid_token' }
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', clockTolerance: 5 })
      if (!String(payload.scope).split(' ').includes(scope)) return { error: 'insufficient_scope' }
      const { payload: proven, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        maxTokenAge: 60,
        clockTolerance: 5,
      })
      const ath = createHash('sha256').update(token).digest('base64url')
      if (proven.htm !== method || proven.htu !== url || proven.ath !== ath) return { error: 'invalid_dpop_proof' }
      if (typeof proven.jti !== 'string' || used.has(proven.jti)) return { error: 'invalid_dpop_proof' }
      used.add(proven.jti)
      const { jkt } = (payload.cnf ?? {}) as { jkt?: string }
      if (jkt !== (await calculateJwkThumbprint(protectedHeader.jwk as JWK))) return { error: 'invalid_token' }
      const organization = payload[ORGNR_PARENT]
      return typeof organization === 'string' ? { organization } : { error: 'invalid_token' }
    } catch {
      return { error: 'invalid_token' }
    }
  }
}
