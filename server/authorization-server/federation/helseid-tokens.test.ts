import { createHash, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateJwkThumbprint, exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import { startTestDatabase, type TestDatabase } from '../../db/test-database.ts'
import { type Authenticate, TokenLookup } from '../authenticate.ts'
import type { People } from '../people.ts'
import { createHelseIdTokens } from './helseid-tokens.ts'

const AUDIENCE = 'nhn:hjemmeoppfolging'
const BASE = 'http://fylgje.test'
const CLAIMS = 'helseid://claims'
const HERE: Record<string, string[]> = {
  'urn:oid:2.16.578.1.12.4.1.4.4|431001110': ['kari'],
  'urn:oid:2.16.578.1.12.4.1.4.1|13116900216': ['kari'],
  'urn:oid:2.16.578.1.12.4.1.4.4|431001111': ['twin-1', 'twin-2'],
  'urn:oid:2.16.578.1.12.4.1.4.1|05073500186': ['ola'],
}
const UNITS: Record<string, string> = { '999977776': '999977774', '888877776': '888877774' }
const people = {
  findByIdentifier: async (_type: string, { system, value }: { system: string; value: string }) =>
    HERE[`${system}|${value}`] ?? [],
  findRoles: async () => ['kari-ward'],
  nameOf: async () => undefined,
  isOrganization: async (number: string, within?: string) =>
    within === undefined ? Object.values(UNITS).includes(number) : UNITS[number] === within,
} as unknown as People

type Key = GenerateKeyPairResult & { jwk: JWK }
const newKey = async (alg: string): Promise<Key> => {
  const pair = await generateKeyPair(alg, { extractable: true })
  return { ...pair, jwk: await exportJWK(pair.publicKey) }
}

let database: TestDatabase
let issuer: string
let server: Server
let isAway = false
let keysAre: 'there' | 'busy' | 'cut' | 'nonsense' = 'there'
let signing: Key
let own: Key
let authenticate: Authenticate

beforeAll(async () => {
  database = await startTestDatabase()
  signing = await newKey('PS256')
  own = await newKey('ES384')
  server = createServer((req, res) => {
    if (isAway) return res.writeHead(503).end()
    const isForKeys = req.url?.endsWith('/jwks')
    if (isForKeys && keysAre === 'busy') return res.writeHead(503).end()
    if (isForKeys && keysAre === 'cut') return req.socket.destroy()
    if (isForKeys && keysAre === 'nonsense') return res.end('{"keys": 1}')
    const body = isForKeys
      ? { keys: [{ ...signing.jwk, kid: 's1', alg: 'PS256', use: 'sig' }] }
      : { issuer, jwks_uri: `${issuer}/jwks` }
    return res.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  authenticate = lookup()
})
afterAll(async () => {
  server.close()
  await database.stop()
})

function lookup(attest?: 'required'): Authenticate {
  const scopes = { [`${AUDIENCE}/api`]: 'user/*.cruds', [`${AUDIENCE}/system`]: 'system/Observation.c' }
  const outside = createHelseIdTokens({ api: { issuer, audience: AUDIENCE, scopes, attest }, people, fetch })
  return new TokenLookup({
    ...{ pool: database.pool, baseUrl: BASE, audience: `${BASE}/fhir`, demo: false, dpopRequired: false, outside },
  }).authenticate
}

const now = () => Math.floor(Date.now() / 1000)
const KARI = {
  ...{ sub: 'kari-at-helseid', client_id: 'ehr', scope: `openid ${AUDIENCE}/api` },
  [`${CLAIMS}/identity/pid`]: '13116900216',
  [`${CLAIMS}/identity/security_level`]: '4',
  [`${CLAIMS}/hpr/hpr_number`]: '431001110',
  [`${CLAIMS}/client/claims/orgnr_parent`]: '999977774',
  [`${CLAIMS}/client/claims/orgnr_child`]: '999977776',
}
const SYSTEM = {
  ...{ sub: undefined, client_id: 'gateway', scope: `${AUDIENCE}/system` },
  [`${CLAIMS}/client/claims/orgnr_parent`]: '999977774',
}

type Made = { claims?: object; header?: object; by?: Key }
async function tokenOf({ claims = {}, header = {}, by = signing }: Made = {}): Promise<string> {
  const cnf = { jkt: await calculateJwkThumbprint(own.jwk) }
  const usual = { iss: issuer, aud: AUDIENCE, iat: now(), nbf: now(), exp: now() + 300, jti: randomUUID(), cnf }
  return new SignJWT({ ...usual, ...KARI, ...claims } as Record<string, unknown>)
    .setProtectedHeader({ alg: 'PS256', kid: 's1', typ: 'at+jwt', ...header })
    .sign(by.privateKey)
}
async function proofFor(token: string, claims: object = {}, { header = {}, by = own } = {}): Promise<string> {
  const ath = createHash('sha256').update(token).digest('base64url')
  const usual = { jti: randomUUID(), htm: 'GET', htu: `${BASE}/fhir/Task`, ath, iat: now() }
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: 'ES384', typ: 'dpop+jwt', jwk: by.jwk, ...header })
    .sign(by.privateKey)
}
const ask = (token: string, dpop: string | undefined, scheme = 'DPoP') =>
  authenticate({ authorization: `${scheme} ${token}`, dpop, method: 'GET', path: '/fhir/Task?_count=1' })
const come = async (made: Made = {}) => {
  const token = await tokenOf(made)
  return ask(token, await proofFor(token))
}

test('a clinician is the Practitioner with the HPR number, for the organisation of the token', async () => {
  expect(await come()).toEqual({
    actor: 'Practitioner/kari',
    clientId: 'helseid:ehr',
    scopes: [expect.objectContaining({ text: 'user/*.cruds' })],
    login: {
      ...{ provider: 'helseid', securityLevel: '4', hprNumber: '431001110' },
      ...{ organization: '999977774', organizationUnit: '999977776', practitionerRole: 'PractitionerRole/kari-ward' },
    },
    token: { key: expect.any(String), expiresAt: expect.any(String), isOutside: true },
  })
})

const oid = (id: string) => ({ id, system: 'urn:oid:2.16.578.1.12.4.1.4.101', name: 'Sykehuset' })
const coded = (code: string) => ({ code, system: 'urn:oid:2.16.578.1.12.4.1.1.9060', text: 'Fritekst' })
const CARE = {
  ...{ healthcare_service: coded('S03'), purpose_of_use: coded('TREAT'), purpose_of_use_details: coded('15') },
  decision_ref: { id: 'decision-1', description: 'Fritekst', user_selected: true },
}
const ATTEST = {
  type: 'nhn:tillitsrammeverk:parameters',
  practitioner: {
    ...{ identifier: { id: '13116900216' }, hpr_nr: oid('431001110'), authorization: coded('LE') },
    ...{ legal_entity: oid('999977774'), point_of_care: oid('999977776'), department: oid('4208723') },
  },
  care_relationship: CARE,
  patients: [{ identifier: { id: '13116900216' }, point_of_care: oid('999977776') }],
}

test('what the trust framework attests travels with the access, without names, texts and numbers of people', async () => {
  const { login } = await come({ claims: { authorization_details: [{ type: 'other' }, ATTEST] } })
  expect(login).toMatchObject({
    ...{ authorization: 'LE', pointOfCare: '999977776', department: '4208723', healthcareService: 'S03' },
    ...{ purpose: 'TREAT', purposeDetails: '15', decision: 'decision-1', decidedBy: 'user' },
  })
  expect(JSON.stringify(login)).not.toMatch(/13116900216|Fritekst|Sykehuset/)
  const { care_relationship, ...older } = ATTEST
  const system = { purpose_of_use: coded('BTG'), decision_ref: { id: 'd', user_selected: false } }
  const made = { claims: { assertion_details: { ...older, care_relation: system } } }
  expect((await come(made)).login).toMatchObject({ purpose: 'BTG', decision: 'd', decidedBy: 'system' })
})

test.each<[string, object | object[], RegExp]>([
  ['of another organisation', { practitioner: { legal_entity: oid('888877774') } }, /legal_entity is another/],
  ['of another person', { practitioner: { ...ATTEST.practitioner, hpr_nr: oid('1') } }, /hpr_nr is another/],
  ['without an organisation', { practitioner: {} }, /practitioner\.legal_entity/],
  ['for marketing', { care_relationship: { ...CARE, purpose_of_use: coded('HMARKT') } }, /purpose_of_use\.code/],
  ['without a purpose', { care_relationship: { healthcare_service: coded('S03') } }, /purpose_of_use/],
  ['without a relation', { care_relationship: undefined }, /care_relationship/],
  ['of which there are two', [ATTEST, ATTEST], /several/],
])('an attestation %s is refused', async (_, wrong, reason) => {
  const authorization_details = Array.isArray(wrong) ? wrong : [{ ...ATTEST, ...wrong }]
  await expect(come({ claims: { authorization_details } })).rejects.toMatchObject({
    issues: [{ code: 'login', diagnostics: expect.stringMatching(reason) }],
  })
})

test('where it is required, a token that attests nothing is refused', async () => {
  const strict = lookup('required')
  const asks = async (made: Made) => {
    const token = await tokenOf(made)
    return strict({
      ...{ authorization: `DPoP ${token}`, dpop: await proofFor(token), method: 'GET', path: '/fhir/Task?_count=1' },
    })
  }
  await expect(asks({})).rejects.toMatchObject({
    issues: [{ code: 'login', diagnostics: expect.stringContaining('attests nothing') }],
  })
  await expect(asks({ claims: { authorization_details: [ATTEST] } })).resolves.toMatchObject({
    actor: 'Practitioner/kari',
  })
})

test('a token without a person is a system’s, with what is mapped to systems alone', async () => {
  const unset = Object.fromEntries(Object.keys(KARI).map((name) => [name, undefined]))
  const claims = { ...unset, ...SYSTEM, scope: `${AUDIENCE}/api ${AUDIENCE}/system` }
  expect(await come({ claims })).toMatchObject({
    ...{ actor: 'Client/helseid:gateway', clientId: 'helseid:gateway' },
    scopes: [{ text: 'system/Observation.c' }],
    login: { organization: '999977774' },
  })
  await expect(come({ claims: { ...claims, scope: `${AUDIENCE}/api` } })).rejects.toMatchObject({ status: 403 })
})

test.each<[string, object]>([
  ['JWT as its type, as before', { header: { typ: 'JWT' } }],
  ['its audience in a list', { claims: { aud: [AUDIENCE] } }],
  ['its scopes in a list', { claims: { scope: ['openid', `${AUDIENCE}/api`] } }],
  ['a clock that is a little ahead', { claims: { nbf: Math.floor(Date.now() / 1000) + 3 } }],
])('one with %s is taken', async (_, made) => {
  await expect(come(made)).resolves.toMatchObject({ actor: 'Practitioner/kari' })
})

const claim = (name: string, value: unknown): Made => ({ claims: { [name]: value } })
const WRONG: [string, () => Made | Promise<Made>, RegExp][] = [
  ['for another API', () => claim('aud', 'nhn:kjernejournal'), /aud/],
  ['for this API and another', () => claim('aud', [AUDIENCE, 'nhn:kjernejournal']), /several audiences/],
  ['for nobody', () => claim('aud', undefined), /aud/],
  ['that is over', () => ({ claims: { exp: now() - 30 } }), /EXPIRED/],
  ['without an end', () => claim('exp', undefined), /exp/],
  ['that does not count yet', () => ({ claims: { nbf: now() + 60 } }), /nbf/],
  ['signed by somebody else', async () => ({ by: await newKey('PS256') }), /SIGNATURE/],
  ['by a key that nobody knows', () => ({ header: { kid: 'other' } }), /JWKS_NO_MATCHING_KEY/],
  ['that is an ID token', () => claim('aud', 'fylgje-helseid'), /aud/],
  ['that is a proof', () => ({ header: { typ: 'dpop+jwt' } }), /typ/],
  ['that is an assertion', () => ({ header: { typ: 'client-authentication+jwt' } }), /typ/],
  ['of no type', () => ({ header: { typ: undefined } }), /typ/],
  ['that is bound to no key', () => claim('cnf', undefined), /bound to a key/],
  ['of no client', () => claim('client_id', undefined), /client_id/],
  ['of level 3', () => claim(`${CLAIMS}/identity/security_level`, '3'), /level 4/],
  ['of no level', () => claim(`${CLAIMS}/identity/security_level`, undefined), /level 4/],
  ['without an HPR number', () => claim(`${CLAIMS}/hpr/hpr_number`, undefined), /HPR number/],
  ['of a person without a number', () => claim(`${CLAIMS}/identity/pid`, undefined), /of a person/],
  [
    'of somebody unknown',
    () => ({ claims: { [`${CLAIMS}/hpr/hpr_number`]: '1', [`${CLAIMS}/identity/pid`]: '2' } }),
    /no Practitioner/,
  ],
  ['of one of two', () => claim(`${CLAIMS}/hpr/hpr_number`, '431001111'), /more than one/],
  ['of two at once', () => claim(`${CLAIMS}/identity/pid`, '05073500186'), /more than one/],
  ['for no organisation', () => claim(`${CLAIMS}/client/claims/orgnr_parent`, undefined), /names no organisation/],
  [
    'for an unknown organisation',
    () => claim(`${CLAIMS}/client/claims/orgnr_parent`, '111111111'),
    /organisation of the token is unknown/,
  ],
  ['for an unknown unit', () => claim(`${CLAIMS}/client/claims/orgnr_child`, '111111111'), /unit/],
  ['for a unit of another', () => claim(`${CLAIMS}/client/claims/orgnr_child`, '888877776'), /unit/],
]
test.each(WRONG)('a token %s is refused', async (_, make, reason) => {
  await expect(come(await make())).rejects.toMatchObject({
    ...{ status: 401, message: expect.stringMatching(reason) },
  })
})

test.each([undefined, 'openid', 'nhn:kjernejournal/api', '__proto__'])(
  'the scope %s is none of this API',
  async (scope) => {
    await expect(come({ claims: { scope } })).rejects.toMatchObject({ status: 403, issues: [{ code: 'forbidden' }] })
  },
)

test('one without a signature, or of another issuer, is nobody’s', async () => {
  const token = await tokenOf()
  const [, payload] = token.split('.')
  const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
  for (const wrong of [none, await tokenOf({ claims: { iss: 'https://other' } }), `${token}x`, 'a.b.c']) {
    await expect(ask(wrong, await proofFor(wrong))).rejects.toMatchObject({ status: 401 })
  }
})

describe('the key that the token is bound to', () => {
  const otherUrl = { htu: `${BASE}/fhir/Patient` }
  test.each<[string, (token: string) => Promise<string | undefined>, string, RegExp]>([
    ['no proof', async () => undefined, 'DPoP', /proof of the key is required/],
    ['as a bearer token', proofFor, 'Bearer', /bound to a key/],
    ['by another key', async (token) => proofFor(token, {}, { by: await newKey('ES384') }), 'DPoP', /the key is not/],
    ['for another address', (token) => proofFor(token, otherUrl), 'DPoP', /htu/],
    ['for another method', (token) => proofFor(token, { htm: 'POST' }), 'DPoP', /htm/],
    ['for another token', () => proofFor('other'), 'DPoP', /ath/],
    ['of two minutes ago', (token) => proofFor(token, { iat: now() - 120 }), 'DPoP', /iat/],
  ])('%s: it is refused', async (_, make, scheme, reason) => {
    const token = await tokenOf()
    await expect(ask(token, await make(token), scheme)).rejects.toMatchObject({
      ...{ status: 401, message: expect.stringMatching(reason) },
    })
  })

  test('a proof is used once, also of copies at once', async () => {
    const token = await tokenOf()
    const proof = await proofFor(token)
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => ask(token, proof)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(ask(token, proof)).rejects.toMatchObject({ message: expect.stringMatching(/used before/) })
    await expect(ask(token, await proofFor(token))).resolves.toMatchObject({ actor: 'Practitioner/kari' })
  })
})

describe('while HelseID does not answer, it is nobody’s fault, and the next who comes asks again', () => {
  afterEach(() => {
    isAway = false
    keysAre = 'there'
  })
  test.each([
    ['nothing of it does', () => (isAway = true)],
    ['where its keys are, it is busy', () => (keysAre = 'busy')],
    ['where its keys are, the line is cut', () => (keysAre = 'cut')],
    ['where its keys are, there is something else', () => (keysAre = 'nonsense')],
  ])('%s', async (_, goAway) => {
    authenticate = lookup()
    goAway()
    await expect(come()).rejects.toMatchObject({ status: 503, issues: [{ code: 'transient' }] })
    isAway = false
    keysAre = 'there'
    await expect(come()).resolves.toMatchObject({ actor: 'Practitioner/kari' })
  })
})

test('without the setting, its tokens are unknown', async () => {
  const settings = { pool: database.pool, baseUrl: BASE, audience: `${BASE}/fhir`, demo: false, dpopRequired: false }
  const token = await tokenOf()
  const answer = new TokenLookup(settings).authenticate({ authorization: `DPoP ${token}`, dpop: await proofFor(token) })
  await expect(answer).rejects.toMatchObject({ status: 401 })
})
