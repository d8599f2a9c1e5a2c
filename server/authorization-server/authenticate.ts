import type { Access, TokenHeld } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { bearerHash } from './bearer-hash.ts'
import type { Login } from './consent/grants.ts'
import { checkProof } from './dpop.ts'

/** What a request says about who makes it. */
export type Credentials = {
  /** The header `Authorization`. */
  authorization: string | undefined
  /** The header `DPoP`: the proof that the caller has the key that the token was given to. */
  dpop?: string | undefined
  method?: string
  /** Path and query, as they came: `/fhir/Observation?code=…`. */
  path?: string
}
export type Authenticate = (credentials: Credentials) => Promise<Access>
/** @returns fails as soon as the token counts no more */
export type Watch = (credentials: Credentials) => Promise<() => Promise<void>>

/** Someone with a token: what they may touch, and the whole scope, which may hold permissions on this server itself. */
export type Bearer = { access: Access; scope: string; login: Login }

/** How long a token may still work in this process after it was revoked in another, should the notice of it be lost. */
const REMEMBERED_MILLISECONDS_MAX = 2000
const REMEMBERED_COUNT_MAX = 10_000

type TokenRow = {
  client_id: string
  client_name: string
  scope: string | null
  patient: string | null
  fhir_user: string | null
  jkt: string | null
  login: Login | null
  grant_id: string | null
  expires_at: Date
}
type Known = Bearer & { jkt: string | undefined; expiresAt: Date }

/** What a token of another issuer is here. It is bound to a key. */
export type OutsideToken = Bearer & { jkt: string; expiresAt: Date }
/** Tokens that another issuer has issued for this API. */
export type OutsideTokens = {
  /** Whether the token says that it is one of these. */
  isMeant: (token: string) => boolean
  /** @throws Refusal `login`, `forbidden` (no scope for this API), `transient` (the issuer cannot be asked) */
  read: (token: string) => Promise<OutsideToken>
}
type Remembered = { known: Promise<Known>; until: number }

export type TokenLookupSettings = {
  pool: Pool
  /** As callers see it, without a slash at the end: the proofs of DPoP are about addresses. */
  baseUrl: string
  /** The FHIR base; a token for another one is refused. */
  audience: string
  /** Whether tokens of demo clients and demo users count. */
  demo: boolean
  /** Whether a token that is bound to no key is refused. */
  dpopRequired: boolean
  /** Taken beside our own. */
  outside?: OutsideTokens | undefined
}

/**
 * Who comes in with an access token. The token is looked up, not asked about over HTTP, and remembered for two seconds,
 * so that a client that works with one token costs one query in two seconds and not one a request.
 */
export class TokenLookup {
  readonly #settings: TokenLookupSettings
  readonly #remembered = new Map<string, Remembered>()

  constructor(settings: TokenLookupSettings) {
    this.#settings = settings
  }

  /**
   * What the bearer of this token may do. https://www.rfc-editor.org/rfc/rfc6750, https://www.rfc-editor.org/rfc/rfc9449
   * @throws Refusal `login` for no token, for one that is unknown, expired, revoked or meant for another server, and for one
   *   that is bound to a key and comes without a proof of it
   */
  authenticate: Authenticate = async (credentials) => (await this.bearer(credentials)).access

  /** The same, with the scope as it was granted. @throws Refusal `login` */
  async bearer(credentials: Credentials): Promise<Bearer> {
    const { scheme, token } = parseAuthorization(credentials.authorization)
    if (token === undefined) throw refuse('login', 'An access token is required: Authorization: Bearer …')
    const known = await this.#find(token)
    if (scheme === 'dpop' || known.jkt !== undefined || this.#settings.dpopRequired)
      await this.#checkBinding(scheme, token, known, credentials)
    return known
  }

  /**
   * For an answer that takes long: whether the token of its request has been revoked meanwhile. One whose time is over is as good as
   * before: it was good when the answer began. Its binding to a key was checked then.
   */
  watch: Watch = async ({ authorization }) => {
    const { token } = parseAuthorization(authorization)
    if (token === undefined) throw refuse('login', 'An access token is required: Authorization: Bearer …')
    const { expiresAt } = await this.#find(token)
    return async () => {
      if (expiresAt.getTime() > Date.now()) await this.#find(token)
    }
  }

  /** Forgets every token, because one of them may have ended. */
  forget = (): void => this.#remembered.clear()

  #find(token: string): Promise<Known> {
    const key = bearerHash(token)
    const now = Date.now()
    const remembered = this.#remembered.get(key)
    return remembered && remembered.until > now ? remembered.known : this.#look(key, token, now)
  }

  /** A bound token is accepted with a proof alone, and a proof with a bound token alone: what is stolen must not be enough. */
  async #checkBinding(scheme: string, token: string, { jkt }: Known, credentials: Credentials): Promise<void> {
    if (jkt === undefined)
      throw refuse('login', 'This server takes tokens that are bound to a key (DPoP, RFC 9449); this token is not.')
    if (scheme !== 'dpop')
      throw refuse('login', 'The token is bound to a key: send Authorization: DPoP … and a proof in the header DPoP.')
    const { pool, baseUrl } = this.#settings
    const { dpop, method = '', path = '' } = credentials
    await checkProof(pool, { proof: dpop, token, jkt, method, url: baseUrl + path })
  }

  async #look(key: string, token: string, now: number): Promise<Known> {
    const { outside } = this.#settings
    const known = outside?.isMeant(token)
      ? outside.read(token).then((read) => heldFromOutside(key, read))
      : this.#read(key)
    const entry: Remembered = { known, until: now + REMEMBERED_MILLISECONDS_MAX }
    this.#remember(key, entry)
    try {
      const { expiresAt } = await known
      entry.until = Math.min(entry.until, expiresAt.getTime())
      return await known
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

  async #read(key: string): Promise<Known> {
    const { pool, audience, demo } = this.#settings
    const { rows } = await pool.query<TokenRow>(sql`
      SELECT client.client_id, client.client_name, token.payload->>'scope' AS scope, token.payload->>'jkt' AS jkt,
             token.payload->'extra'->>'patient' AS patient, account.fhir_user, given.login, token.grant_id, token.expires_at
        FROM oidc_artifact token
        JOIN oauth_client client ON client.client_id = token.payload->>'clientId'
        LEFT JOIN account ON account.account_id = token.payload->>'accountId'
        LEFT JOIN grant_context given ON given.grant_id = token.grant_id
       WHERE token.model IN ('AccessToken', 'ClientCredentials') AND token.id = ${key}
         AND token.expires_at > now() AND token.payload->>'aud' = ${audience}
         AND (${demo} OR NOT client.demo)
         -- A token of a person ends with the person's account and with the grant that it came from.
         AND (token.model = 'ClientCredentials' OR (account.account_id IS NOT NULL AND (${demo} OR NOT account.demo)
              AND EXISTS (SELECT FROM oidc_artifact g WHERE g.model = 'Grant' AND g.id = token.grant_id)))`)
    const row = rows[0]
    if (!row)
      throw refuse('login', 'The access token is unknown, expired or revoked, or was issued for another server.')
    return {
      ...{ access: toAccess(row, key), scope: row.scope ?? '', login: row.login ?? {} },
      ...{ jkt: row.jkt ?? undefined, expiresAt: row.expires_at },
    }
  }
}

/**
 * The `WWW-Authenticate` of a 401. https://www.rfc-editor.org/rfc/rfc6750#section-3
 * Without a token there is no error to name: the caller has just not said who it is.
 */
export function bearerChallenge(authorizationHeader: string | undefined): string {
  const scheme = parseAuthorization(authorizationHeader).scheme === 'dpop' ? 'DPoP' : 'Bearer'
  const error = authorizationHeader === undefined ? '' : ', error="invalid_token"'
  return `${scheme} realm="fhir"${error}`
}

/** Scheme and token of an Authorization header; no token for another scheme or something that cannot be one. */
function parseAuthorization(header: string | undefined): { scheme: string; token: string | undefined } {
  const [, scheme = '', token] = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]{1,8192}=*) *$/i.exec(header ?? '') ?? []
  return { scheme: scheme.toLowerCase(), token }
}

/** The token of another issuer holds for as long as it says itself. */
const heldFromOutside = (key: string, { access, ...rest }: OutsideToken): OutsideToken => ({
  ...rest,
  access: { ...access, token: { key, expiresAt: rest.expiresAt.toISOString(), isOutside: true } },
})

function toAccess(row: TokenRow, key: string): Access {
  const { client_id, client_name, scope, patient, fhir_user, login, grant_id, expires_at } = row
  const token: TokenHeld = { key, expiresAt: expires_at.toISOString(), ...(grant_id ? { grant: grant_id } : {}) }
  return {
    actor: fhir_user ?? `Client/${client_id}`,
    ...{ clientId: client_id, clientName: client_name },
    scopes: parseScopes(scope ?? ''),
    ...(patient === null ? {} : { patient }),
    ...(login === null ? {} : { login: { ...login } }),
    token,
  }
}
