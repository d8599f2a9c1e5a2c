import { describe, expect, test } from '@jest/globals'
import { StartFailure } from '../start-failure.ts'
import { type Config, readConfig } from './config.ts'

test('with nothing set: the embedded PostgreSQL, demo data, this machine alone', () => {
  expect(readConfig({})).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    baseUrl: 'http://localhost:8080',
    demo: true,
    processes: 1,
    role: 'all',
    simulations: true,
    logLevel: 'info',
    bodyBytesMax: 16 * 1024 * 1024,
  } satisfies Partial<Config>)
  expect(readConfig({}).databaseUrl).toBeUndefined()
})

test.each([
  [{}, { mode: 'warn', acceptsSynthetic: true }],
  [{ DEMO: 'off' }, { mode: 'refuse', acceptsSynthetic: false }],
  [
    { DEMO: 'off', SYNTHETIC_NUMBERS: 'accepted' },
    { mode: 'refuse', acceptsSynthetic: true },
  ],
  [
    { SYNTHETIC_NUMBERS: 'refused', NATIONAL_NUMBERS: 'warn' },
    { mode: 'warn', acceptsSynthetic: false },
  ],
] as const)('national numbers with %j: %j', (env, nationalNumbers) => {
  expect(readConfig(env).nationalNumbers).toEqual(nationalNumbers)
})

test('as an API of HelseID, tokens come from its issuer', () => {
  const scopes = { 'nhn:x/api': 'user/*.cruds', 'nhn:x/job': 'system/Observation.c system/Task.rs?status=requested' }
  expect(readConfig({ HELSEID_API: JSON.stringify({ audience: 'nhn:x', scopes }) }).helseIdApi).toEqual({
    ...{ issuer: 'https://helseid-sts.nhn.no', audience: 'nhn:x', scopes },
  })
  expect(readConfig({}).helseIdApi).toBeUndefined()
})

test.each([
  [{}, false],
  [{ DEMO: 'off' }, true],
  [{ DEMO: 'off', PACKAGE_SIGNATURES: 'accepted' }, false],
  [{ PACKAGE_SIGNATURES: 'required' }, true],
])('packages that nobody has signed, with %j: refused %s', (env, isRequired) => {
  expect(readConfig(env).packageSignatureRequired).toBe(isRequired)
})

test.each([
  [{}, 'active'],
  [{ DEMO: 'off' }, 'draft'],
  [{ DEMO: 'off', PLANS_FROM_SYSTEMS: 'active' }, 'active'],
  [{ PLANS_FROM_SYSTEMS: 'draft' }, 'draft'],
])('what a system may store of a plan, with %j: %s', (env, plansFromSystems) => {
  expect(readConfig(env).plansFromSystems).toBe(plansFromSystems)
})

test('a process may leave simulations to another', () => {
  expect(readConfig({ SIMULATIONS: 'off' }).simulations).toBe(false)
})

const THEM = 'https://them.example'
test.each([
  [[{ issuer: THEM, jwksUri: `${THEM}/auth/package-keys` }], true],
  [[{ issuer: THEM, jwks: { keys: [{ kty: 'EC', kid: 'k', crv: 'P-256', x: 'x', y: 'y' }] } }], true],
  [[{ issuer: THEM }], false],
  [[{ issuer: THEM, jwks: { keys: [] } }], false],
  [[{ issuer: THEM, jwks: { keys: [{ kty: 'EC', kid: 'k', d: 'secret' }] } }], false],
  [[{ issuer: 'them', jwksUri: THEM }], false],
])('issuers of packages %j: %s', (issuers, isTaken) => {
  const read = () => readConfig({ PACKAGE_ISSUERS: JSON.stringify(issuers) }).packageIssuers
  if (isTaken) expect(read()).toEqual(issuers)
  else expect(read).toThrow(/PACKAGE_ISSUERS must be JSON/)
})

const EHR = { issuer: THEM, fhirBase: `${THEM}/fhir`, clientId: 'us', jwksUri: `${THEM}/keys` }
test.each([
  [{ introspectionUri: `${THEM}/introspect` }, true],
  [{ patients: 'any-shown' }, true],
  [{}, false],
  [{ patients: 'any' }, false],
  [{ introspectionUri: 'introspect' }, false],
  [{ introspectionUri: `${THEM}/introspect`, patients: 'any-shown' }, false],
])('an EHR whose launches are known for a patient by %j: %s', (proof, isTaken) => {
  const read = () => readConfig({ TRUSTED_EHRS: JSON.stringify([{ ...EHR, ...proof }]) }).trustedEhrs
  if (isTaken) expect(read()).toEqual([{ ...EHR, ...proof }])
  else expect(read).toThrow(/either "introspectionUri" or "patients": "any-shown"/)
})

test.each([
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'fylgje' }, true],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', scope: 'launch', origins: ['https://login.example.no'] }, true],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', signsInFramed: true }, true],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', apps: ['patient'] }, true],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', apps: ['studio'] }, false],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', apps: [] }, false],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', signsInFramed: 'yes' }, false],
  [{ iss: 'ehr.example.no/fhir', clientId: 'fylgje' }, false],
  [{ iss: 'https://ehr.example.no/fhir' }, false],
  [{ iss: 'https://ehr.example.no/fhir', clientId: 'f', origins: ['https://login.example.no/token'] }, false],
])('the apps may be launched from %j: %s', (issuer, isTaken) => {
  const read = () => readConfig({ APP_ISSUERS: JSON.stringify([issuer]) }).appIssuers
  if (isTaken) expect(read()).toEqual([issuer])
  else expect(read).toThrow(/^APP_ISSUERS must be JSON: a list of \{"iss", "clientId"/)
})

test('an empty variable is one that is not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '', DEMO: '' })).toEqual(readConfig({}))
})

test('the base URL follows the port, and has no slash at its end', () => {
  expect(readConfig({ PORT: '9000' }).baseUrl).toBe('http://localhost:9000')
  expect(readConfig({ BASE_URL: 'https://dho.example.no/fylgje/' }).baseUrl).toBe('https://dho.example.no/fylgje')
})

describe('demo mode', () => {
  const own = { DATABASE_URL: 'postgres://me@db/fylgje' }
  test.each([
    ['is on with the embedded database', {}, true],
    ['is off with a database of one’s own', own, false],
    ['can be had with a database of one’s own', { ...own, DEMO: 'on' }, true],
    ['can be turned off', { DEMO: 'off' }, false],
    ['may be open to other machines when asked for by hand', { HOST: '0.0.0.0', DEMO: 'on' }, true],
    ['is no matter for a host that is this machine', { HOST: '127.0.0.2' }, true],
    ['is no matter for IPv6’s name of this machine', { HOST: '::1' }, true],
  ])('%s', (_rule, env, demo) => expect(readConfig(env).demo).toBe(demo))

  test.each(['0.0.0.0', '::', '192.168.1.2', '127.evil.example'])('refuses to listen at %s by itself', (HOST) => {
    expect(faultsOf({ HOST })).toEqual([
      expect.stringMatching(/^HOST is .+ set DEMO=off, or DEMO=on if you mean it\.$/),
    ])
    expect(readConfig({ HOST, DEMO: 'off' }).host).toBe(HOST)
  })
})

test.each([
  [{ PORT: '65536' }, 'PORT must be a whole number from 1 to 65535; it is "65536".'],
  [{ PORT: '80.5' }, 'PORT must be a whole number from 1 to 65535; it is "80.5".'],
  [{ PROCESSES: '0' }, 'PROCESSES must be a whole number from 1 to 64; it is "0".'],
  [{ BASE_URL: 'dho.example.no' }, 'BASE_URL must be an http or https address without query; it is "dho.example.no".'],
  [{ BASE_URL: 'ftp://x' }, 'BASE_URL must be an http or https address without query; it is "ftp://x".'],
  [{ DEMO: 'yes' }, 'DEMO must be on or off; it is "yes".'],
  ...[
    '{"audience":"a","scopes":{}}',
    '{"audience":"","scopes":{"a":"user/*.r"}}',
    '{"audience":"a","scopes":{"a":"user/*.x"}}',
    '{}',
    'x',
  ].map((text): [Record<string, string>, string] => [
    { HELSEID_API: text },
    `HELSEID_API must be JSON: {"audience": our name at HelseID, "scopes": {its scope: SMART scopes of user/ or system/}, and perhaps "attest": "required"}; it is ${JSON.stringify(text)}.`,
  ]),
  ...['{}', '{"name":"X","website":"x"}', '{"name":"","website":"https://x.no"}'].map(
    (text): [Record<string, string>, string] => [
      { BRAND: text },
      `BRAND must be JSON: {"name", "website", and perhaps "logo" and "portal": {"name", "url"}}; it is ${JSON.stringify(text)}.`,
    ],
  ),
  [{ SIMULATIONS: 'no' }, 'SIMULATIONS must be on or off; it is "no".'],
  [{ ROLE: 'API' }, 'ROLE must be all, api or worker; it is "API".'],
  [{ PLANS_FROM_SYSTEMS: 'approved' }, 'PLANS_FROM_SYSTEMS must be draft or active; it is "approved".'],
  [{ NATIONAL_NUMBERS: 'on' }, 'NATIONAL_NUMBERS must be refuse, warn or off; it is "on".'],
  [{ SYNTHETIC_NUMBERS: 'yes' }, 'SYNTHETIC_NUMBERS must be accepted or refused; it is "yes".'],
  [
    { PROFILE_VALIDATION: 'Observation' },
    'PROFILE_VALIDATION must be refuse, warn or off, or one for each type, such as *=refuse,Observation=warn; it is "Observation".',
  ],
  [
    { TRUSTED_PROXIES: '10.0.0.0/33' },
    'TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8, separated by commas; it is "10.0.0.0/33".',
  ],
  [
    { TRUSTED_PROXIES: 'proxy.example.no' },
    'TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8, separated by commas; it is "proxy.example.no".',
  ],
  [
    { FRAME_ANCESTORS: 'https://ehr.example.no,*' },
    'FRAME_ANCESTORS must be origins such as https://ehr.example.no or https://*.example.no, separated by commas; it is "https://ehr.example.no,*".',
  ],
  [
    { FRAME_ANCESTORS: 'https://ehr.example.no/path' },
    'FRAME_ANCESTORS must be origins such as https://ehr.example.no or https://*.example.no, separated by commas; it is "https://ehr.example.no/path".',
  ],
  [{ REQUESTS_PER_MINUTE: '-1' }, 'REQUESTS_PER_MINUTE must be a whole number from 0 to 10000000; it is "-1".'],
  [{ LOCKOUT_MINUTES: '0' }, 'LOCKOUT_MINUTES must be a whole number from 1 to 1440; it is "0".'],
  [{ ROLE: 'worker', PROCESSES: '2' }, 'PROCESSES counts processes that answer HTTP; ROLE=worker has none.'],
])('%j is refused in one line', (env, line) => expect(faultsOf(env)).toEqual([line]))

describe('how much is let in', () => {
  const none = { strangerRequestsMax: 0, clientFailuresMax: 0, addressFailuresMax: 0 }
  const some = { strangerRequestsMax: 1_200, clientFailuresMax: 10, addressFailuresMax: 100 }
  const https = { DEMO: 'off', BASE_URL: 'https://dho.example.no' }
  test.each([
    ['a demo', {}, { ...none, callerRequestsMax: 0 }],
    ['a server', { DEMO: 'off' }, { ...some, callerRequestsMax: 60_000 }],
    ['a server whose proxy is not known', https, { ...none, callerRequestsMax: 60_000, knowsAddresses: false }],
    ['a server whose proxy is known', { ...https, TRUSTED_PROXIES: '10.0.0.1' }, { ...some, knowsAddresses: true }],
    [
      'what is set',
      { LOCKOUT_FAILURES: '3', REQUESTS_PER_MINUTE: '5' },
      { clientFailuresMax: 3, callerRequestsMax: 5 },
    ],
  ])('%s', (_which, env, throttling) => expect(readConfig(env).throttling).toMatchObject(throttling))
})

test('networks and origins are lists', () => {
  const { trustedProxies, frameAncestors } = readConfig({
    TRUSTED_PROXIES: '10.0.0.0/8,::1',
    FRAME_ANCESTORS: 'https://ehr.example.no:8443,https://*.example.org',
  })
  expect(trustedProxies).toEqual(['10.0.0.0/8', '::1'])
  expect(frameAncestors).toEqual(['https://ehr.example.no:8443', 'https://*.example.org'])
})

test.each([
  [undefined, { '*': 'refuse' }],
  ['warn', { '*': 'warn' }],
  ['off,Observation=refuse', { '*': 'off', Observation: 'refuse' }],
  ['Observation=warn', { Observation: 'warn' }],
])('profiles are validated by type: %s', (PROFILE_VALIDATION, modes) =>
  expect(Object.fromEntries(readConfig({ PROFILE_VALIDATION }).profileModes)).toEqual(modes),
)

describe('national services that are told of what closes', () => {
  const JFT = {
    receiver: 'jft',
    organization: '312229544',
    url: 'https://api.write.jft.nhn.no',
    sourceSystem: 'Fylgje',
  }
  const HELSEID = {
    HELSEID_CLIENT_ID: 'us',
    HELSEID_KEY: JSON.stringify({ kty: 'EC', kid: 'k', alg: 'ES256', d: 'secret' }),
  }
  const senders = (...all: object[]) => ({ ...HELSEID, SENDERS: JSON.stringify(all) })

  test('are none where nothing is set', () => expect(readConfig(HELSEID).senders).toEqual([]))

  test('are asked as the client of HelseID, for their own organisation', () => {
    expect(
      readConfig(senders(JFT, { ...JFT, organization: '999999999', readUrl: 'https://api.read.example' })).senders,
    ).toMatchObject([
      {
        ...{ readUrl: JFT.url, scope: 'nhn:jft/api', numbers: 'real', timeoutSeconds: 30 },
        helseId: { name: 'helseid', clientId: 'us', organization: '312229544' },
      },
      { readUrl: 'https://api.read.example', helseId: { organization: '999999999' } },
    ])
  })

  test('take measurements in a batch, unless a collection is asked for', () => {
    const { sourceSystem, organization } = JFT
    const pmd = { receiver: 'pmd', organization, url: 'https://pmd.nhn.no', sourceSystem, scope: 'nhn:pmd/api' }
    expect(readConfig(senders({ ...pmd, municipality: '0301' })).senders).toMatchObject([{ bundle: 'batch' }])
    expect(faultsOf(senders({ ...pmd, municipality: 'Oslo' }))).toEqual([expect.stringContaining('SENDERS must be')])
    expect(faultsOf(senders({ ...pmd, municipality: '0301', bundle: 'document' }))).toEqual([
      expect.stringContaining('SENDERS must be'),
    ])
  })

  test.each([
    ['one that is not known', { ...JFT, receiver: 'fax' }],
    ['no organisation number', { ...JFT, organization: '1' }],
    ['no address', { ...JFT, url: 'jft' }],
    ['no name of ours', { ...JFT, sourceSystem: '' }],
    ['a word that is none of theirs', { ...JFT, colour: 'red' }],
  ])('with %s are refused', (_case, one) =>
    expect(faultsOf(senders(one))).toEqual([expect.stringContaining('SENDERS must be')]),
  )

  const MHD = {
    ...{ receiver: 'mhd', organization: '312229544', url: 'https://region.example', sourceSystem: 'Fylgje' },
    ...{ scope: 'region:x', facilityType: { system: 'urn:oid:1', code: 'a' } },
    practiceSetting: { system: 'urn:oid:2', code: 'b' },
  }
  test('a region’s source of documents needs to know as what documents are published', () => {
    expect(readConfig(senders(MHD)).senders).toMatchObject([MHD])
    for (const missing of ['facilityType', 'practiceSetting', 'scope'])
      expect(faultsOf(senders({ ...MHD, [missing]: undefined }))).toEqual([expect.stringContaining('SENDERS must be')])
  })

  test('with the same organisation twice are refused', () =>
    expect(faultsOf(senders(JFT, JFT))).toEqual([expect.stringContaining('each receiver and organisation once')]))

  test('without a client of HelseID are refused', () =>
    expect(faultsOf({ SENDERS: JSON.stringify([JFT]) })).toEqual([
      expect.stringContaining('SENDERS needs HELSEID_CLIENT_ID'),
    ]))
})

describe('kjernejournal', () => {
  const ADDRESS = 'https://api.pjd.example'
  const ASKED = {
    ...{ documentsUrl: ADDRESS, criticalInformationUrl: ADDRESS, portalSessionUrl: ADDRESS, portalUrl: ADDRESS },
    ...{ sourceSystem: 'Fylgje 1.0', healthcareService: 'S03' },
  }
  const ENV = {
    ...{ HELSEID_CLIENT_ID: 'us', HELSEID_ORGANIZATION: '312229544:312229545', KEY_ENCRYPTION_KEY: 'k'.repeat(43) },
    HELSEID_KEY: JSON.stringify({ kty: 'EC', kid: 'k', alg: 'ES256', d: 'secret' }),
  }
  const env = (asked: object) => ({ ...ENV, KJERNEJOURNAL: JSON.stringify(asked) })

  test('is asked for the organisation that people sign in for; by § 45, of people, unless it is said otherwise', () => {
    expect(readConfig(ENV).kjernejournal).toBeUndefined()
    expect(readConfig(env(ASKED)).kjernejournal).toEqual({
      ...ASKED,
      ...{ law: 'helsepersonelloven', numbers: 'real', timeoutSeconds: 20, organization: '312229544:312229545' },
    })
  })

  test.each([
    ['no address', { ...ASKED, documentsUrl: 'pjd' }],
    ['no address of laboratory answers', { ...ASKED, laboratoryUrl: 'pps' }],
    ['a law that is none', { ...ASKED, law: 'folkeskikk' }],
    ['no service', { ...ASKED, healthcareService: '' }],
    ['too short a name of ours', { ...ASKED, sourceSystem: 'Fy' }],
    ['a word that is none of its', { ...ASKED, colour: 'red' }],
  ])('with %s is refused', (_case, one) =>
    expect(faultsOf(env(one))).toEqual([expect.stringContaining('KJERNEJOURNAL must be')]),
  )

  test.each(['HELSEID_ORGANIZATION', 'KEY_ENCRYPTION_KEY', 'HELSEID_CLIENT_ID'])('without %s is refused', (name) => {
    const { [name]: _, ...rest }: Record<string, string> = env(ASKED)
    expect(faultsOf(rest).join('\n')).toContain(`KJERNEJOURNAL needs ${name}`)
  })
})

describe('EHRs that are asked', () => {
  const KEY = { kty: 'EC', kid: 'k', alg: 'ES256', d: 'secret' }
  const ASKED = { organization: '312229544', url: 'https://api.vkp.example/epj/r4', clientId: 'us-there', key: KEY }
  const env = (...asked: object[]) => ({ HELSEID_ISSUER: 'https://sts.example', JOURNALS: JSON.stringify(asked) })

  test('each has a client of its own at HelseID; they are asked for home monitoring, of people, unless it is said otherwise', () => {
    expect(readConfig({}).journals).toEqual([])
    const { clientId, key, ...rest } = ASKED
    expect(readConfig(env(ASKED)).journals).toEqual([
      {
        ...{ ...rest, serviceCodes: ['dho'], numbers: 'real', timeoutSeconds: 20 },
        helseId: { name: 'helseid', issuer: 'https://sts.example', clientId, key },
      },
    ])
  })

  test.each([
    ['no address', [{ ...ASKED, url: 'vkp' }]],
    ['no number of an organisation', [{ ...ASKED, organization: '31222954' }]],
    ['no key', [{ ...ASKED, key: undefined }]],
    ['a service that the hub does not know', [{ ...ASKED, serviceCodes: ['dho', 'xx'] }]],
    ['one organisation twice', [ASKED, ASKED]],
  ])('with %s are refused, and the key is not shown', (_case, asked) => {
    const faults = faultsOf(env(...asked))
    expect(faults).toEqual([expect.stringContaining('JOURNALS must be')])
    expect(faults.join()).not.toContain('secret')
  })
})

test('a password in a broken DATABASE_URL is not shown', () => {
  expect(faultsOf({ DATABASE_URL: 'mysql://me:geheim@db/x' }).join()).not.toContain('geheim')
})

test('every fault is told at once', () => {
  expect(faultsOf({ PORT: 'x', ROLE: 'x', DEMO: 'x' })).toHaveLength(3)
})

function faultsOf(env: { [name: string]: string }): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    return error.message.split('\n')
  }
}
