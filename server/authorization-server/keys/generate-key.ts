import type { JWK } from 'jose'

export type GeneratedKey = { jwk: JWK; publicJwk: JWK }

/** What a key is made for, and of which kind and size it is then. */
const KINDS = { RS256: ['RSA', 2048], ES256: ['EC', 'P-256'], ES384: ['EC', 'P-384'] } as const

/** A new key that signs by this algorithm, with a `kid` of its own. */
export async function generateKey(alg: keyof typeof KINDS): Promise<GeneratedKey> {
  // Loaded only here: with all its parts node-jose takes longer to load than everything else in this room. It is used
  // as a key store alone; what it verifies is not to be trusted in one process with others (see docs/decisions/0003).
  const { default: jose } = await import('node-jose')
  const [kty, size] = KINDS[alg]
  const key = await jose.JWK.createKeyStore().generate(kty, size, { alg, use: 'sig' })
  return { jwk: key.toJSON(true) as JWK, publicJwk: key.toJSON() as JWK }
}
