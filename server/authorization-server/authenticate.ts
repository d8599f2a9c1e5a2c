import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { refuse } from '../fhir/outcome.ts'
import { bearerHash } from './bearer-hash.ts'

export type Authenticate = (authorizationHeader: string | undefined) => Promise<Access>

/** How long a token may still work in this process after it was revoked in another. */
const REMEMBERED_MILLISECONDS_MAX = 2000
const REMEMBERED_COUNT_MAX = 10_000

type TokenRow = {
  client_id: string
  scope: string | null
  patient: string | null
  fhir_user: string | null
  expires_at: Date
}
type Remembered = { access: Promise<Access>; until: number }

/**
 * Who comes in with an access token. The token is looked up, not asked about over HTTP, and remembered for two seconds,
 * so that a client that works with one token costs one query in two seconds and not one a request.
 */
export class TokenLookup {
  readonly #pool: Pool
  readonly #audience: string
  readonly #demo: boolean
  readonly #remembered = new Map<string, Remembered>()

  /**
   * @param audience the FHIR base; a token for another one is refused
   * @param demo     whether tokens of demo clients and demo users count
   */
  constructor(pool: Pool, audience: string, demo: boolean) {
    this.#pool = pool
    this.#audience = audience
    this.#demo = demo
  }

  /**
   * What the bearer of this header may do. https://www.rfc-editor.org/rfc/rfc6750
   * @throws Refusal `login` for no token, and for one that is unknown, expired, revoked or meant for another server
   */
  authenticate: Authenticate = async (authorizationHeader) => {
    const token = bearerToken(authorizationHeader)
    if (token === undefined) throw refuse('login', 'An access token is required: Authorization: Bearer …')
    const key = bearerHash(token)
    const now = Date.now()
    const remembered = this.#remembered.get(key)
    if (remembered && remembered.until > now) return remembered.access
    return this.#look(key, now)
  }

  /** Forgets every token, because one of them may have ended. */
  forget = (): void => this.#remembered.clear()

  async #look(key: string, now: number): Promise<Access> {
    const entry: Remembered = { access: this.#read(key), until: now + REMEMBERED_MILLISECONDS_MAX }
    this.#remember(key, entry)
    try {
      return await entry.access
    } catch (error) {
      // Neither a refusal nor a fault of the database is remembered.
      if (this.#remembered.get(key) === entry) this.#remembered.delete(key)
      throw error
    }
  }

  #remember(key: string, entry: Remembered): void {
    // A Map keeps the order of insertion, so the first key is the oldest.
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size >= REMEMBERED_COUNT_MAX && oldest !== undefined) this.#remembered.delete(oldest)
    this.#remembered.delete(key)
    this.#remembered.set(key, entry)
  }

  async #read(key: string): Promise<Access> {
    const { rows } = await this.#pool.query<TokenRow>(sql`
      SELECT token.payload->>'clientId' AS client_id, token.payload->>'scope' AS scope,
             token.payload->'extra'->>'patient' AS patient, account.fhir_user, token.expires_at
        FROM oidc_artifact token
        JOIN oauth_client client ON client.client_id = token.payload->>'clientId'
        LEFT JOIN account ON account.account_id = token.payload->>'accountId'
       WHERE token.model IN ('AccessToken', 'ClientCredentials') AND token.id = ${key}
         AND token.expires_at > now() AND token.payload->>'aud' = ${this.#audience}
         AND (${this.#demo} OR NOT client.demo)
         -- A token of a person ends with the person's account and with the grant that it came from.
         AND (token.model = 'ClientCredentials' OR (account.account_id IS NOT NULL AND (${this.#demo} OR NOT account.demo)
              AND EXISTS (SELECT FROM oidc_artifact g WHERE g.model = 'Grant' AND g.id = token.grant_id)))`)
    const row = rows[0]
    if (!row)
      throw refuse('login', 'The access token is unknown, expired or revoked, or was issued for another server.')
    const remembered = this.#remembered.get(key)
    if (remembered) remembered.until = Math.min(remembered.until, row.expires_at.getTime())
    return toAccess(row)
  }
}

/**
 * The `WWW-Authenticate` of a 401. https://www.rfc-editor.org/rfc/rfc6750#section-3
 * Without a token there is no error to name: the caller has just not said who it is.
 */
export function bearerChallenge(authorizationHeader: string | undefined): string {
  const error = authorizationHeader === undefined ? '' : ', error="invalid_token"'
  return `Bearer realm="fhir"${error}`
}

/** The token in an Authorization header; undefined for another scheme or something that cannot be a token. */
function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i.exec(header ?? '')?.[1]
}

function toAccess({ client_id, scope, patient, fhir_user }: TokenRow): Access {
  return {
    actor: fhir_user ?? `Client/${client_id}`,
    clientId: client_id,
    scopes: parseScopes(scope ?? ''),
    ...(patient === null ? {} : { patient }),
  }
}
