import { hash, timingSafeEqual } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** A client as the table has it. */
export type ClientRegistration = {
  client_id: string
  client_name: string
  token_endpoint_auth_method: 'none' | 'client_secret_basic'
  secret_hash: Buffer | null
  grant_types: ('authorization_code' | 'client_credentials')[]
  redirect_uris: string[]
  /** The most that the client can ever get, space-separated. */
  allowed_scope: string
  token_lifetime_seconds: number
  /** Exists in demo mode alone. */
  demo: boolean
}

/** Client metadata of our own, beside RFC 7591's. The library hands them to its hooks under these names. */
export const OWN_METADATA = ['allowed_scope', 'token_lifetime_seconds'] as const
export type OwnMetadata = Pick<ClientRegistration, (typeof OWN_METADATA)[number]>

/** The library's object for a client has them too, under these names, but its types do not know. */
export function ownMetadataOf(client: object): OwnMetadata {
  return client as OwnMetadata
}

/** @param demo whether the server runs in demo mode; without it a demo client is as unknown as any other */
export async function findClient(db: Queryable, clientId: string, demo: boolean): Promise<AdapterPayload | undefined> {
  const { rows } = await db.query<ClientRegistration>(sql`
    SELECT client_id, client_name, token_endpoint_auth_method, secret_hash, grant_types, redirect_uris, allowed_scope, token_lifetime_seconds
      FROM oauth_client WHERE client_id = ${clientId} AND (NOT demo OR ${demo})`)
  return rows[0] && toMetadata(rows[0])
}

/** Stores a client, or replaces one of the same id. */
export async function putClient(db: Queryable, client: ClientRegistration): Promise<void> {
  await db.query(sql`
    INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, secret_hash, grant_types, redirect_uris, allowed_scope, token_lifetime_seconds, demo)
    VALUES (${client.client_id}, ${client.client_name}, ${client.token_endpoint_auth_method}, ${client.secret_hash}, ${client.grant_types},
            ${client.redirect_uris}, ${client.allowed_scope}, ${client.token_lifetime_seconds}, ${client.demo})
    ON CONFLICT (client_id) DO UPDATE SET client_name = excluded.client_name,
      token_endpoint_auth_method = excluded.token_endpoint_auth_method, secret_hash = excluded.secret_hash,
      grant_types = excluded.grant_types, redirect_uris = excluded.redirect_uris, allowed_scope = excluded.allowed_scope,
      token_lifetime_seconds = excluded.token_lifetime_seconds, demo = excluded.demo`)
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

/** RFC 7591 metadata, as the library wants it. https://www.rfc-editor.org/rfc/rfc7591#section-2 */
function toMetadata({ secret_hash, ...client }: ClientRegistration): AdapterPayload {
  return {
    ...client,
    response_types: client.grant_types.includes('authorization_code') ? ['code'] : [],
    ...(secret_hash ? { client_secret: secret_hash.toString('base64url') } : {}),
  }
}
