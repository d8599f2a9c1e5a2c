import { hash } from 'node:crypto'
import { type JWTPayload, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose'
import { nationalSystem } from '../../national-numbers/system-names.ts'
import { D_NUMBER, FNR, HPR_NUMBER } from '../../national-numbers/systems.ts'
import type { Fetch } from '../outgoing.ts'
import type { PersonIdentifier } from '../people.ts'
import { remoteKeys } from '../remote-keys.ts'
import type { HookClient } from './ehr-call.ts'

/** An EHR of another vendor whose sign-ins count here. By configuration alone. */
export type TrustedEhr = {
  /** Issuer of its ID tokens. */
  issuer: string
  /** Its FHIR base, where it tells who its user and its patient are. */
  fhirBase: string
  /** Our apps' client id there: the audience of the ID tokens. */
  clientId: string
  jwksUri: string
  /** As whom it calls our CDS services; without it, it calls none. */
  cdsHooks?: HookClient | undefined
} & ProofOfLaunch

/** How it is known that the app was launched for the patient whom it names. */
type ProofOfLaunch =
  /** Where the EHR tells what its tokens are for (RFC 7662), to whoever comes with such a token. */
  | { introspectionUri: string }
  /** Not at all: the EHR shows this patient to its user, and the operator has said that this is enough (decision 0067). */
  | { patients: 'any-shown' }

/** What an app got from the EHR that launched it. */
export type EhrTokens = { idToken: string; accessToken: string; patient: string | undefined }
/** Who the EHR says is in front of it, by numbers that mean the same here. */
export type EhrPeople = { hprNumber: string; name: string | undefined; patient: PersonIdentifier | undefined }

/** An ID token is for signing in now; one that lies about is not. */
const AGE_SECONDS_MAX = 300
const ALGORITHMS = ['RS256', 'RS384', 'ES256', 'ES384', 'PS256']
const ANSWER_MILLISECONDS_MAX = 5000

/** Why an exchange is refused; told to the app as `invalid_grant`. */
export class ExchangeRefusal extends Error {}

/** One EHR that is trusted, as far as we ask it. */
export class Ehr {
  readonly trusted: TrustedEhr
  readonly #fetch: Fetch
  readonly #keys: JWTVerifyGetKey

  constructor(trusted: TrustedEhr, fetch: Fetch) {
    this.trusted = trusted
    this.#fetch = fetch
    const away = (cause: unknown) => new ExchangeRefusal('the EHR does not tell its keys', { cause })
    this.#keys = remoteKeys(new URL(trusted.jwksUri), fetch, away)
  }

  /**
   * Verifies the ID token, and asks the EHR's FHIR API, with the access token that came along, for the HPR number of its user
   * and the national number of its patient. The EHR thereby confirms that this user may see this patient there, and by its
   * introspection that it has launched the app for this patient and no other.
   * @throws ExchangeRefusal
   */
  async people({ idToken, accessToken, patient }: EhrTokens): Promise<EhrPeople> {
    const claims = await this.#verify(idToken, accessToken)
    const fhirUser = this.#userOf(claims)
    const practitioner = await this.#read(`Practitioner/${fhirUser}`, accessToken)
    const hprNumber = numberOf(practitioner, [HPR_NUMBER])?.value
    if (hprNumber === undefined) throw new ExchangeRefusal('the EHR tells no HPR number of its user')
    const name = typeof claims.name === 'string' ? claims.name : undefined
    if (patient === undefined) return { hprNumber, name, patient: undefined }
    if (!/^[A-Za-z0-9.-]{1,64}$/.test(patient)) throw new ExchangeRefusal('the patient of the EHR is no id')
    await this.#mustBeLaunchedFor(patient, accessToken, claims)
    const number = numberOf(await this.#read(`Patient/${patient}`, accessToken), [FNR, D_NUMBER])
    if (!number) throw new ExchangeRefusal('the EHR tells no national number of its patient')
    return { hprNumber, name, patient: number }
  }

  /**
   * What its FHIR API shows by this token.
   * @param path below its FHIR base: `Patient/1`, or a search
   * @throws ExchangeRefusal where it does not show it
   */
  async show(path: string, accessToken: string): Promise<unknown> {
    const response = await this.#ask(path, accessToken)
    const body: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined
    if (body === undefined) throw new ExchangeRefusal(notShown(path, response))
    return body
  }

  async #verify(idToken: string, accessToken: string): Promise<JWTPayload> {
    const { issuer, clientId } = this.trusted
    try {
      const { payload, protectedHeader } = await jwtVerify(idToken, this.#keys, {
        ...{ issuer, audience: clientId, algorithms: ALGORITHMS, clockTolerance: 5 },
        ...{ maxTokenAge: AGE_SECONDS_MAX, requiredClaims: ['exp', 'sub'] },
      })
      // Where the EHR binds the two together, they must belong together. https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken
      const bits = /256|384|512/.exec(protectedHeader.alg)?.[0] ?? '256'
      const half = hash(`sha${bits}`, accessToken, 'buffer')
      const expected = half.subarray(0, half.length / 2).toString('base64url')
      if (payload.at_hash !== undefined && payload.at_hash !== expected)
        throw new ExchangeRefusal('the access token is not the one that came with the ID token')
      return payload
    } catch (error) {
      if (error instanceof joseErrors.JOSEError) throw new ExchangeRefusal(`subject_token: ${error.code}`)
      throw error
    }
  }

  /** https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html @throws ExchangeRefusal */
  async #mustBeLaunchedFor(patient: string, accessToken: string, { sub }: JWTPayload): Promise<void> {
    if ('patients' in this.trusted) return
    const { introspectionUri, clientId } = this.trusted
    const response = await this.#fetch(introspectionUri, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
      body: new URLSearchParams({ token: accessToken }),
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    }).catch(() => undefined)
    const told: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined
    const { active, patient: launched, client_id, sub: subject } = (told ?? {}) as Record<string, unknown>
    if (told === undefined) throw new ExchangeRefusal('the EHR does not tell what its token is for')
    if (active !== true) throw new ExchangeRefusal('the access token is no token of the EHR any more')
    if (client_id !== undefined && client_id !== clientId)
      throw new ExchangeRefusal('the access token was given to another app')
    if (subject !== undefined && subject !== sub) throw new ExchangeRefusal('the access token is of somebody else')
    if (launched !== patient) throw new ExchangeRefusal('the EHR has not launched the app for this patient')
  }

  /** `fhirUser`, absolute or relative; `profile` in older EHRs. */
  #userOf({ fhirUser, profile }: JWTPayload): string {
    const said = String(fhirUser ?? profile ?? '')
    const relative = said.startsWith(this.trusted.fhirBase) ? said.slice(this.trusted.fhirBase.length + 1) : said
    const id = /^Practitioner\/([A-Za-z0-9.-]{1,64})$/.exec(relative)?.[1]
    if (id === undefined) throw new ExchangeRefusal('fhirUser is no Practitioner of this EHR')
    return id
  }

  async #read(path: string, accessToken: string): Promise<unknown> {
    const response = await this.#ask(path, accessToken)
    if (!response?.ok) throw new ExchangeRefusal(notShown(path, response))
    const body: unknown = await response.json().catch(() => undefined)
    if (!isOfId(body, path))
      throw new ExchangeRefusal(`the EHR answered with something else than ${path.split('/')[0]}`)
    return body
  }

  #ask(path: string, accessToken: string): Promise<Response | undefined> {
    return this.#fetch(`${this.trusted.fhirBase}/${path}`, {
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/fhir+json' },
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    }).catch(() => undefined)
  }
}

const notShown = (path: string, response: Response | undefined): string =>
  `the EHR does not show ${path.split(/[/?]/)[0]} (${response?.status ?? 'no answer'})`

const isOfId = (body: unknown, path: string): boolean => {
  const { resourceType, id } = (body ?? {}) as { resourceType?: unknown; id?: unknown }
  return `${resourceType}/${id}` === path
}

/** The one identifier of these systems; none where there are several that differ. */
export function numberOf(resource: unknown, systems: string[]): PersonIdentifier | undefined {
  const { identifier } = resource as { identifier?: unknown }
  const found = (Array.isArray(identifier) ? identifier : []).flatMap((one: unknown) => {
    const { system, value } = (one ?? {}) as { system?: unknown; value?: unknown }
    return typeof system === 'string' && typeof value === 'string' && systems.includes(nationalSystem(system))
      ? [{ system: nationalSystem(system), value }]
      : []
  })
  return new Set(found.map(({ value }) => value)).size === 1 ? found[0] : undefined
}
