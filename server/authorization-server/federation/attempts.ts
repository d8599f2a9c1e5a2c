import type { Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { bearerHash } from '../bearer-hash.ts'
import type { ProviderName } from './identity-provider.ts'
import type { Attempt } from './relying-party.ts'

const LIFETIME_SECONDS = 600

/** Remembers a sign-in that has gone to an identity provider, for the interaction that waits for it. */
export async function saveAttempt(
  db: Queryable,
  provider: ProviderName,
  uid: string,
  { state, nonce, codeVerifier, dpopKey }: Attempt,
): Promise<void> {
  await db.query(sql`
    INSERT INTO login_attempt (state_hash, provider, uid, nonce, code_verifier, dpop_key, expires_at)
    VALUES (${bearerHash(state)}, ${provider}, ${uid}, ${nonce}, ${codeVerifier}, ${dpopKey},
            now() + make_interval(secs => ${LIFETIME_SECONDS}))`)
}

/** Which interaction a `state` belongs to. It comes back at one address for all, which does not have the interaction's cookie. */
export async function findAttemptUid(db: Queryable, state: string): Promise<string | undefined> {
  const { rows } = await db.query<{ uid: string }>(sql`
    SELECT uid FROM login_attempt WHERE state_hash = ${bearerHash(state)} AND expires_at > now()`)
  return rows[0]?.uid
}

type AttemptRow = { provider: ProviderName; nonce: string; code_verifier: string; dpop_key: Attempt['dpopKey'] }

/** Uses up an attempt. @returns undefined if it is unknown, used, run out, or another interaction's */
export async function takeAttempt(
  db: Queryable,
  state: string,
  uid: string,
): Promise<{ provider: ProviderName; attempt: Attempt } | undefined> {
  const { rows } = await db.query<AttemptRow>(sql`
    DELETE FROM login_attempt WHERE state_hash = ${bearerHash(state)} AND uid = ${uid} AND expires_at > now()
    RETURNING provider, nonce, code_verifier, dpop_key`)
  const row = rows[0]
  if (!row) return undefined
  const attempt = { state, nonce: row.nonce, codeVerifier: row.code_verifier, dpopKey: row.dpop_key }
  return { provider: row.provider, attempt }
}
