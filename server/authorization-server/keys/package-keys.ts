import type { JWK } from 'jose'
import type { Pool, Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { generateKey } from './generate-key.ts'
import { locked } from './key-lock.ts'
import type { Seal } from './seal.ts'

/** The keys that sign packages of plans: none of those that sign tokens, for a package is good for years. */
export type PackageKeys = {
  /** The private JWK that signs now; made when nobody has signed yet, or since the keys were changed. */
  signing: () => Promise<JWK>
  /** The public halves of all that have signed, but for those that were withdrawn. */
  published: () => Promise<JWK[]>
}

export function openPackageKeys(pool: Pool, seal: Seal): PackageKeys {
  return {
    signing: () => locked(pool, async (tx) => (await findSigning(tx, seal)) ?? create(tx, seal)),
    async published() {
      const { rows } = await pool.query<{ public_jwk: JWK }>(sql`
        SELECT public_jwk FROM authorization_key WHERE use = 'package' ORDER BY signs_from DESC, kid`)
      return rows.map(({ public_jwk }) => public_jwk)
    },
  }
}

/** From now on they verify and sign no more: the private halves are thrown away. */
export async function endPackageKeys(tx: Tx): Promise<void> {
  await tx.query(sql`UPDATE authorization_key SET jwk = NULL, sealed = NULL WHERE use = 'package'`)
}

async function findSigning(tx: Tx, seal: Seal): Promise<JWK | undefined> {
  const { rows } = await tx.query<{ jwk: JWK | null; sealed: string | null }>(sql`
    SELECT jwk, sealed FROM authorization_key
     WHERE use = 'package' AND num_nonnulls(jwk, sealed) = 1 ORDER BY signs_from DESC LIMIT 1`)
  const [row] = rows
  return row && (row.jwk ?? ((await seal.open(row.sealed ?? '')) as JWK))
}

async function create(tx: Tx, seal: Seal): Promise<JWK> {
  const { jwk, publicJwk } = await generateKey('ES256')
  const [open, sealed] = seal.isOn ? [null, await seal.close(jwk)] : [jwk, null]
  await tx.query(sql`
    INSERT INTO authorization_key (kid, use, jwk, sealed, public_jwk)
    VALUES (${jwk.kid}, 'package', ${open}, ${sealed}, ${publicJwk})`)
  return jwk
}
