import { randomBytes } from 'node:crypto'
import type { Access } from '../access/access.ts'
import { bearerHash } from '../authorization-server/bearer-hash.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { keepBasis } from './basis.ts'

/** A word by which a socket is bound, once. */
export type BindingToken = { token: string; expiresAt: Date }
export type Binding = { subscriptions: string[]; basis: string }

const SECONDS = 60
const TOKEN_BYTES = 32

/** @param ids of Subscriptions that the caller has made, and that are told by sockets */
export async function makeBinding(db: Queryable, access: Access, ids: readonly string[]): Promise<BindingToken> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const basis = await keepBasis(db, access)
  const { rows } = await db.query<{ expires_at: Date }>(sql`
    WITH old AS (DELETE FROM subscription_binding WHERE expires_at < now())
    INSERT INTO subscription_binding (token, subscriptions, basis, expires_at)
    VALUES (${bearerHash(token)}, ${ids}::text[], ${basis}, now() + make_interval(secs => ${SECONDS}::int))
    RETURNING expires_at`)
  return { token, expiresAt: rows[0]?.expires_at ?? new Date() }
}

/** @returns what the token is for; undefined for one that is unknown, too old, or was used */
export async function takeBinding(db: Queryable, token: string): Promise<Binding | undefined> {
  const { rows } = await db.query<Binding>(sql`
    DELETE FROM subscription_binding WHERE token = ${bearerHash(token)} AND expires_at > now() RETURNING subscriptions, basis`)
  return rows[0]
}
