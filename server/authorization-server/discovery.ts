import { type Brand, brandIdentifier, brandsAddress } from './brands.ts'
import { ASSERTION_ALGORITHMS } from './clients/client-assertion.ts'
import { TOKEN_EXCHANGE } from './clients/clients.ts'
import { IDENTITY_SCOPES, LAUNCH_SCOPES } from './consent/decide-grant.ts'

/** Where things are, all from one address. */
export type Addresses = { baseUrl: string; issuer: string; fhirBase: string }

export function addressesOf(baseUrl: string): Addresses {
  return { baseUrl, issuer: `${baseUrl}/auth`, fhirBase: `${baseUrl}/fhir` }
}

/** Where the library has its endpoints, below the issuer. */
export const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  jwks: '/jwks',
}

/**
 * What a SMART app must know to begin; says what works and nothing else.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
 */
export function smartConfiguration({ issuer, baseUrl }: Addresses, brand: Brand): object {
  return {
    issuer,
    jwks_uri: `${issuer}${ROUTES.jwks}`,
    authorization_endpoint: `${issuer}${ROUTES.authorization}`,
    token_endpoint: `${issuer}${ROUTES.token}`,
    introspection_endpoint: `${issuer}${ROUTES.introspection}`,
    revocation_endpoint: `${issuer}${ROUTES.revocation}`,
    registration_endpoint: `${issuer}/register`,
    management_endpoint: `${baseUrl}/account/apps`,
    user_access_brand_bundle: brandsAddress({ baseUrl }),
    user_access_brand_identifier: brandIdentifier(brand),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', TOKEN_EXCHANGE],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [...IDENTITY_SCOPES, ...LAUNCH_SCOPES, 'patient/*.cruds', 'user/*.cruds', 'system/*.cruds'],
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-symmetric',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-style',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  }
}
