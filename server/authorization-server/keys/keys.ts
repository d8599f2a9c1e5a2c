import { randomBytes } from 'node:crypto'
import type { JWK } from 'oidc-provider'
import { inTransaction, type Pool, type Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

export type AuthorizationKeys = {
  /** Private JWKs; of each algorithm the newest first, which signs. */
  signing: JWK[]
  /** Newest first, which signs cookies. */
  cookie: string[]
}

type KeyRow = { use: 'sig' | 'cookie'; jwk: JWK & { k?: string } }

// Held until COMMIT. The number is only ours by being unlikely: "keys" read as base 36.
const LOCK = 960796

/** The keys of this server, made now if there are none. Processes that start together wait for each other and get the same. */
export async function readKeys(pool: Pool): Promise<AuthorizationKeys> {
  const rows = await inTransaction(pool, async (tx) => {
    await tx.query(sql`SELECT pg_advisory_xact_lock(${LOCK})`)
    const found = await listKeys(tx)
    return found.length > 0 ? found : createKeys(tx)
  })
  return {
    signing: rows.filter(({ use }) => use === 'sig').map(({ jwk }) => jwk),
    cookie: rows.filter(({ use }) => use === 'cookie').map(({ jwk }) => String(jwk.k)),
  }
}

async function listKeys(tx: Tx): Promise<KeyRow[]> {
  const { rows } = await tx.query<KeyRow>(sql`SELECT use, jwk FROM authorization_key ORDER BY created_at DESC, kid`)
  return rows
}

async function createKeys(tx: Tx): Promise<KeyRow[]> {
  // Loaded only here: with all its parts node-jose takes longer to load than everything else in this room. It is used
  // as a key store alone; what it verifies is not to be trusted in one process with others (see docs/decisions/0003).
  const { default: jose } = await import('node-jose')
  const keyStore = jose.JWK.createKeyStore()
  // SMART wants ID tokens signed by RS256; ES384 is for clients that ask for it.
  await keyStore.generate('RSA', 2048, { alg: 'RS256', use: 'sig' })
  await keyStore.generate('EC', 'P-384', { alg: 'ES384', use: 'sig' })
  const { keys } = keyStore.toJSON(true) as { keys: JWK[] }
  for (const jwk of keys)
    await tx.query(sql`INSERT INTO authorization_key (kid, use, jwk) VALUES (${jwk.kid}, 'sig', ${jwk})`)
  const cookie = { kid: randomBytes(8).toString('hex'), kty: 'oct', k: randomBytes(32).toString('base64url') }
  await tx.query(sql`INSERT INTO authorization_key (kid, use, jwk) VALUES (${cookie.kid}, 'cookie', ${cookie})`)
  return listKeys(tx)
}
