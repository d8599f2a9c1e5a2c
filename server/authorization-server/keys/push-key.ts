import type { JWK } from 'jose'
import type { Pool } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { generateKey } from './generate-key.ts'
import { locked } from './key-lock.ts'
import type { Seal } from './seal.ts'

/** The key by which push services know this server (VAPID), as they want it. https://www.rfc-editor.org/rfc/rfc8292 */
export type PushKey = {
  /** The uncompressed point, base64url: browsers subscribe with it. */
  publicKey: string
  privateKey: string
}

/**
 * Made when the first asks for it, and kept: another key would end every subscription there is. It signs nothing but that a notice is from here.
 */
export function openPushKey(pool: Pool, seal: Seal): () => Promise<PushKey> {
  let known: Promise<PushKey> | undefined
  return () => {
    known ??= read(pool, seal).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

const read = (pool: Pool, seal: Seal): Promise<PushKey> =>
  locked(pool, async (tx) => {
    const { rows } = await tx.query<{ jwk: JWK | null; sealed: string | null }>(sql`SELECT jwk, sealed FROM push_key`)
    const [found] = rows
    const jwk = found ? (found.jwk ?? ((await seal.open(found.sealed ?? '')) as JWK)) : (await generateKey('ES256')).jwk
    // Also of one from before there was something to seal it with.
    if (!found || (seal.isOn && found.jwk)) {
      const [open, sealed] = seal.isOn ? [null, await seal.close(jwk as Parameters<Seal['close']>[0])] : [jwk, null]
      await tx.query(sql`
        INSERT INTO push_key (jwk, sealed) VALUES (${open}, ${sealed})
        ON CONFLICT (only_one) DO UPDATE SET jwk = excluded.jwk, sealed = excluded.sealed`)
    }
    return toPushKey(jwk)
  })

function toPushKey({ x = '', y = '', d = '' }: JWK): PushKey {
  const point = [Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return { publicKey: Buffer.concat(point).toString('base64url'), privateKey: d }
}
