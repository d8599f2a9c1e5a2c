import { z } from 'zod'
import { isNetwork, isOrigin, jsonOf, listOf, profileModes, webAddress, whole } from './shapes.ts'
import {
  appIssuer,
  brand,
  helseIdApi,
  journal,
  kjernejournal,
  packageIssuer,
  privateJwk,
  sender,
  trustedEhr,
} from './trusted.ts'

/** One setting: `expects` completes the sentence "NAME must be …", `says` stands in the README. */
type Setting<S extends z.ZodType> = { schema: S; standard: string; expects: string; says: string; secret?: true }
const setting = <S extends z.ZodType>(setting: Setting<S>): Setting<S> => setting

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
  SIMULATIONS: setting({
    schema: z
      .enum(['on', 'off'])
      .transform((value) => value === 'on')
      .optional(),
    standard: 'on',
    expects: 'on or off',
    says: 'Whether this process plays what nobody waits for: forecasts, trials of quieter versions, `$simulate` asked with `respond-async`. Where it is off, they wait for a process that does.',
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
    schema: profileModes.prefault('refuse'),
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
  SESSION_IDLE_MINUTES: setting({
    schema: whole(2, 480).default(30),
    standard: '30',
    expects: 'a whole number from 2 to 480',
    says: 'Whoever has signed in here and then does nothing for so long is asked anew who they are, and so are the apps that they have open by it (`online_access`); after 8 hours in any case.',
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
    schema: jsonOf(privateJwk).optional(),
    standard: 'none: no HelseID',
    expects: 'a private JWK with kid and alg, as JSON',
    says: 'The key that proves it to HelseID.',
    secret: true,
  }),
  HELSEID_API: setting({
    schema: jsonOf(helseIdApi).optional(),
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
  SENDERS: setting({
    schema: jsonOf(
      z
        .array(sender)
        .refine((all) => new Set(all.map((one) => `${one.receiver} ${one.organization}`)).size === all.length),
    ).optional(),
    standard: 'none: nothing is sent',
    expects:
      'JSON: a list of {"receiver": "jft", "pmd" or "mhd", "organization": organisation number, "url", "sourceSystem", and perhaps "numbers": "real" or "synthetic", "timeoutSeconds"}, each receiver and organisation once; for jft perhaps "readUrl" and "scope", for pmd "scope", "municipality": four digits, and perhaps "bundle": "batch" or "collection"; for mhd "scope", "facilityType" and "practiceSetting": {"system", "code"}',
    says: 'National services that are told when an alert is closed (`jft`) or a measurement comes, is corrected or withdrawn (`pmd`), and where documents that are filed are published (`mhd`), for each organisation whose patients they are: `url` is where it is written to, `readUrl` where it is read from when that is elsewhere, `sourceSystem` what this server is called there (`nhn-source-system`), `numbers` whether its patients are people or made for tests, `municipality` by which measurements are tagged, `bundle` how they are sent, `facilityType` and `practiceSetting` as what documents are published. They are asked as the client of `HELSEID_CLIENT_ID`.',
  }),
  KJERNEJOURNAL: setting({
    schema: jsonOf(kjernejournal).optional(),
    standard: 'none: nobody looks in it from here',
    expects:
      'JSON: {"documentsUrl", "criticalInformationUrl", "portalSessionUrl", "portalUrl", "sourceSystem", "healthcareService": a code of Volven 8666, and perhaps "laboratoryUrl", "law": "helsepersonelloven" or "kjernejournalforskriften", "numbers": "real" or "synthetic", "timeoutSeconds"}',
    says: 'Kjernejournal, where clinicians who have signed in by HelseID look for documents and critical information of the patient whom they have open (docs/kjernejournal.md). `laboratoryUrl` is that of Pasientens prøvesvar, where laboratory answers are looked for. `law` is the ground on which documents are asked for. It needs HelseID, `HELSEID_ORGANIZATION` and `KEY_ENCRYPTION_KEY`.',
  }),
  JOURNALS: setting({
    schema: jsonOf(
      z.array(journal).refine((all) => new Set(all.map(({ organization }) => organization)).size === all.length),
    ).optional(),
    standard: 'none: no EHR is asked',
    expects:
      'JSON: a list of {"organization": organisation number, "url", "clientId", "key": a private JWK, and perhaps "serviceCodes": a list of "rt", "ta", "gps", "md", "dt", "dho", "numbers": "real" or "synthetic", "timeoutSeconds"}, each organisation once',
    says: 'EHRs of organisations that are asked through Velferdsteknologisk knutepunkt for what they have of a patient (docs/journal.md): `url` is that of the hub, ending in `/epj/r4`; `clientId` and `key` are the client at `HELSEID_ISSUER` by which the hub knows this server at that organisation.',
    secret: true,
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
    schema: jsonOf(privateJwk).optional(),
    standard: 'none: no ID-porten',
    expects: 'a private JWK with kid and alg, as JSON',
    says: 'The key that proves it to ID-porten.',
    secret: true,
  }),
  APP_ISSUERS: setting({
    schema: jsonOf(z.array(appIssuer)).optional(),
    standard: 'none; in a demo this server',
    expects:
      'JSON: a list of {"iss", "clientId", and perhaps "apps": ["clinician" or "patient"], "scope", "origins": [origins] and "signsInFramed": true}',
    says: 'FHIR servers that the apps may be launched from (SMART App Launch), this one too: `iss` is its FHIR base, `clientId` the app as it is registered there, `apps` which of them it is, when they are not one client there (then each has an entry of its own), `scope` what it asks for, when not what it would, `origins` what it calls there beside `iss`, such as the token endpoint, `signsInFramed` that its sign-in can stand in the frame of the app, because it asks nobody anything there; else it is a window of its own. No other `iss` is accepted. The apps’ redirect addresses are `BASE_URL/apps/clinician/`, for a sign-in in a window of its own `BASE_URL/apps/clinician/signed-in.html`, and `BASE_URL/apps/patient/`.',
  }),
  TRUSTED_EHRS: setting({
    schema: jsonOf(z.array(trustedEhr)).optional(),
    standard: 'none',
    expects:
      'JSON: a list of {"issuer", "fhirBase", "clientId", "jwksUri", either "introspectionUri" or "patients": "any-shown", and perhaps "cdsHooks": {"issuer", "jwksUri"}}',
    says: 'EHRs of other vendors that launch our apps. Who has signed in there gets our token by token exchange (RFC 8693), for the patient of the launch, which the EHR tells by introspection; one that cannot introspect needs `"patients": "any-shown"`: any patient is taken whom it shows to that user. With `cdsHooks` it may call `/cds-services` (CDS Hooks), and signs its calls as that issuer with those keys.',
  }),
  PACKAGE_ISSUERS: setting({
    schema: jsonOf(z.array(packageIssuer)).optional(),
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
  PLANS_FROM_SYSTEMS: setting({
    schema: z.enum(['draft', 'active']).optional(),
    standard: 'active in a demo, else draft',
    expects: 'draft or active',
    says: 'What a system may store of a plan: drafts alone, which come into force by `$activate` as a person’s do, or also what is in force elsewhere, without approval, cases or owners of silence being asked for.',
  }),
  BRAND: setting({
    schema: jsonOf(brand).optional(),
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
    schema: listOf(isNetwork),
    standard: 'none',
    expects: 'IP addresses or networks such as 10.0.0.0/8, separated by commas',
    says: 'Proxies before this server. What they say in `X-Forwarded-For` counts as the caller’s address; without them, the address of the connection. Missing with an https `BASE_URL`, for which there must be a proxy, everybody seems to have one address.',
  }),
  FRAME_ANCESTORS: setting({
    schema: listOf(isOrigin),
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
  EXPORT_HOURS: setting({
    schema: whole(1, 720).default(24),
    standard: '24',
    expects: 'a whole number from 1 to 720',
    says: 'For so many hours an export (Bulk Data) can be fetched, unless it is removed before.',
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
  SUBSCRIPTION_ATTEMPTS: setting({
    schema: whole(1, 50).default(12),
    standard: '12',
    expects: 'a whole number from 1 to 50',
    says: 'After so many notices in a row that a subscriber does not take, from one second to five minutes apart, its Subscription is in error and the operator has a Task.',
  }),
  SUBSCRIPTION_EVENT_HOURS: setting({
    schema: whole(1, 8_760).default(168),
    standard: '168',
    expects: 'a whole number from 1 to 8760',
    says: 'For so long events of Subscriptions are kept, to be sent again and asked for again.',
  }),
  PUSH_CONTACT: setting({
    schema: z
      .string()
      .regex(/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s]+)$/)
      .optional(),
    standard: 'https://HOST of BASE_URL',
    expects: 'mailto:somebody@example.org or an https address',
    says: 'Whom push services (of browsers) can ask about the notices that this server sends to the devices of patients.',
  }),
  OPERATOR: setting({
    schema: z
      .string()
      .regex(/^(?:CareTeam|Organization|PractitionerRole|HealthcareService)\/[A-Za-z0-9.-]{1,64}$/)
      .optional(),
    standard: 'none: administrators',
    expects: 'a reference such as CareTeam/operations',
    says: 'Who owns Tasks about what stands still here, such as a subscriber who cannot be told.',
  }),
  DRAIN_SECONDS: setting({
    schema: whole(0, 600).default(10),
    standard: '10',
    expects: 'a whole number from 0 to 600',
    says: 'How long requests that are under way may take after `SIGTERM`.',
  }),
}

type Name = keyof typeof SETTINGS
type Value<N extends Name> = z.output<(typeof SETTINGS)[N]['schema']>

/** Gives the value of a setting; undefined for one that is wrong, or is missing and has no default. */
export type Read = <N extends Name>(name: N) => Value<N> | undefined

/** Every setting by its schema, each once, however often it is asked for. `faults` tells what is wrong. */
export function readSettings(env: { [name: string]: string | undefined }): { read: Read; faults: string[] } {
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
