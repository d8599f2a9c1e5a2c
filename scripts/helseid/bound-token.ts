import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, type JWK, type JWTPayload, jwtVerify } from 'jose'

export type Asked = { method: string; url: string; authorization: string | undefined; proof: string | undefined }

/** What an API of Norsk helsenett checks of each token of HelseID: who has made it and for whom, and that whoever sends it holds its key. */
export type CheckToken = (asked: Asked, audience: string) => Promise<{ claims: JWTPayload } | { error: string }>

/** @returns checks tokens of this issuer; a proof is taken once */
export function boundTokens(issuer: string): CheckToken {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const used = new Set<string>()
  return async ({ method, url, authorization = '', proof = '' }, audience) => {
    const [, token] = /^DPoP (\S+)$/.exec(authorization) ?? []
    if (!token) return { error: 'invalid_token' }
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', clockTolerance: 5 })
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
      return { claims: payload }
    } catch {
      return { error: 'invalid_token' }
    }
  }
}
