import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { bearerHash } from './bearer-hash.ts'
import { sessionSecondsLeft } from './session-time.ts'

/** Objects of the library that serve whoever knows their id; these are stored under its hash, and never with it. */
const BEARER_MODELS = new Set(['AccessToken', 'ClientCredentials', 'AuthorizationCode', 'RefreshToken', 'Session'])

type Row = { payload: AdapterPayload; consumed_at: Date | null }

/**
 * Where oidc-provider keeps its objects of one model. The library looks first and writes afterwards; what must happen
 * only once is therefore decided here, in one statement, whatever it saw before.
 * https://github.com/panva/node-oidc-provider/blob/v9.x/docs/README.md#adapter
 */
export class ArtifactAdapter implements Adapter {
  readonly #pool: Pool
  readonly #model: string
  readonly #onRemoved: () => void
  readonly #sessionIdleSeconds: number

  /**
   * @param onRemoved told when tokens may have ended before their time, so that what remembers them can forget
   * @param sessionIdleSeconds how long a session lasts that is not used
   */
  constructor(pool: Pool, model: string, onRemoved: () => void, sessionIdleSeconds: number) {
    this.#pool = pool
    this.#model = model
    this.#onRemoved = onRemoved
    this.#sessionIdleSeconds = sessionIdleSeconds
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (this.#model === 'ReplayDetection') return this.#insertOnce(id, payload, expiresIn)
    const stored = this.#stored(id)
    const seconds = this.#model === 'Session' ? this.#secondsOfSession(payload) : expiresIn
    await this.#pool.query(sql`
      INSERT INTO oidc_artifact (model, id, payload, grant_id, uid, expires_at)
      VALUES (${this.#model}, ${stored}, ${this.#withoutBearer(payload)}, ${payload.grantId}, ${payload.uid}, ${expiry(seconds)})
      ON CONFLICT (model, id) DO UPDATE
        SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires_at = excluded.expires_at`)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.#pool.query<Row>(sql`
      SELECT payload, consumed_at FROM oidc_artifact
       WHERE model = ${this.#model} AND id = ${this.#stored(id)} AND (expires_at IS NULL OR expires_at > now())`)
    return toPayload(rows[0], id)
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.#pool.query<Row>(sql`
      SELECT payload, consumed_at FROM oidc_artifact
       WHERE model = ${this.#model} AND uid = ${uid} AND (expires_at IS NULL OR expires_at > now())`)
    return toPayload(rows[0])
  }

  /** The device flow, which has user codes, is off. */
  async findByUserCode(): Promise<undefined> {}

  /** Of several that redeem one code or refresh token at the same moment, all but one are refused here. */
  async consume(id: string): Promise<void> {
    const { rowCount } = await this.#pool.query(sql`
      UPDATE oidc_artifact SET consumed_at = now()
       WHERE model = ${this.#model} AND id = ${this.#stored(id)} AND consumed_at IS NULL`)
    if (rowCount !== 0) return
    // Two have it, and one of them may be a thief; which one came first cannot be known. Both lose what it gave.
    const grantId = (await this.find(id))?.grantId
    if (grantId) await this.revokeByGrantId(grantId)
    throw new errors.InvalidGrant('already consumed')
  }

  async destroy(id: string): Promise<void> {
    await this.#pool.query(sql`DELETE FROM oidc_artifact WHERE model = ${this.#model} AND id = ${this.#stored(id)}`)
    this.#onRemoved()
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#pool.query(sql`
      WITH given AS (DELETE FROM grant_context WHERE grant_id = ${grantId}),
           grants AS (DELETE FROM oidc_artifact WHERE model = 'Grant' AND id = ${grantId})
      DELETE FROM oidc_artifact WHERE grant_id = ${grantId}`)
    this.#onRemoved()
  }

  /** A `jti` that was seen before: the insert itself finds out, so that twenty copies at once have one winner. */
  async #insertOnce(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { rowCount } = await this.#pool.query(sql`
      INSERT INTO oidc_artifact (model, id, payload, expires_at)
      VALUES (${this.#model}, ${id}, ${payload}, ${expiry(expiresIn)}) ON CONFLICT DO NOTHING`)
    if (rowCount === 0) throw new errors.InvalidClientAuth('jti was used before')
  }

  /** The cookie lasts longer; what stands here decides. */
  #secondsOfSession({ loginTs }: AdapterPayload): number {
    return sessionSecondsLeft(loginTs, this.#sessionIdleSeconds, new Date())
  }

  #stored(id: string): string {
    return BEARER_MODELS.has(this.#model) ? bearerHash(id) : id
  }

  /** The payload repeats the id as `jti`, and an Interaction repeats the session's cookie; neither may reach the disk. */
  #withoutBearer(payload: AdapterPayload): AdapterPayload {
    if (BEARER_MODELS.has(this.#model)) {
      const { jti: _, ...rest } = payload
      return rest
    }
    if (!payload.session?.cookie) return payload
    const { cookie: _, ...session } = payload.session
    return { ...payload, session }
  }
}

/** Deletes what has run out; nothing finds it any more. @returns how many rows */
export async function removeExpired(pool: Pool): Promise<number> {
  const tables = [
    sql`DELETE FROM oidc_artifact WHERE expires_at < now()`,
    sql`DELETE FROM grant_context WHERE expires_at < now()`,
    sql`DELETE FROM launch WHERE expires_at < now()`,
    sql`DELETE FROM login_attempt WHERE expires_at < now()`,
    sql`DELETE FROM kept_sign_in WHERE expires_at < now()`,
  ]
  let count = 0
  for (const statement of tables) count += (await pool.query(statement)).rowCount ?? 0
  return count
}

function toPayload(row: Row | undefined, id?: string): AdapterPayload | undefined {
  if (!row) return undefined
  const consumed = row.consumed_at ? { consumed: Math.floor(row.consumed_at.getTime() / 1000) } : {}
  return { ...row.payload, ...(id === undefined ? {} : { jti: id }), ...consumed }
}

const expiry = (seconds?: number) => (seconds === undefined ? null : new Date(Date.now() + seconds * 1000))
