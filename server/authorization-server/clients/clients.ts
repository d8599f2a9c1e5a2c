import { hash, timingSafeEqual } from 'node:crypto'
import type { AdapterPayload, JWK } from 'oidc-provider'
import { shownClientName } from '../../access/client-name.ts'
import type { Queryable, Tx } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export type AuthMethod = 'none' | 'client_secret_basic' | 'private_key_jwt'
export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials' | typeof TOKEN_EXCHANGE

/** A client as the table has it. What may be left out has the default that the table gives it. */
export type ClientRegistration = {
  client_id: string
  client_name: string
  token_endpoint_auth_method: AuthMethod
  secret_hash: Buffer | null
  grant_types: GrantType[]
  redirect_uris: string[]
  /** The most that the client can ever get, space-separated. */
  allowed_scope: string
  token_lifetime_seconds: number
  /** Exists in demo mode alone. */
  demo: boolean
  /** Public keys, as they were registered. */
  jwks?: { keys: JWK[] } | null
  /** Where the client publishes its public keys; SMART prefers it, because keys can then be changed without us. */
  jwks_uri?: string | null
  /** Where an EHR opens the app. */
  launch_uris?: string[]
  /** Whose pages may call us from a browser, beside those of the redirect addresses. */
  cors_origins?: string[]
  client_uri?: string | null
  contacts?: string[]
  /** Whether the person is asked what the app may have. `implied` is for apps of the organisation's own. */
  consent?: 'asked' | 'implied'
  /** Whether its tokens work only with a proof of the key that they were given to (RFC 9449). */
  dpop_bound_access_tokens?: boolean
  registration_hash?: string | null
  registered_by?: string | null
}
/** The same, read: nothing is left out. */
export type StoredClient = Required<ClientRegistration> & { registered_at: Date }

/** Client metadata of our own, beside RFC 7591's. The library hands them to its hooks under these names. */
export const OWN_METADATA = [
  'allowed_scope',
  'token_lifetime_seconds',
  'consent',
  'cors_origins',
  'launch_uris',
] as const
export type OwnMetadata = Pick<StoredClient, (typeof OWN_METADATA)[number]>

/** The library's object for a client has them too, under these names, but its types do not know. */
export function ownMetadataOf(client: object): OwnMetadata {
  return client as OwnMetadata
}

const COLUMNS = sql`client_id, client_name, token_endpoint_auth_method, secret_hash, grant_types, redirect_uris, allowed_scope,
  token_lifetime_seconds, demo, jwks, jwks_uri, launch_uris, cors_origins, client_uri, contacts, consent,
  dpop_bound_access_tokens, registration_hash, registered_by, registered_at`

/** @param demo whether the server runs in demo mode; without it a demo client is as unknown as any other */
export async function findRegistration(
  db: Queryable,
  clientId: string,
  demo: boolean,
): Promise<StoredClient | undefined> {
  const { rows } = await db.query<StoredClient>(sql`
    SELECT ${COLUMNS} FROM oauth_client WHERE client_id = ${clientId} AND (NOT demo OR ${demo})`)
  return rows[0]
}

/** A client as the library wants to have it. */
export async function findClient(db: Queryable, clientId: string, demo: boolean): Promise<AdapterPayload | undefined> {
  const client = await findRegistration(db, clientId, demo)
  return client && toMetadata(client)
}

/** Every client, the newest first. */
export async function listRegistrations(db: Queryable, demo: boolean): Promise<StoredClient[]> {
  const { rows } = await db.query<StoredClient>(sql`
    SELECT ${COLUMNS} FROM oauth_client WHERE NOT demo OR ${demo} ORDER BY registered_at DESC, client_id`)
  return rows
}

/** Stores a client, or replaces one of the same id. */
export async function putClient(db: Queryable, client: ClientRegistration): Promise<void> {
  const { jwks, jwks_uri, client_uri, registration_hash, registered_by } = client
  const { launch_uris = [], cors_origins = [], contacts = [] } = client
  const { consent = 'asked', dpop_bound_access_tokens = false } = client
  await db.query(sql`
    INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, secret_hash, grant_types, redirect_uris,
                              allowed_scope, token_lifetime_seconds, demo, jwks, jwks_uri, launch_uris, cors_origins,
                              client_uri, contacts, consent, dpop_bound_access_tokens, registration_hash, registered_by)
    VALUES (${client.client_id}, ${client.client_name}, ${client.token_endpoint_auth_method}, ${client.secret_hash},
            ${client.grant_types}, ${client.redirect_uris}, ${client.allowed_scope}, ${client.token_lifetime_seconds},
            ${client.demo}, ${jwks}, ${jwks_uri}, ${launch_uris}, ${cors_origins}, ${client_uri}, ${contacts},
            ${consent}, ${dpop_bound_access_tokens}, ${registration_hash}, ${registered_by})
    ON CONFLICT (client_id) DO UPDATE SET client_name = excluded.client_name,
      token_endpoint_auth_method = excluded.token_endpoint_auth_method, secret_hash = excluded.secret_hash,
      grant_types = excluded.grant_types, redirect_uris = excluded.redirect_uris, allowed_scope = excluded.allowed_scope,
      token_lifetime_seconds = excluded.token_lifetime_seconds, demo = excluded.demo, jwks = excluded.jwks,
      jwks_uri = excluded.jwks_uri, launch_uris = excluded.launch_uris, cors_origins = excluded.cors_origins,
      client_uri = excluded.client_uri, contacts = excluded.contacts, consent = excluded.consent,
      dpop_bound_access_tokens = excluded.dpop_bound_access_tokens,
      registration_hash = coalesce(excluded.registration_hash, oauth_client.registration_hash),
      registered_by = coalesce(excluded.registered_by, oauth_client.registered_by)`)
}

/** Removes a client; its tokens, grants and launches are worth nothing from then on. @returns whether it was there */
export async function removeClient(tx: Tx, clientId: string): Promise<boolean> {
  await tx.query(sql`DELETE FROM oidc_artifact WHERE payload->>'clientId' = ${clientId}`)
  await tx.query(sql`DELETE FROM grant_context WHERE client_id = ${clientId}`)
  const { rowCount } = await tx.query(sql`DELETE FROM oauth_client WHERE client_id = ${clientId}`)
  return rowCount === 1
}

/** What is stored of a client's secret. A slow hash would gain nothing: secrets are made by us, with 256 random bits. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/**
 * Whether `secret` is the one whose hash the client has. Takes the place of the library's own comparison, which expects
 * the secret itself; what the library calls `client_secret` is here the hash, and works for nobody who finds it.
 */
export function isSecretOf(clientSecret: string | undefined, secret: string): boolean {
  const expected = Buffer.from(clientSecret ?? '', 'base64url')
  const actual = hashSecret(secret)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** The origins from which this client's pages may call. An app of a phone has an address of its own scheme, and no origin. */
export function originsOf(client: Pick<StoredClient, 'redirect_uris' | 'cors_origins'>): string[] {
  const redirects = client.redirect_uris.filter((uri) => /^https?:/.test(uri) && URL.canParse(uri))
  return [...new Set([...redirects.map((uri) => new URL(uri).origin), ...client.cors_origins])]
}

/** RFC 7591 metadata, as the library wants it. https://www.rfc-editor.org/rfc/rfc7591#section-2 */
function toMetadata(client: StoredClient): AdapterPayload {
  const { client_id, client_name, token_endpoint_auth_method, grant_types, redirect_uris, secret_hash } = client
  const { jwks, jwks_uri, dpop_bound_access_tokens, allowed_scope, token_lifetime_seconds, consent, launch_uris } =
    client
  return {
    ...{ client_id, client_name: shownClientName(client_name), token_endpoint_auth_method, grant_types, redirect_uris },
    ...{
      dpop_bound_access_tokens,
      allowed_scope,
      token_lifetime_seconds,
      consent,
      launch_uris,
      cors_origins: originsOf(client),
    },
    response_types: grant_types.includes('authorization_code') ? ['code'] : [],
    // A phone's app may come back to an address of its own scheme (RFC 8252).
    application_type: redirect_uris.some((uri) => !/^https?:/.test(uri)) ? 'native' : 'web',
    ...(secret_hash ? { client_secret: secret_hash.toString('base64url') } : {}),
    ...(jwks ? { jwks } : {}),
    ...(jwks_uri ? { jwks_uri } : {}),
  }
}
