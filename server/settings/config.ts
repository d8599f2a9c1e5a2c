import { resolve } from 'node:path'
import type { z } from 'zod'
import { StartFailure } from '../start-failure.ts'
import { type Read, readSettings } from './settings.ts'
import type { ProfileMode } from './shapes.ts'
import type {
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

/** Where people prove who they are, and what proves to it that it is this server that asks. */
export type IdentityProvider = {
  name: 'helseid' | 'idporten'
  issuer: string
  clientId: string
  key: z.output<typeof privateJwk>
  organization?: string
}

/** A national service for one organisation, and as whom it is asked. */
export type Sender = Required<z.output<typeof sender>> & { helseId: IdentityProvider }

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
  /** Whether it plays simulations that nobody waits for. */
  simulations: boolean
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
  /** How long an export can be fetched. */
  exportHours: number
  /** Whether it is written down who did what. */
  audit: boolean
  auditRetentionMonths: number
  /** Whether an access token that is bound to no key is refused. */
  dpopRequired: boolean
  /** 32 bytes each; the first seals the signing keys, all open them. */
  keySecrets: readonly Uint8Array[]
  keyRotationDays: number
  /** After so long without use somebody is asked anew who they are. */
  sessionIdleMinutes: number
  /** Where people prove who they are. */
  identityProviders: IdentityProvider[]
  /** National services that are told of what closes here. */
  senders: Sender[]
  /** As whom patients find this server in an app. */
  brand?: z.output<typeof brand>
  /** EHRs that are asked, and as whom. */
  journals: (Omit<z.output<typeof journal>, 'clientId' | 'key'> & { helseId: IdentityProvider })[]
  /** Where clinicians look for what others have written of their patient. */
  kjernejournal?: z.output<typeof kjernejournal> & { organization: string }
  /** This server as an API of HelseID. */
  helseIdApi?: z.output<typeof helseIdApi> & { issuer: string }
  /** From where our apps may be launched, beside the demo's own. */
  appIssuers: z.output<typeof appIssuer>[]
  /** EHRs of other vendors whose sign-ins count here. */
  trustedEhrs: z.output<typeof trustedEhr>[]
  /** Whose packages of plans are believed. */
  packageIssuers: z.output<typeof packageIssuer>[]
  /** Whether a package that nobody has signed is refused. */
  packageSignatureRequired: boolean
  /** What a system may store of a plan. */
  plansFromSystems: 'draft' | 'active'
  /** With it clients are registered, before there is a client that may do so. */
  initialAccessToken?: string
  /** Hosts at private addresses that we may ask over HTTP. */
  privateHosts: readonly string[]
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
  /** Origins that may show our pages in a frame. */
  frameAncestors: readonly string[]
  subscriptions: {
    attemptCountMax: number
    eventHours: number
    /** Reference of who is told that one has failed. */
    operator?: string
  }
  /** Whom push services can ask: a mailto or https address. */
  pushContact: string
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
  const identityProviders = identityProvidersOf(read, faults)
  const helseIdApi = read('HELSEID_API')
  const brand = read('BRAND')
  const initialAccessToken = read('INITIAL_ACCESS_TOKEN')
  const baseUrl = read('BASE_URL') ?? `http://localhost:${port}`
  const trustedProxies = read('TRUSTED_PROXIES') ?? []
  const operator = read('OPERATOR')
  const { hostname } = new URL(baseUrl)
  const config: Config = {
    port,
    host,
    baseUrl,
    dataDir: resolve(read('DATA_DIR') ?? ''),
    ...(databaseUrl && { databaseUrl }),
    databaseConnections: read('DATABASE_CONNECTIONS') ?? 0,
    demo,
    processes: read('PROCESSES') ?? 0,
    role: read('ROLE') ?? 'all',
    simulations: read('SIMULATIONS') ?? true,
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
    exportHours: read('EXPORT_HOURS') ?? 0,
    keySecrets: read('KEY_ENCRYPTION_KEY') ?? [],
    identityProviders,
    senders: sendersOf(read, identityProviders, faults),
    ...(brand && { brand }),
    journals: (read('JOURNALS') ?? []).map(({ clientId, key, ...one }) => ({
      ...one,
      helseId: { name: 'helseid', issuer: read('HELSEID_ISSUER') ?? '', clientId, key },
    })),
    ...kjernejournalOf(read, identityProviders, faults),
    ...(helseIdApi && { helseIdApi: { issuer: read('HELSEID_ISSUER') ?? '', ...helseIdApi } }),
    appIssuers: read('APP_ISSUERS') ?? [],
    trustedEhrs: read('TRUSTED_EHRS') ?? [],
    packageIssuers: read('PACKAGE_ISSUERS') ?? [],
    packageSignatureRequired: (read('PACKAGE_SIGNATURES') ?? (demo ? 'accepted' : 'required')) === 'required',
    plansFromSystems: read('PLANS_FROM_SYSTEMS') ?? (demo ? 'active' : 'draft'),
    keyRotationDays: read('KEY_ROTATION_DAYS') ?? 0,
    sessionIdleMinutes: read('SESSION_IDLE_MINUTES') ?? 0,
    ...(initialAccessToken && { initialAccessToken }),
    dpopRequired: read('DPOP') === 'required',
    privateHosts: read('PRIVATE_HOSTS') ?? [],
    trustedProxies,
    frameAncestors: read('FRAME_ANCESTORS') ?? [],
    subscriptions: {
      attemptCountMax: read('SUBSCRIPTION_ATTEMPTS') ?? 0,
      eventHours: read('SUBSCRIPTION_EVENT_HOURS') ?? 0,
      ...(operator && { operator }),
    },
    // A push service takes no name of this machine alone for a contact.
    pushContact: read('PUSH_CONTACT') ?? `https://${hostname === 'localhost' ? '127.0.0.1' : hostname}`,
    throttling: throttlingOf(read, { demo, baseUrl, trustedProxies }),
  }

  faults.push(...contradictionsOf(config, demoAsked))
  if (faults.length) throw new StartFailure(faults.join('\n'))
  return config
}

function identityProvidersOf(read: Read, faults: string[]): IdentityProvider[] {
  const organization = read('HELSEID_ORGANIZATION')
  return (['helseid', 'idporten'] as const).flatMap((name) => {
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
}

/** Each acts for its own organisation, as one client. */
function sendersOf(read: Read, identityProviders: IdentityProvider[], faults: string[]): Sender[] {
  const senders = read('SENDERS') ?? []
  const client = identityProviders.find(({ name }) => name === 'helseid')
  if (senders.length > 0 && !client) {
    faults.push('SENDERS needs HELSEID_CLIENT_ID and HELSEID_KEY: national services are asked as a client of HelseID.')
  }
  return client
    ? senders.map((one) => ({
        ...(one.receiver === 'jft' ? { ...one, readUrl: one.readUrl ?? one.url } : one),
        helseId: { ...client, organization: one.organization },
      }))
    : []
}

/** Asked as those who have signed in by HelseID, whose sign-ins are kept: sealed. */
function kjernejournalOf(
  read: Read,
  identityProviders: IdentityProvider[],
  faults: string[],
): Pick<Config, 'kjernejournal'> {
  const asked = read('KJERNEJOURNAL')
  if (!asked) return {}
  const organization = read('HELSEID_ORGANIZATION')
  if (!identityProviders.some(({ name }) => name === 'helseid'))
    faults.push('KJERNEJOURNAL needs HELSEID_CLIENT_ID and HELSEID_KEY: it is asked as those who have signed in there.')
  if (!organization) faults.push('KJERNEJOURNAL needs HELSEID_ORGANIZATION: each look is attested for an organisation.')
  if ((read('KEY_ENCRYPTION_KEY') ?? []).length === 0)
    faults.push('KJERNEJOURNAL needs KEY_ENCRYPTION_KEY: what sign-ins are kept by is sealed with it.')
  return { kjernejournal: { ...asked, organization: organization ?? '' } }
}

function throttlingOf(
  read: Read,
  { demo, baseUrl, trustedProxies }: Pick<Config, 'demo' | 'baseUrl' | 'trustedProxies'>,
): Config['throttling'] {
  // TLS is never ended here, so an https address is a proxy's. If it is not known, one address is everybody's, and nobody must be locked out by another.
  const knowsAddresses = !baseUrl.startsWith('https:') || trustedProxies.length > 0
  const countsAddresses = knowsAddresses && !demo
  return {
    knowsAddresses,
    callerRequestsMax: read('REQUESTS_PER_MINUTE') ?? (demo ? 0 : 60_000),
    strangerRequestsMax: read('REQUESTS_PER_MINUTE_ADDRESS') ?? (countsAddresses ? 1_200 : 0),
    clientFailuresMax: read('LOCKOUT_FAILURES') ?? (countsAddresses ? 10 : 0),
    addressFailuresMax: read('LOCKOUT_FAILURES_ADDRESS') ?? (countsAddresses ? 100 : 0),
    lockoutSeconds: (read('LOCKOUT_MINUTES') ?? 0) * 60,
  }
}

/** What no setting says alone. */
function contradictionsOf({ demo, host, audit, role, processes }: Config, demoAsked: boolean | undefined): string[] {
  const faults: string[] = []
  if (demo && demoAsked === undefined && !isLoopback(host)) {
    faults.push(
      `HOST is ${host}, which other machines reach, and demo mode has logins that everyone knows; set DEMO=off, or DEMO=on if you mean it.`,
    )
  }
  if (!audit && !demo) {
    faults.push(
      'AUDIT=off is for measurements on made-up patients: it needs DEMO=on. Who handles real data is written down.',
    )
  }
  if (role === 'worker' && processes > 1) {
    faults.push('PROCESSES counts processes that answer HTTP; ROLE=worker has none.')
  }
  return faults
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
