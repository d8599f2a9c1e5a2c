import type { AdapterPayload } from 'oidc-provider'
import type { Addresses } from '../discovery.ts'
import type { OwnMetadata } from './clients.ts'

/**
 * The pages of this server itself, where people look after what they have allowed. Not ENGINE_CLIENT_ID: whoever signs in by a browser names
 * this one, and the engine sees everybody.
 */
export const OWN_CLIENT_ID = 'fylgje-account'

const OWN_PAGES = ['apps', 'log'] as const
export type OwnPage = (typeof OWN_PAGES)[number]

/** Where people come back to when they have signed in. */
export const ownPageOf = ({ baseUrl }: Addresses, name: OwnPage): string => `${baseUrl}/account/${name}`

/** A client that only signs people in: it may have nothing. */
export function ownClient(addresses: Addresses): AdapterPayload {
  const own: OwnMetadata = {
    ...{ allowed_scope: '', token_lifetime_seconds: 60, consent: 'implied' as const },
    ...{ cors_origins: [], launch_uris: [] },
  }
  return {
    ...own,
    ...{ client_id: OWN_CLIENT_ID, client_name: 'Fylgje', token_endpoint_auth_method: 'none', application_type: 'web' },
    ...{
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: OWN_PAGES.map((name) => ownPageOf(addresses, name)),
    },
  }
}
