import { randomBytes } from 'node:crypto'
import type { JWK } from 'oidc-provider'
import type { Pool, Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { generateKey } from './generate-key.ts'
import { locked } from './key-lock.ts'
import { endPackageKeys } from './package-keys.ts'
import type { Seal } from './seal.ts'

export type AuthorizationKeys = {
  /** Private JWKs, all of them published; of each algorithm the first signs. */
  signing: JWK[]
  /** The first signs cookies, all verify. */
  cookie: string[]
  /** When the next key begins to sign, or one is not published any more: then these are out of date. */
  validUntil: Date | undefined
}

/** A new key is published this long before it signs: longer than anybody keeps what /auth/jwks has said. */
const PUBLISHED_AHEAD_SECONDS = 600
/** A key is published this long after it signed last: longer than an ID token or a session of a browser lives. */
const PUBLISHED_AFTER_SECONDS = 24 * 3600
/** How long callers may keep what /auth/jwks says. */
export const JWKS_KEPT_SECONDS = 300

type KeyRow = {
  kid: string
  use: 'sig' | 'cookie' | 'package'
  jwk: JWK | null
  sealed: string | null
  signs_from: Date
  ends_at: Date | null
}

/** The keys of this server, made now if there are none. Processes that start together wait for each other and get the same. */
export async function readKeys(pool: Pool, seal: Seal): Promise<AuthorizationKeys> {
  const listed = await locked(pool, async (tx) => {
    const found = await listKeys(tx)
    if (!found.some(({ use }) => use === 'sig')) await createKeys(tx, seal, new Date())
    else await sealOpenKeys(tx, seal, found)
    return listKeys(tx)
  })
  const rows = listed.filter(({ use }) => use !== 'package')
  const now = new Date()
  // The newest of those that sign comes first; what is only published already stands last.
  const order = [...rows.filter((row) => row.signs_from <= now), ...rows.filter((row) => row.signs_from > now)]
  const opened = await Promise.all(
    order.map(async (row) => ({ use: row.use, jwk: row.jwk ?? (await seal.open(row.sealed ?? '')) })),
  )
  const changes = rows.flatMap(({ signs_from, ends_at }) => [signs_from, ...(ends_at ? [ends_at] : [])])
  return {
    signing: opened.filter(({ use }) => use === 'sig').map(({ jwk }) => jwk),
    cookie: opened.filter(({ use }) => use === 'cookie').map(({ jwk }) => String((jwk as { k?: string }).k)),
    validUntil: changes.filter((time) => time > now).sort((a, b) => a.getTime() - b.getTime())[0],
  }
}

/** A key as an administrator may see it: nothing of it that is secret. */
export type ListedKey = { kid: string; use: string; signsFrom: Date; endsAt: Date | null }

export async function listPublished(pool: Pool): Promise<ListedKey[]> {
  const { rows } = await pool.query<ListedKey>(sql`
    SELECT kid, use, signs_from AS "signsFrom", ends_at AS "endsAt" FROM authorization_key
     WHERE ends_at IS NULL OR ends_at > now() ORDER BY signs_from DESC, kid`)
  return rows
}

/**
 * Makes the next keys. They are published at once and sign ten minutes later; those before them stay published for a day
 * after that. So nobody, in no process, meets a signature whose key is unknown.
 * @param withdraw whether the keys until now are known to others: they end at once, and so do the sessions that they signed
 */
export async function rotateKeys(pool: Pool, seal: Seal, { withdraw }: { withdraw: boolean }): Promise<void> {
  await locked(pool, (tx) => rotate(tx, seal, withdraw))
}

/** The same, where the newest key is so old; of processes that look at the same moment, one does it. @returns whether it did */
export async function rotateWhenDue(pool: Pool, seal: Seal, ageDaysMax: number): Promise<boolean> {
  return locked(pool, async (tx) => {
    const { rows } = await tx.query<{ due: boolean | null }>(sql`
      SELECT max(signs_from) < now() - make_interval(days => ${ageDaysMax}) AS due FROM authorization_key WHERE use = 'sig'`)
    if (!rows[0]?.due) return false
    await rotate(tx, seal, false)
    return true
  })
}

async function rotate(tx: Tx, seal: Seal, withdraw: boolean): Promise<void> {
  const ahead = withdraw ? 0 : PUBLISHED_AHEAD_SECONDS
  const after = withdraw ? 0 : PUBLISHED_AHEAD_SECONDS + PUBLISHED_AFTER_SECONDS
  await tx.query(sql`
    UPDATE authorization_key SET ends_at = least(ends_at, now() + make_interval(secs => ${after}))
     WHERE use <> 'package' OR ${withdraw}`)
  await endPackageKeys(tx)
  await createKeys(tx, seal, new Date(Date.now() + ahead * 1000))
  await tx.query(sql`DELETE FROM authorization_key WHERE ends_at <= now()`)
}

async function listKeys(tx: Tx): Promise<KeyRow[]> {
  const { rows } = await tx.query<KeyRow>(sql`
    SELECT kid, use, jwk, sealed, signs_from, ends_at FROM authorization_key
     WHERE ends_at IS NULL OR ends_at > now() ORDER BY signs_from DESC, kid`)
  return rows
}

/** Keys from before there was something to seal them with. */
async function sealOpenKeys(tx: Tx, seal: Seal, rows: KeyRow[]): Promise<void> {
  if (!seal.isOn) return
  for (const { kid, jwk } of rows)
    if (jwk)
      await tx.query(sql`
        UPDATE authorization_key SET jwk = NULL, sealed = ${await seal.close(jwk)} WHERE kid = ${kid}`)
}

async function createKeys(tx: Tx, seal: Seal, signsFrom: Date): Promise<void> {
  // SMART wants ID tokens signed by RS256; ES384 is for clients that ask for it.
  const keys = [(await generateKey('RS256')).jwk, (await generateKey('ES384')).jwk] as JWK[]
  const cookie = { kid: randomBytes(8).toString('hex'), kty: 'oct', k: randomBytes(32).toString('base64url') } as JWK
  for (const [use, jwk] of [...keys.map((key) => ['sig', key] as const), ['cookie', cookie] as const]) {
    const [open, sealed] = seal.isOn ? [null, await seal.close(jwk)] : [jwk, null]
    await tx.query(sql`
      INSERT INTO authorization_key (kid, use, jwk, sealed, signs_from)
      VALUES (${jwk.kid}, ${use}, ${open}, ${sealed}, ${signsFrom})`)
  }
}
