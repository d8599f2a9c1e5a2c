import { z } from 'zod'
import { faultOfClientName } from '../../access/client-name.ts'
import { parseScope } from '../../access/scopes.ts'
import { isUnderstood, SERVER_SCOPES } from '../consent/decide-grant.ts'
import { type ClientRegistration, type StoredClient, TOKEN_EXCHANGE } from './clients.ts'

/** What stands against a registration. https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
export class RegistrationRefusal extends Error {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
  constructor(error: 'invalid_redirect_uri' | 'invalid_client_metadata', description: string) {
    super(description)
    this.error = error
  }
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/
const webAddress = z
  .string()
  .refine(isSafeWebAddress, 'must be an https address without fragment, or http on a loopback address')
const redirectUri = z.string().refine((uri) => isSafeWebAddress(uri) || isNativeAddress(uri), {
  message:
    'must be an https address without fragment, http on a loopback address, or of a scheme such as no.example.app',
})
const origin = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text, 'must be an origin: https://app.example.org')

const publicKey = z
  .looseObject({
    kty: z.enum(['RSA', 'EC']),
    kid: z.string().min(1),
    crv: z.enum(['P-256', 'P-384', 'P-521']).optional(),
    n: z.string().optional(),
  })
  .refine(
    (key) => !['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((part) => part in key),
    'must be public: a part of it is secret',
  )
  .refine(({ kty, n }) => kty !== 'RSA' || (n ?? '').length >= 342, 'must be of 2048 bits at least')
const jwks = z
  .strictObject({ keys: z.array(publicKey).min(1).max(20) })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'must have another kid for each key')

/** What is not understood is left aside, as RFC 7591 says in its section 2. */
const METADATA = z.object({
  client_name: z
    .string()
    .trim()
    .min(1)
    .superRefine((name, context) => {
      const message = faultOfClientName(name)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    }),
  token_endpoint_auth_method: z.enum(['none', 'client_secret_basic', 'private_key_jwt']).default('client_secret_basic'),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', TOKEN_EXCHANGE]))
    .min(1)
    .default(['authorization_code']),
  response_types: z.array(z.literal('code')).optional(),
  redirect_uris: z.array(redirectUri).max(50).default([]),
  launch_uris: z.array(webAddress).max(50).default([]),
  cors_origins: z.array(origin).max(50).default([]),
  scope: z.string().default(''),
  jwks: jwks.optional(),
  jwks_uri: webAddress.optional(),
  client_uri: webAddress.optional(),
  contacts: z.array(z.email()).max(10).default([]),
  token_lifetime_seconds: z.int().min(30).max(3600).optional(),
  consent: z.enum(['asked', 'implied']).default('asked'),
  dpop_bound_access_tokens: z.boolean().default(false),
})
type Metadata = z.output<typeof METADATA>
export type AskedRegistration = Omit<ClientRegistration, 'client_id' | 'secret_hash' | 'demo'>

/**
 * Reads and checks the metadata of a client. https://www.rfc-editor.org/rfc/rfc7591#section-2
 * `launch_uris`, `cors_origins`, `consent` and `token_lifetime_seconds` are ours beside the standard's.
 * @throws RegistrationRefusal that names the member at fault
 */
export function parseRegistration(body: unknown): AskedRegistration {
  const parsed = METADATA.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') ?? ''
    const error = place.startsWith('redirect_uris') ? 'invalid_redirect_uri' : 'invalid_client_metadata'
    throw new RegistrationRefusal(error, `${place || 'the body'}: ${issue?.message}`)
  }
  const asked = parsed.data
  for (const [isWrong, description] of contradictionsIn(asked))
    if (isWrong) throw new RegistrationRefusal('invalid_client_metadata', description)
  const { scope, response_types: _, token_lifetime_seconds, jwks: keys, jwks_uri, client_uri, ...same } = asked
  const isService = !asked.grant_types.includes('authorization_code')
  return {
    ...same,
    ...{ jwks: keys ?? null, jwks_uri: jwks_uri ?? null, client_uri: client_uri ?? null, allowed_scope: scope },
    // SMART: five minutes for backend services, an hour at most for a person's app.
    token_lifetime_seconds: token_lifetime_seconds ?? (isService ? 300 : 3600),
  }
}

/** What does not fit together, as a table of questions and what to say. */
function contradictionsIn(asked: Metadata): [isWrong: boolean, description: string][] {
  const { grant_types, redirect_uris, token_endpoint_auth_method: method, jwks: keys, jwks_uri } = asked
  const hasCode = grant_types.includes('authorization_code')
  const keyCount = Number(keys !== undefined) + Number(jwks_uri !== undefined)
  const unknown = asked.scope.split(' ').find((word) => word !== '' && !isKnownScope(word))
  return [
    [hasCode && redirect_uris.length === 0, 'redirect_uris: at least one is needed for authorization_code'],
    [!hasCode && redirect_uris.length > 0, 'redirect_uris: only for clients with authorization_code'],
    [grant_types.includes('refresh_token') && !hasCode, 'grant_types: refresh_token goes with authorization_code'],
    [method === 'none' && !hasCode, 'token_endpoint_auth_method: none is for apps with authorization_code'],
    [method === 'none' && grant_types.some(isForConfidential), 'grant_types: a public client cannot act by itself'],
    [method === 'private_key_jwt' && keyCount !== 1, 'jwks_uri: private_key_jwt needs either jwks_uri or jwks'],
    [method !== 'private_key_jwt' && keyCount !== 0, 'token_endpoint_auth_method: keys go with private_key_jwt'],
    [unknown !== undefined, `scope: ${unknown} is not understood`],
  ]
}

const isForConfidential = (grant: string) => grant === 'client_credentials' || grant === TOKEN_EXCHANGE
const isKnownScope = (word: string) =>
  isUnderstood(word) || parseScope(word) !== undefined || Object.values(SERVER_SCOPES).includes(word)

function isSafeWebAddress(text: string): boolean {
  const { protocol, hostname, hash, username } = URL.parse(text) ?? {}
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname ?? ''))
  return isSafe && hash === '' && username === ''
}

/** A scheme that a phone's app can have to itself bears its owner's domain name. https://www.rfc-editor.org/rfc/rfc8252#section-7.1 */
const isNativeAddress = (text: string) => /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:\/[^#]*$/i.test(text)

/** The metadata of a client as they are told to who may know them; its secret is not among them, for nobody knows it. */
export function toResponse(client: StoredClient, issuer: string): object {
  const { client_id, client_name, token_endpoint_auth_method, grant_types, redirect_uris, launch_uris } = client
  const { cors_origins, contacts, token_lifetime_seconds, consent, dpop_bound_access_tokens } = client
  return {
    ...{ client_id, client_name, token_endpoint_auth_method, grant_types, redirect_uris, launch_uris, cors_origins },
    ...{ scope: client.allowed_scope, contacts, token_lifetime_seconds, consent, dpop_bound_access_tokens },
    response_types: grant_types.includes('authorization_code') ? ['code'] : [],
    ...(client.jwks ? { jwks: client.jwks } : {}),
    ...(client.jwks_uri ? { jwks_uri: client.jwks_uri } : {}),
    ...(client.client_uri ? { client_uri: client.client_uri } : {}),
    client_id_issued_at: Math.floor(client.registered_at.getTime() / 1000),
    registration_client_uri: `${issuer}/register/${client_id}`,
  }
}
