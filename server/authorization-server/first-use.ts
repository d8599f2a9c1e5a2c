import { hash } from 'node:crypto'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/**
 * Whether what may be used once is used for the first time; of copies that come at the same moment, in whichever process, one is the first.
 * @param seconds for how long it is remembered: at least as long as it would be valid
 */
export async function isFirstUse(db: Queryable, name: string, seconds: number): Promise<boolean> {
  const { rowCount } = await db.query(sql`
    INSERT INTO oidc_artifact (model, id, payload, expires_at)
    VALUES ('ProofReplay', ${hash('sha256', name, 'base64url')}, '{}', now() + make_interval(secs => ${seconds}))
    ON CONFLICT DO NOTHING`)
  return rowCount === 1
}
