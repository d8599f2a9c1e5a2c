import { isIP, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { StartFailure } from './start-failure.ts'

/** One setting: `expects` completes the sentence "NAME must be …", `says` stands in the README. */
type Setting<S extends z.ZodType> = { schema: S; standard: string; expects: string; says: string; secret?: true }
const setting = <S extends z.ZodType>(setting: Setting<S>): Setting<S> => setting

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max))
const webAddress = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/[?#]/.test(url))
  .transform((url) => url.replace(/\/+$/, ''))

const jwkShape = z.looseObject({
  kty: z.enum(['RSA', 'EC']),
  kid: z.string().min(1),
  alg: z.string().min(1),
  d: z.string().min(1),
})
const publicJwkShape = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']), kid: z.string().min(1) })
  .refine((jwk) => jwk.d === undefined)
const ehrShape = z.strictObject({
  issuer: webAddress,
  fhirBase: webAddress,
  clientId: z.string().min(1),
  jwksUri: webAddress,
  introspectionUri: webAddress.optional(),
})
const packageIssuerShape = z.union([
  z.strictObject({ issuer: webAddress, jwksUri: webAddress }),
  z.strictObject({ issuer: webAddress, jwks: z.strictObject({ keys: z.array(publicJwkShape).min(1) }) }),
])
const SMART_SCOPE = '(user|system)/(\\*|[A-Z][A-Za-z]*)\\.(?=[cruds])c?r?u?d?s?(\\?\\S+)?'
const apiShape = z.strictObject({
  audience: z.string().regex(/^\S+$/),
  scopes: z
    .record(z.string().regex(/^\S+$/), z.string().regex(new RegExp(`^${SMART_SCOPE}( ${SMART_SCOPE})*$`)))
    .refine((scopes) => Object.keys(scopes).length > 0),
  attest: z.enum(['required', 'accepted']).optional(),
})
const brandShape = z.strictObject({
  name: z.string().min(1),
  website: webAddress,
  logo: webAddress.optional(),
  portal: z.strictObject({ name: z.string().min(1), url: webAddress }).optional(),
})
/** A setting that is JSON of this shape. */
const jsonOf = <S extends z.ZodType>(shape: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' })
        return z.NEVER
      }
    })
    .pipe(shape)
const privateJwk = jsonOf(jwkShape)

/** Every setting that there is, with its default. An empty variable counts as one that is not set. */
const SETTINGS = {
  PORT: setting({
    schema: whole(1, 65535).default(8080),
    standard: '8080',
    expects: 'a whole number from 1 to 65535',
    says: 'Port to listen on.',
  }),
  HOST: setting({
    schema: z.string().regex(/^\S+$/).default('127.0.0.1'),
    standard: '127.0.0.1',
    expects: 'an address or host name of this machine',
    says: 'Address to listen on. `0.0.0.0` is every address; demo mode then has to be asked for by hand.',
  }),
  BASE_URL: setting({
    schema: webAddress.optional(),
    standard: 'http://localhost:PORT',
    expects: 'an http or https address without query',
    says: 'Where callers reach the server, as they see it. Stands in links, tokens and metadata.',
  }),
  DATA_DIR: setting({
    schema: z.string().default('.data'),
    standard: '.data',
    expects: 'a folder',
    says: 'Where the embedded PostgreSQL keeps everything. Not used with `DATABASE_URL`.',
  }),
  DATABASE_URL: setting({
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//)
      .refine(URL.canParse)
      .optional(),
    standard: 'none: embedded PostgreSQL',
    expects: 'postgres://user:password@host:5432/database',
    says: 'A PostgreSQL 15 or later of your own.',
    secret: true,
  }),
  DATABASE_CONNECTIONS: setting({
    schema: whole(2, 1000).default(16),
    standard: '16',
    expects: 'a whole number from 2 to 1000',
    says: 'Connections that each process may hold. The sum must stay below `max_connections` of PostgreSQL.',
  }),
  DEMO: setting({
    schema: z
      .enum(['on', 'off'])
      .transform((value) => value === 'on')
      .optional(),
    standard: 'on without DATABASE_URL, else off',
    expects: 'on or off',
    says: 'Made-up patients, and logins that everyone knows. Never for real data.',
  }),
  PROCESSES: setting({
    schema: whole(1, 64).default(1),
    standard: '1',
    expects: 'a whole number from 1 to 64',
    says: 'Processes that answer HTTP. From 2 on, the first process keeps the database and the plan engine for itself.',
  }),
  ROLE: setting({
    schema: z.enum(['all', 'api', 'worker']).default('all'),
    standard: 'all',
    expects: 'all, api or worker',
    says: '`api` answers HTTP only; `worker` runs the plan engine, with health and metrics only; `all` does both.',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    standard: 'info',
    expects: 'fatal, error, warn, info, debug, trace or silent',
    says: 'What is logged, as JSON lines on stderr.',
  }),
  BODY_MEGABYTES: setting({
    schema: whole(1, 256).default(16),
    standard: '16',
    expects: 'a whole number from 1 to 256',
    says: 'Largest request body, in MiB. A larger one gets 413.',
  }),
  PROFILE_VALIDATION: setting({
    schema: z
      .string()
      .regex(/^(?:(?:(?:\*|[A-Z][A-Za-z]*)=)?(?:refuse|warn|off))(?:,(?:\*|[A-Z][A-Za-z]*)=(?:refuse|warn|off))*$/)
      .default('refuse')
      .transform(profileModes),
    standard: 'refuse',
    expects: 'refuse, warn or off, or one for each type, such as *=refuse,Observation=warn',
    says: 'What becomes of a resource that breaks a profile that it claims: refused, stored all the same, or not looked at.',
  }),
  VITAL_SIGNS: setting({
    schema: z.enum(['off', 'warn', 'refuse']).default('off'),
    standard: 'off',
    expects: 'off, warn or refuse',
    says: 'What becomes of an Observation with the LOINC code of a vital sign that breaks R4’s profile for it without claiming it.',
  }),
  NATIONAL_NUMBERS: setting({
    schema: z.enum(['refuse', 'warn', 'off']).optional(),
    standard: 'warn in a demo, else refuse',
    expects: 'refuse, warn or off',
    says: 'What becomes of a fødselsnummer, D-, H-, FH-, DUF, HPR or organisation number that can be none: refused, stored all the same, or not looked at.',
  }),
  SYNTHETIC_NUMBERS: setting({
    schema: z
      .enum(['accepted', 'refused'])
      .transform((value) => value === 'accepted')
      .optional(),
    standard: 'accepted in a demo, else refused',
    expects: 'accepted or refused',
    says: 'Numbers of the series that are made for tests (Tenor, Norsk helsenett, Dolly). They are looked at as `NATIONAL_NUMBERS` says.',
  }),
  DPOP: setting({
    schema: z.enum(['accepted', 'required']).default('accepted'),
    standard: 'accepted',
    expects: 'accepted or required',
    says: 'Access tokens that are bound to a key of the client (RFC 9449): accepted beside others, or the only ones.',
  }),
  PRIVATE_HOSTS: setting({
    schema: z
      .string()
      .regex(/^[^\s,/]+(,[^\s,/]+)*$/)
      .default('')
      .transform((hosts) => hosts.split(',').filter(Boolean)),
    standard: 'none',
    expects: 'host names, with a port or without, separated by commas',
    says: 'Hosts at private addresses that the server may ask: for the keys of clients, at identity providers, at an EHR.',
  }),
  KEY_ENCRYPTION_KEY: setting({
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}(,[A-Za-z0-9_-]{43})*$/)
      .default('')
      .transform((keys) =>
        keys
          .split(',')
          .filter(Boolean)
          .map((key) => Buffer.from(key, 'base64url')),
      ),
    standard: 'none: they lie open',
    expects: '32 random bytes as base64url (43 letters), or several separated by commas',
    says: 'Seals the signing keys in the database. The first seals, all open, so that it can be changed: put the new one before the old.',
    secret: true,
  }),
  KEY_ROTATION_DAYS: setting({
    schema: whole(1, 3650).default(90),
    standard: '90',
    expects: 'a whole number from 1 to 3650',
    says: 'After so many days the next signing keys are made. `POST /auth/keys` makes them at once.',
  }),
  HELSEID_ISSUER: setting({
    schema: webAddress.default('https://helseid-sts.nhn.no'),
    standard: 'https://helseid-sts.nhn.no',
    expects: 'an http or https address without query',
    says: 'HelseID, where clinicians sign in. The test environment is `https://helseid-sts.test.nhn.no`.',
  }),
  HELSEID_CLIENT_ID: setting({
    schema: z.string().optional(),
    standard: 'none: no HelseID',
    expects: 'a client id',
    says: 'This server as a client of HelseID. Its redirect address there is `BASE_URL/interaction/federated`.',
  }),
  HELSEID_KEY: setting({
    schema: privateJwk.optional(),
    standard: 'none: no HelseID',
    expects: 'a private JWK with kid and alg, as JSON',
    says: 'The key that proves it to HelseID.',
    secret: true,
  }),
  HELSEID_API: setting({
    schema: jsonOf(apiShape).optional(),
    standard: 'none: only our own tokens',
    expects:
      'JSON: {"audience": our name at HelseID, "scopes": {its scope: SMART scopes of user/ or system/}, and perhaps "attest": "required"}',
    says: 'Takes access tokens of HelseID (DPoP, level 4, HPR number, a known organisation) on the FHIR API beside our own; with `attest` only those that tell their purpose by the trust framework.',
  }),
  HELSEID_ORGANIZATION: setting({
    schema: z
      .string()
      .regex(/^\d{9}(:\d{9})?$/)
      .optional(),
    standard: 'none: what the client is registered with',
    expects: 'an organisation number, and that of a unit after a colon',
    says: 'For a client that several organisations share: which of them this server acts for.',
  }),
  IDPORTEN_ISSUER: setting({
    schema: webAddress.default('https://idporten.no'),
    standard: 'https://idporten.no',
    expects: 'an http or https address without query',
    says: 'ID-porten, where patients sign in. The test environment is `https://test.idporten.no`.',
  }),
  IDPORTEN_CLIENT_ID: setting({
    schema: z.string().optional(),
    standard: 'none: no ID-porten',
    expects: 'a client id',
    says: 'This server as a client of ID-porten, with the same redirect address.',
  }),
  IDPORTEN_KEY: setting({
    schema: privateJwk.optional(),
    standard: 'none: no ID-porten',
    expects: 'a private JWK with kid and alg, as JSON',
    says: 'The key that proves it to ID-porten.',
    secret: true,
  }),
  TRUSTED_EHRS: setting({
    schema: jsonOf(z.array(ehrShape)).optional(),
    standard: 'none',
    expects: 'JSON: a list of {"issuer", "fhirBase", "clientId", "jwksUri", and perhaps "introspectionUri"}',
    says: 'EHRs of other vendors that launch our apps; where one introspects its tokens, only the patient of the launch is taken. Who has signed in there gets our token by token exchange (RFC 8693).',
  }),
  PACKAGE_ISSUERS: setting({
    schema: jsonOf(z.array(packageIssuerShape)).optional(),
    standard: 'none: our own alone',
    expects: 'JSON: a list of {"issuer", "jwksUri"} or {"issuer", "jwks": {"keys": public JWKs with kid}}',
    says: 'Whose signed packages of plans are taken in beside our own, and where their keys are. Another server of this kind: its `BASE_URL`, and `BASE_URL/auth/package-keys`.',
  }),
  PACKAGE_SIGNATURES: setting({
    schema: z.enum(['required', 'accepted']).optional(),
    standard: 'accepted in a demo, else required',
    expects: 'required or accepted',
    says: 'Packages of plans that nobody has signed: refused, or taken in. One with a signature that does not hold is always refused.',
  }),
  BRAND: setting({
    schema: jsonOf(brandShape).optional(),
    standard: 'Fylgje, at BASE_URL',
    expects: 'JSON: {"name", "website", and perhaps "logo" and "portal": {"name", "url"}}',
    says: 'As whom patients find this server in an app (SMART brands, at `/brands`).',
  }),
  INITIAL_ACCESS_TOKEN: setting({
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._~+/-]{32,512}$/)
      .optional(),
    standard: 'none',
    expects: '32 to 512 letters, digits and ._~+/-',
    says: 'With this bearer token an administrator registers clients at `/auth/register` (RFC 7591). Without it, only a client with the scope `fylgje/client.manage` can.',
    secret: true,
  }),
  TRUSTED_PROXIES: setting({
    schema: z
      .string()
      .regex(/^[^\s,]+(,[^\s,]+)*$/)
      .transform((list) => list.split(','))
      .refine((networks) => networks.every(isNetwork))
      .default([]),
    standard: 'none',
    expects: 'IP addresses or networks such as 10.0.0.0/8, separated by commas',
    says: 'Proxies before this server. What they say in `X-Forwarded-For` counts as the caller’s address; without them, the address of the connection. Missing with an https `BASE_URL`, for which there must be a proxy, everybody seems to have one address.',
  }),
  FRAME_ANCESTORS: setting({
    schema: z
      .string()
      .regex(/^[^\s,]+(,[^\s,]+)*$/)
      .transform((list) => list.split(','))
      .refine((origins) => origins.every(isOrigin))
      .default([]),
    standard: 'none',
    expects: 'origins such as https://ehr.example.no or https://*.example.no, separated by commas',
    says: 'EHRs that may show our pages in a frame.',
  }),
  REQUESTS_PER_MINUTE: setting({
    schema: whole(0, 10_000_000).optional(),
    standard: '60000; without limit in a demo',
    expects: 'a whole number from 0 to 10000000',
    says: 'FHIR requests that each process answers for one client and person. More get 429. 0 is no limit.',
  }),
  REQUESTS_PER_MINUTE_ADDRESS: setting({
    schema: whole(0, 10_000_000).optional(),
    standard: '1200; without limit in a demo, and where TRUSTED_PROXIES is missing',
    expects: 'a whole number from 0 to 10000000',
    says: 'The same for one address, counting what signs in and what comes without a valid token.',
  }),
  LOCKOUT_FAILURES: setting({
    schema: whole(0, 100_000).optional(),
    standard: '10; never in a demo, and where TRUSTED_PROXIES is missing',
    expects: 'a whole number from 0 to 100000',
    says: 'After so many wrong secrets or assertions a client is locked out at the address that they came from. 0 is never.',
  }),
  LOCKOUT_FAILURES_ADDRESS: setting({
    schema: whole(0, 100_000).optional(),
    standard: '100; never in a demo, and where TRUSTED_PROXIES is missing',
    expects: 'a whole number from 0 to 100000',
    says: 'After so many failed attempts to sign in, of whomever, an address is locked out. 0 is never.',
  }),
  LOCKOUT_MINUTES: setting({
    schema: whole(1, 1440).default(15),
    standard: '15',
    expects: 'a whole number from 1 to 1440',
    says: 'Within so many minutes failures are counted, and for so many they lock out, in all processes.',
  }),
  DECISION_DAYS: setting({
    schema: whole(30, 36_500).default(3650),
    standard: '3650',
    expects: 'a whole number from 30 to 36500',
    says: 'For so many days the record of each decision is kept, by which it is explained and made again; longer while a Task of it is open.',
  }),
  AUDIT: setting({
    schema: z
      .enum(['on', 'off'])
      .default('on')
      .transform((value) => value === 'on'),
    standard: 'on',
    expects: 'on or off',
    says: 'Writes down who did what with whose data, before it is answered. `off` is for measuring what that costs, and only with `DEMO=on`.',
  }),
  AUDIT_RETENTION_MONTHS: setting({
    schema: whole(60, 1200).default(120),
    standard: '120',
    expects: 'a whole number from 60 to 1200',
    says: 'Months of which the audit is kept beside this one; older ones are dropped.',
  }),
  DRAIN_SECONDS: setting({
    schema: whole(0, 600).default(10),
    standard: '10',
    expects: 'a whole number from 0 to 600',
    says: 'How long requests that are under way may take after `SIGTERM`.',
  }),
}
type Name = keyof typeof SETTINGS

export type ProfileMode = 'refuse' | 'warn' | 'off'

/** `*=refuse,Observation=warn` by type; `*` is every other one. */
function profileModes(text: string): ReadonlyMap<string, ProfileMode> {
  const pairs = text.split(',').map((part): [string, ProfileMode] => {
    const [mode = 'refuse', type = '*'] = part.split('=').reverse()
    return [type, mode as ProfileMode]
  })
  return new Map(pairs)
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  if (more.length > 0 || !isIP(address)) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32))
}

/** What `frame-ancestors` takes for a place: scheme and host, a star for the first label of it at most. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text.replace('://*.', '://any.'))
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace('://*.', '://any.')
}

/** Where people prove who they are, and what proves to it that it is this server that asks. */
export type IdentityProvider = {
  name: 'helseid' | 'idporten'
  issuer: string
  clientId: string
  key: z.output<typeof jwkShape>
  organization?: string
}

/** The settings of one server, checked. */
export type Config = {
  port: number
  host: string
  /** Without a slash at the end. */
  baseUrl: string
  /** Absolute. */
  dataDir: string
  /** Absent: the embedded PostgreSQL. */
  databaseUrl?: string
  databaseConnections: number
  demo: boolean
  processes: number
  role: 'all' | 'api' | 'worker'
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  bodyBytesMax: number
  /** By resource type; `*` for every other one. */
  profileModes: ReadonlyMap<string, ProfileMode>
  /** What becomes of a vital sign that breaks its profile without claiming it. */
  vitalSigns: ProfileMode
  /** What becomes of a national number that can be none, and whether those made for tests count as numbers. */
  nationalNumbers: { mode: ProfileMode; acceptsSynthetic: boolean }
  drainMillis: number
  /** How long records of decisions are kept. */
  decisionDays: number
  /** Whether it is written down who did what. */
  audit: boolean
  auditRetentionMonths: number
  /** Whether an access token that is bound to no key is refused. */
  dpopRequired: boolean
  /** 32 bytes each; the first seals the signing keys, all open them. */
  keySecrets: readonly Uint8Array[]
  keyRotationDays: number
  /** Where people prove who they are. */
  identityProviders: IdentityProvider[]
  /** As whom patients find this server in an app. */
  brand?: z.output<typeof brandShape>
  /** This server as an API of HelseID. */
  helseIdApi?: z.output<typeof apiShape> & { issuer: string }
  /** EHRs of other vendors whose sign-ins count here. */
  trustedEhrs: z.output<typeof ehrShape>[]
  /** Whose packages of plans are believed. */
  packageIssuers: z.output<typeof packageIssuerShape>[]
  /** Whether a package that nobody has signed is refused. */
  packageSignatureRequired: boolean
  /** With it clients are registered, before there is a client that may do so. */
  initialAccessToken?: string
  /** Hosts at private addresses that we may ask over HTTP. */
  privateHosts: readonly string[]
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
  /** Origins that may show our pages in a frame. */
  frameAncestors: readonly string[]
  /** How much is let in; each number is 0 for no limit. */
  throttling: {
    callerRequestsMax: number
    /** Whether what comes from one address comes from one place. */
    knowsAddresses: boolean
    strangerRequestsMax: number
    clientFailuresMax: number
    addressFailuresMax: number
    lockoutSeconds: number
  }
}

/**
 * Reads and checks every setting. The only place that looks at the environment.
 * @throws StartFailure with one line for each setting at fault
 */
export function readConfig(env: { [name: string]: string | undefined }): Config {
  const { read, faults } = readSettings(env)
  const host = read('HOST') ?? ''
  const port = read('PORT') ?? 0
  const databaseUrl = read('DATABASE_URL')
  const demoAsked = read('DEMO')
  const demo = demoAsked ?? !databaseUrl
  const organization = read('HELSEID_ORGANIZATION')
  const identityProviders = (['helseid', 'idporten'] as const).flatMap((name) => {
    const prefix = name === 'helseid' ? 'HELSEID' : 'IDPORTEN'
    const [issuer = '', clientId, key] = [read(`${prefix}_ISSUER`), read(`${prefix}_CLIENT_ID`), read(`${prefix}_KEY`)]
    if (!clientId && !key) return []
    if (!clientId || !key) {
      faults.push(`${prefix}_CLIENT_ID and ${prefix}_KEY go together; one of them is not set, or is wrong.`)
      return []
    }
    const own = name === 'helseid' && organization ? { organization } : {}
    return [{ ...{ name, issuer, clientId, key }, ...own }]
  })
  const helseIdApi = read('HELSEID_API')
  const brand = read('BRAND')
  const initialAccessToken = read('INITIAL_ACCESS_TOKEN')
  const baseUrl = read('BASE_URL') ?? `http://localhost:${port}`
  const trustedProxies = read('TRUSTED_PROXIES') ?? []
  // TLS is never ended here, so an https address is a proxy's. If it is not known, one address is everybody's, and nobody must be locked out by another.
  const knowsAddresses = !baseUrl.startsWith('https:') || trustedProxies.length > 0
  const countsAddresses = knowsAddresses && !demo
  const config = {
    port,
    host,
    baseUrl,
    dataDir: resolve(read('DATA_DIR') ?? ''),
    ...(databaseUrl && { databaseUrl }),
    databaseConnections: read('DATABASE_CONNECTIONS') ?? 0,
    demo,
    processes: read('PROCESSES') ?? 0,
    role: read('ROLE') ?? 'all',
    logLevel: read('LOG_LEVEL') ?? 'info',
    bodyBytesMax: (read('BODY_MEGABYTES') ?? 0) * 1024 * 1024,
    profileModes: read('PROFILE_VALIDATION') ?? new Map(),
    vitalSigns: read('VITAL_SIGNS') ?? 'off',
    nationalNumbers: {
      mode: read('NATIONAL_NUMBERS') ?? (demo ? 'warn' : 'refuse'),
      acceptsSynthetic: read('SYNTHETIC_NUMBERS') ?? demo,
    },
    audit: read('AUDIT') ?? true,
    auditRetentionMonths: read('AUDIT_RETENTION_MONTHS') ?? 0,
    drainMillis: (read('DRAIN_SECONDS') ?? 0) * 1000,
    decisionDays: read('DECISION_DAYS') ?? 0,
    keySecrets: read('KEY_ENCRYPTION_KEY') ?? [],
    identityProviders,
    ...(brand && { brand }),
    ...(helseIdApi && { helseIdApi: { issuer: read('HELSEID_ISSUER') ?? '', ...helseIdApi } }),
    trustedEhrs: read('TRUSTED_EHRS') ?? [],
    packageIssuers: read('PACKAGE_ISSUERS') ?? [],
    packageSignatureRequired: (read('PACKAGE_SIGNATURES') ?? (demo ? 'accepted' : 'required')) === 'required',
    keyRotationDays: read('KEY_ROTATION_DAYS') ?? 0,
    ...(initialAccessToken && { initialAccessToken }),
    dpopRequired: read('DPOP') === 'required',
    privateHosts: read('PRIVATE_HOSTS') ?? [],
    trustedProxies,
    frameAncestors: read('FRAME_ANCESTORS') ?? [],
    throttling: {
      knowsAddresses,
      callerRequestsMax: read('REQUESTS_PER_MINUTE') ?? (demo ? 0 : 60_000),
      strangerRequestsMax: read('REQUESTS_PER_MINUTE_ADDRESS') ?? (countsAddresses ? 1_200 : 0),
      clientFailuresMax: read('LOCKOUT_FAILURES') ?? (countsAddresses ? 10 : 0),
      addressFailuresMax: read('LOCKOUT_FAILURES_ADDRESS') ?? (countsAddresses ? 100 : 0),
      lockoutSeconds: (read('LOCKOUT_MINUTES') ?? 0) * 60,
    },
  } satisfies Config

  if (config.demo && demoAsked === undefined && !isLoopback(host)) {
    faults.push(
      `HOST is ${host}, which other machines reach, and demo mode has logins that everyone knows; set DEMO=off, or DEMO=on if you mean it.`,
    )
  }
  if (!config.audit && !config.demo) {
    faults.push(
      'AUDIT=off is for measurements on made-up patients: it needs DEMO=on. Who handles real data is written down.',
    )
  }
  if (config.role !== 'all' && config.processes > 1 && config.role === 'worker') {
    faults.push('PROCESSES counts processes that answer HTTP; ROLE=worker has none.')
  }
  if (faults.length) throw new StartFailure(faults.join('\n'))
  return config
}

type Value<N extends Name> = z.output<(typeof SETTINGS)[N]['schema']>

/** Every setting by its schema, each once, however often it is asked for. `read` gives undefined for one that is wrong; `faults` tells it. */
function readSettings(env: { [name: string]: string | undefined }) {
  const faults: string[] = []
  const values = new Map<string, unknown>()
  for (const [name, { schema, expects, secret }] of Object.entries<Setting<z.ZodType>>(SETTINGS)) {
    const result = schema.safeParse(env[name] || undefined)
    if (result.success) values.set(name, result.data)
    else faults.push(`${name} must be ${expects}; it is ${secret ? 'something else' : JSON.stringify(env[name])}.`)
  }
  return { read: <N extends Name>(name: N) => values.get(name) as Value<N> | undefined, faults }
}

/** The settings as the table that stands in the README. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { standard, says }]) => `| \`${name}\` | ${standard} | ${says} |`)
  return ['| Setting | Default | What it does |', '|---|---|---|', ...rows].join('\n')
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
