import { decodeJwt } from 'jose'
import type Provider from 'oidc-provider'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Pool } from '../../db/pool.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import { putAccount } from '../accounts.ts'
import { ownMetadataOf, TOKEN_EXCHANGE } from '../clients/clients.ts'
import { decideGrant } from '../consent/decide-grant.ts'
import { type Login, saveAuthorization } from '../consent/grants.ts'
import type { Addresses } from '../discovery.ts'
import { CLINICIAN_SCOPE } from '../federation/recognise.ts'
import { accountIdOf } from '../federation/relying-party.ts'
import type { People, PersonIdentifier, PersonType } from '../people.ts'
import { Ehr, type EhrPeople, ExchangeRefusal, type TrustedEhr } from './trusted-ehr.ts'

export type TokenExchangeSettings = {
  pool: Pool
  addresses: Addresses
  people: People
  trustedEhrs: readonly TrustedEhr[]
  fetch: (url: string | URL, options: RequestInit) => Promise<Response>
}

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
/** A clinician who stays in the EHR comes back with a new ID token; there is nothing to refresh here. */
const LIFETIME_SECONDS_MAX = 900

/**
 * Token exchange for an app of ours that another vendor's EHR has launched: it gives what it got there, and gets a token for
 * our FHIR API, for the same clinician (by HPR number) and the same patient (by national number). Nobody signs in twice.
 *
 *     grant_type=urn:ietf:params:oauth:grant-type:token-exchange
 *     subject_token=<ID token of the EHR>&subject_token_type=urn:ietf:params:oauth:token-type:id_token
 *     actor_token=<access token of the EHR>&actor_token_type=urn:ietf:params:oauth:token-type:access_token
 *     patient=<id of the patient in the EHR's token response>&scope=…
 *
 * https://www.rfc-editor.org/rfc/rfc8693
 */
export function registerTokenExchange(provider: Provider, settings: TokenExchangeSettings): void {
  const ehrs = new Map(settings.trustedEhrs.map((trusted) => [trusted.issuer, new Ehr(trusted, settings.fetch)]))
  const { pool, addresses, people } = settings

  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (ctx) => {
      const asked = parametersOf(ctx)
      const ehr = ehrs.get(issuerOf(asked.idToken))
      if (!ehr) throw invalidGrant('the issuer of the subject_token is not trusted')
      const found = await ehr.people(asked).catch((error) => {
        if (error instanceof ExchangeRefusal) throw invalidGrant(error.message)
        throw error
      })
      ctx.body = await issue(ctx, asked.scope, ehr.trusted, found)
    },
    [
      'subject_token',
      'subject_token_type',
      'actor_token',
      'actor_token_type',
      'patient',
      'scope',
      'audience',
      'resource',
      'requested_token_type',
    ],
  )

  async function issue(
    ctx: KoaContextWithOIDC,
    scope: string,
    { issuer }: TrustedEhr,
    found: EhrPeople,
  ): Promise<object> {
    const { client } = ctx.oidc
    if (!client) throw new errors.InvalidClientAuth('no client')
    const practitioner = await only('Practitioner', { system: HPR_NUMBER, value: found.hprNumber })
    const patient = found.patient && (await only('Patient', found.patient))
    const fhirUser = `Practitioner/${practitioner}`
    const login: Login = { provider: issuer, hprNumber: found.hprNumber }
    const accountId = accountIdOf('ehr', issuer, found.hprNumber)
    const name = found.name ?? (await people.nameOf('Practitioner', practitioner)) ?? fhirUser
    await putAccount(pool, { accountId, name, fhirUser, allowedScope: CLINICIAN_SCOPE, login, demo: false })

    const own = ownMetadataOf(client)
    const granted = decideGrant({
      scope,
      client: { allowedScope: own.allowed_scope, mayRefresh: false },
      account: { fhirUser, allowedScope: CLINICIAN_SCOPE },
      launch: patient === undefined ? undefined : { patient },
    })
    const grant = new provider.Grant({ accountId, clientId: client.clientId })
    grant.addResourceScope(addresses.fhirBase, granted.scope)
    const grantId = await grant.save()
    await saveAuthorization(pool, {
      ...{ grantId, accountId, login, clientId: client.clientId, scope: granted.scope, context: granted.context },
      ...{ accessType: 'once' as const, sessionUid: undefined },
    })
    const accessTokenTTL = Math.min(own.token_lifetime_seconds, LIFETIME_SECONDS_MAX)
    const resourceServer = new provider.ResourceServer(addresses.fhirBase, {
      ...{ scope: granted.scope, audience: addresses.fhirBase, accessTokenTTL, accessTokenFormat: 'opaque' as const },
    })
    const token = new provider.AccessToken({
      accountId,
      client,
      grantId,
      gty: 'token_exchange',
      scope: granted.scope,
      resourceServer,
    })
    ctx.oidc.entity('AccessToken', token)
    const access_token = await token.save()
    return {
      ...{ access_token, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: accessTokenTTL },
      ...{ scope: granted.scope, ...granted.context },
    }
  }

  /** Exactly one here has the number, or nobody is meant. */
  async function only(type: PersonType, identifier: PersonIdentifier): Promise<string> {
    const [id, ...more] = await people.findByIdentifier(type, identifier)
    if (id === undefined) throw invalidGrant(`no ${type} here has the number that the EHR tells`)
    if (more.length > 0) throw invalidGrant(`more than one ${type} here has the number that the EHR tells`)
    return id
  }
}

/** The library's own class keeps to itself what is wrong; here the app's developer is helped by knowing it. */
const invalidGrant = (description: string) => new errors.CustomOIDCProviderError('invalid_grant', description)

function parametersOf({ oidc: { params = {} } }: KoaContextWithOIDC) {
  const { subject_token, subject_token_type, actor_token, actor_token_type, patient, scope, requested_token_type } =
    params
  if (typeof subject_token !== 'string' || subject_token_type !== ID_TOKEN)
    throw new errors.InvalidRequest(`subject_token must be an ID token, and subject_token_type ${ID_TOKEN}`)
  if (typeof actor_token !== 'string' || actor_token_type !== ACCESS_TOKEN)
    throw new errors.InvalidRequest(
      `actor_token must be the access token of the EHR, and actor_token_type ${ACCESS_TOKEN}`,
    )
  if (requested_token_type !== undefined && requested_token_type !== ACCESS_TOKEN)
    throw new errors.InvalidRequest(`requested_token_type can be ${ACCESS_TOKEN} only`)
  if (typeof scope !== 'string' || scope === '') throw new errors.InvalidRequest('scope is missing')
  const patientId = typeof patient === 'string' ? patient : undefined
  return { idToken: subject_token, accessToken: actor_token, patient: patientId, scope }
}

/** Whose the token says it is; that this is true is verified with that issuer's keys. */
function issuerOf(idToken: string): string {
  try {
    return String(decodeJwt(idToken).iss)
  } catch {
    throw new errors.InvalidRequest('subject_token is no JWT')
  }
}
