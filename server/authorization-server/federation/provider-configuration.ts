import { importJWK } from 'jose'
import type { Configuration } from 'openid-client'
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
  const { name, issuer, clientId, key } = settings
  const { assertionType } = DIALECTS[name]
  const privateKey = await importJWK(key, key.alg)
  if (privateKey instanceof Uint8Array) throw new Error(`the key for ${name} is symmetric`)
  const authentication = openid.PrivateKeyJwt(
    { key: privateKey, ...(key.kid === undefined ? {} : { kid: key.kid }) },
    {
      [openid.modifyAssertion]: (header, claims) => {
        header.typ = assertionType
        claims.aud = issuer
        claims.exp = Math.floor(Date.now() / 1000) + ASSERTION_SECONDS
        if (settings.organization) claims.assertion_details = organizationDetails(settings.organization)
      },
    },
  )
  const isNamed = outgoing.mayUse(new URL(issuer))
  const configuration = await openid.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute: [
      openid.enableNonRepudiationChecks,
      // A test provider on a host that the operator has named may do without TLS; nobody else may.
      ...(isNamed && issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
    ],
  })
  return configuration
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
