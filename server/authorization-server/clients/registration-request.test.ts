import { parseRegistration, RegistrationRefusal } from './registration-request.ts'

const KEY = { kty: 'EC', kid: 'a', crv: 'P-384', x: 'x', y: 'y' }
const APP = {
  ...{ client_name: 'App', token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] },
  redirect_uris: ['https://app.example.org/callback'],
}
const SERVICE = {
  ...{ client_name: 'Tjeneste', token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
  jwks_uri: 'https://service.example.org/jwks.json',
}

test('an app may last for an hour, a service for five minutes', () => {
  expect(parseRegistration(APP)).toMatchObject({ token_lifetime_seconds: 3600, consent: 'asked', jwks: null })
  expect(parseRegistration(SERVICE)).toMatchObject({ token_lifetime_seconds: 300, jwks_uri: SERVICE.jwks_uri })
})

test('what is not understood is left aside', () => {
  const asked = parseRegistration({ ...APP, software_id: '4NRB1', logo_uri: 'https://app.example.org/logo.png' })
  expect(asked).toEqual(parseRegistration(APP))
})

test.each(['https://app.example.org/', 'http://localhost:3000/cb', 'http://127.0.0.1/cb', 'no.example.app:/callback'])(
  '%s is an address to come back to',
  (uri) => expect(parseRegistration({ ...APP, redirect_uris: [uri] }).redirect_uris).toEqual([uri]),
)
test.each([
  'http://app.example.org/callback',
  'https://app.example.org/callback#fragment',
  'https://user@app.example.org/callback',
  'javascript:alert(1)',
  'app:/callback',
  'data:text/html,x',
  '/callback',
])('%s is none', (uri) =>
  expect(refusalOf({ ...APP, redirect_uris: [uri] })).toEqual([
    'invalid_redirect_uri',
    expect.stringMatching(/^redirect_uris\.0: must be /),
  ]),
)

test.each<[string, object, RegExp]>([
  ['no name', { ...APP, client_name: ' ' }, /^client_name: /],
  ['a name of 101 characters', { ...APP, client_name: 'x'.repeat(101) }, /^client_name: must have 100 characters/],
  [
    'a name on two lines',
    { ...APP, client_name: 'App\r\nApp' },
    /^client_name: must be of characters that can be seen/,
  ],
  ['a name that turns around', { ...APP, client_name: 'App \u202exyz' }, /^client_name: must be of characters/],
  ['a national number as a name', { ...APP, client_name: 'App 131169 00216' }, /^client_name: must not hold eleven/],
  [
    'a method that we do not have',
    { ...APP, token_endpoint_auth_method: 'client_secret_post' },
    /^token_endpoint_auth_method: /,
  ],
  ['a grant that we do not have', { ...APP, grant_types: ['password'] }, /^grant_types\.0: /],
  ['the implicit flow', { ...APP, response_types: ['token'] }, /^response_types\.0: /],
  ['nowhere to come back to', { ...APP, redirect_uris: [] }, /^redirect_uris: at least one/],
  [
    'a public client that acts by itself',
    { ...APP, grant_types: ['authorization_code', 'client_credentials'] },
    /^grant_types: a public client/,
  ],
  ['a service that people come back to', { ...SERVICE, redirect_uris: APP.redirect_uris }, /^redirect_uris: only for/],
  [
    'a refresh token of nothing',
    { ...SERVICE, grant_types: ['client_credentials', 'refresh_token'] },
    /^grant_types: refresh_token/,
  ],
  [
    'keys of a client with a secret',
    { ...APP, token_endpoint_auth_method: 'client_secret_basic', jwks: { keys: [KEY] } },
    /keys go with/,
  ],
  ['no key', { ...SERVICE, jwks_uri: undefined }, /^jwks_uri: /],
  ['keys twice', { ...SERVICE, jwks: { keys: [KEY] } }, /^jwks_uri: /],
  [
    'keys fetched without TLS',
    { ...SERVICE, jwks_uri: 'http://service.example.org/jwks' },
    /^jwks_uri: must be an https/,
  ],
  ['a secret key', { ...SERVICE, jwks_uri: undefined, jwks: { keys: [{ ...KEY, d: 'd' }] } }, /must be public/],
  [
    'a shared key',
    { ...SERVICE, jwks_uri: undefined, jwks: { keys: [{ kty: 'oct', kid: 'a', k: 'x' }] } },
    /^jwks\.keys\.0/,
  ],
  [
    'a short key',
    { ...SERVICE, jwks_uri: undefined, jwks: { keys: [{ kty: 'RSA', kid: 'a', n: 'short' }] } },
    /2048 bits/,
  ],
  ['two keys of one name', { ...SERVICE, jwks_uri: undefined, jwks: { keys: [KEY, KEY] } }, /another kid/],
  [
    'an origin with a path',
    { ...APP, cors_origins: ['https://app.example.org/'] },
    /^cors_origins\.0: must be an origin/,
  ],
  ['every origin', { ...APP, cors_origins: ['*'] }, /^cors_origins\.0: must be an origin/],
  ['a scope that is none', { ...APP, scope: 'patient/Observation.sr' }, /^scope: patient\/Observation\.sr/],
  ['a token for a day', { ...APP, token_lifetime_seconds: 86_400 }, /^token_lifetime_seconds: /],
  ['no object', [], /^the body: /],
])('%s is refused, and the member named', (_what, body, description) =>
  expect(refusalOf(body)).toEqual(['invalid_client_metadata', expect.stringMatching(description)]),
)

function refusalOf(body: unknown): string[] {
  try {
    parseRegistration(body)
    return []
  } catch (error) {
    if (!(error instanceof RegistrationRefusal)) throw error
    return [error.error, error.message]
  }
}
