import { importJWK } from 'jose'
import type { ClientAuth, Configuration, JsonValue } from 'openid-client'
import type { Outgoing } from '../outgoing.ts'
import { DIALECTS, type IdentityProviderSettings } from './identity-provider.ts'

/** HelseID asks that metadata are kept for about a day. */
const METADATA_KEPT_MILLISECONDS = 24 * 3600_000
/** HelseID's samples: an assertion lives half a minute. */
const ASSERTION_SECONDS = 30

/**
 * What an identity provider tells of itself, and how we prove to it who asks: by an assertion signed with our key, which names the
 * organisation that we act for. For people who sign in, and for what this server does by itself.
 * @returns gives it; asks the provider once a day
 */
export function followProvider(settings: IdentityProviderSettings, outgoing: Outgoing): () => Promise<Configuration> {
  let known: { configuration: Promise<Configuration>; at: number } | undefined
  return () => {
    if (known && Date.now() - known.at <= METADATA_KEPT_MILLISECONDS) return known.configuration
    const configuration = discover(settings, outgoing)
    known = { configuration, at: Date.now() }
    // A provider that does not answer is asked again by the next who wants to sign in.
    configuration.catch(() => {
      known = undefined
    })
    return configuration
  }
}

async function discover(settings: IdentityProviderSettings, outgoing: Outgoing): Promise<Configuration> {
  const openid = await import('openid-client')
  const { issuer, clientId } = settings
  return openid.discovery(new URL(issuer), clientId, undefined, await authenticationOf(settings, []), {
    execute: [openid.enableNonRepudiationChecks, ...withoutTls(openid, settings, outgoing)],
  })
}

/**
 * The same provider, where the assertion says more than who we are.
 * @param details elements of `assertion_details`, such as an attest of the trust framework
 */
export async function configurationSaying(
  settings: IdentityProviderSettings,
  outgoing: Outgoing,
  { known, details }: { known: Configuration; details: readonly object[] },
): Promise<Configuration> {
  const openid = await import('openid-client')
  const authentication = await authenticationOf(settings, details)
  const configuration = new openid.Configuration(known.serverMetadata(), settings.clientId, undefined, authentication)
  for (const adapt of [openid.enableNonRepudiationChecks, ...withoutTls(openid, settings, outgoing)])
    adapt(configuration)
  return configuration
}

type OpenId = typeof import('openid-client')

/** A test provider on a host that the operator has named may do without TLS; nobody else may. */
const withoutTls = (openid: OpenId, { issuer }: IdentityProviderSettings, outgoing: Outgoing) =>
  issuer.startsWith('http:') && outgoing.mayUse(new URL(issuer)) ? [openid.allowInsecureRequests] : []

async function authenticationOf(
  { name, issuer, key, organization }: IdentityProviderSettings,
  details: readonly object[],
): Promise<ClientAuth> {
  const openid = await import('openid-client')
  const { assertionType } = DIALECTS[name]
  const privateKey = await importJWK(key, key.alg)
  if (privateKey instanceof Uint8Array) throw new Error(`the key for ${name} is symmetric`)
  const all = [...(organization ? [organizationDetails(organization)] : []), ...details]
  return openid.PrivateKeyJwt(
    { key: privateKey, ...(key.kid === undefined ? {} : { kid: key.kid }) },
    {
      [openid.modifyAssertion]: (header, claims) => {
        header.typ = assertionType
        claims.aud = issuer
        claims.exp = Math.floor(Date.now() / 1000) + ASSERTION_SECONDS
        // One stands alone, as HelseID’s own examples have it.
        if (all.length > 0) claims.assertion_details = (all.length === 1 ? all[0] : all) as JsonValue
      },
    },
  )
}

/** Which of its organisations a multi-tenant client acts for. https://utviklerportal.nhn.no, "Organisasjonsnumre" */
function organizationDetails(organization: string): object {
  const [parent, child = ''] = organization.split(':')
  const value = `NO:ORGNR:${parent}:${child}`
  return {
    type: 'helseid_authorization',
    practitioner_role: { organization: { identifier: { system: 'urn:oid:1.0.6523', type: 'ENH', value } } },
  }
}
