import { decodeJwt, type JWTPayload, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose'
import { parseScopes } from '../../access/scopes.ts'
import { type Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { OutsideToken, OutsideTokens } from '../authenticate.ts'
import type { Fetch } from '../outgoing.ts'
import type { People } from '../people.ts'
import { remoteKeys } from '../remote-keys.ts'
import { type Claims, HELSEID_CLAIM, organizationsOf, textOf } from './helseid-claims.ts'
import { LoginRefusal, recognise } from './recognise.ts'
import { attestedBy, TRUST_FRAMEWORK } from './trust-framework.ts'

/** This server as an API that is registered at HelseID. */
export type HelseIdApi = {
  /** Where its metadata are, and who must have issued a token. */
  issuer: string
  /** Our name there: the one audience of tokens for us, such as `nhn:hjemmeoppfolging`. */
  audience: string
  /** What a scope of HelseID is here: `nhn:hjemmeoppfolging/api` → `user/*.cruds`. */
  scopes: Readonly<Record<string, string>>
  /** Whether a token must tell by the trust framework why it is used. */
  attest?: 'required' | 'accepted' | undefined
}

export type HelseIdTokensSettings = { api: HelseIdApi; people: People; fetch: Fetch }

/** What HelseID's own validator takes; nothing symmetric, and no `none`. */
const ALGORITHMS = ['RS', 'PS', 'ES'].flatMap((family) => [`${family}256`, `${family}384`, `${family}512`])
/** An ID token is refused for its audience, a proof or an assertion for its type. */
const TYPES: ReadonlySet<string | undefined> = new Set(['at+jwt', 'application/at+jwt', 'jwt'])
const CLOCK_SECONDS = 5
const METADATA_KEPT_MILLISECONDS = 24 * 3600_000
const ANSWER_MILLISECONDS_MAX = 5_000

/**
 * Access tokens of HelseID, taken on our own API beside those that we issue. They are always bound to a key (DPoP), which the caller
 * of `read` checks. A clinician is the Practitioner with the HPR number, at security level 4; a token without a person is a system's, and
 * gets what is mapped to `system/` alone. Which organisation it is for must be known here.
 * @see https://utviklerportal.nhn.no, "HelseID": Validating Access Tokens
 */
export function createHelseIdTokens({ api, people, fetch }: HelseIdTokensSettings): OutsideTokens {
  const keys = followKeys(api.issuer, fetch)
  return {
    isMeant: (token) => issuerOf(token) === api.issuer,
    async read(token) {
      const claims = await verify(token, await keys(), api)
      const jkt = textOf((claims.cnf ?? {}) as Claims, 'jkt')
      if (jkt === undefined) throw refuse('login', 'A token of HelseID must be bound to a key (DPoP); this one is not.')
      const who = textOf(claims, HELSEID_CLAIM.pid) === undefined ? systemOf(claims) : await clinicianOf(claims, people)
      await mustKnowOrganization(claims, people)
      const attested = attestedBy(claims)
      if (api.attest === 'required' && !attested)
        throw refuse(
          'login',
          `The token attests nothing by the trust framework (${TRUST_FRAMEWORK}), as this API wants.`,
        )
      const login = { ...who.login, ...attested }
      const scope = scopeOf(claims, api, who.actor.startsWith('Client/') ? 'system' : 'user')
      const access = { ...who, login, clientId: clientOf(claims), scopes: parseScopes(scope) }
      return { access, scope, login, jkt, expiresAt: new Date(Number(claims.exp) * 1000) }
    },
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return token.split('.').length === 3 ? decodeJwt(token).iss : undefined
  } catch {
    return undefined
  }
}

/** Its keys, from where its metadata say that they are. What could not be read is read again by the next who asks. */
function followKeys(issuer: string, fetch: Fetch): () => Promise<JWTVerifyGetKey> {
  let known: { keys: Promise<JWTVerifyGetKey>; at: number } | undefined
  const read = async (): Promise<JWTVerifyGetKey> => {
    const signal = AbortSignal.timeout(ANSWER_MILLISECONDS_MAX)
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { redirect: 'error', signal })
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
    if (metadata.issuer !== issuer) throw new Error(`The metadata of ${issuer} name another issuer.`)
    return remoteKeys(new URL(String(metadata.jwks_uri)), fetch, away)
  }
  return () => {
    if (known && Date.now() - known.at < METADATA_KEPT_MILLISECONDS) return known.keys
    const keys = read().catch((error: unknown) => {
      known = undefined
      throw away(error)
    })
    known = { keys, at: Date.now() }
    return keys
  }
}

/** It is not the caller's fault that HelseID does not answer. */
function away(cause: unknown): Refusal {
  const refusal = refuse('transient', 'HelseID does not tell its keys at the moment, so the token cannot be checked.')
  refusal.cause = cause
  return refusal
}

async function verify(token: string, keys: JWTVerifyGetKey, { issuer, audience }: HelseIdApi): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      ...{ issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_SECONDS },
      requiredClaims: ['exp', 'aud', 'client_id'],
    })
    if (!TYPES.has(protectedHeader.typ?.toLowerCase())) throw refuse('login', 'The token is no access token: typ.')
    // One that is good at several APIs could be used here by each of the others.
    if (Array.isArray(payload.aud) && payload.aud.length > 1)
      throw refuse('login', 'The token is for several audiences; it must be for this API alone.')
    return payload
  } catch (error) {
    if (!(error instanceof joseErrors.JOSEError)) throw error
    const claim = error instanceof joseErrors.JWTClaimValidationFailed ? ` (${error.claim})` : ''
    throw refuse('login', `The token of HelseID is not valid: ${error.code}${claim}.`)
  }
}

type Who = Pick<OutsideToken['access'], 'actor'> & Pick<OutsideToken, 'login'>

/** @throws Refusal login */
async function clinicianOf(claims: JWTPayload, people: People): Promise<Who> {
  if (textOf(claims, HELSEID_CLAIM.hprNumber) === undefined)
    throw refuse('login', `The token names nobody with an HPR number: ${HELSEID_CLAIM.hprNumber}.`)
  try {
    const [{ fhirUser, login }] = await recognise('helseid', claims, people)
    return { actor: fhirUser, login }
  } catch (error) {
    if (error instanceof LoginRefusal) throw refuse('login', `Nobody is let in by this token: ${error.message}.`)
    throw error
  }
}

/** A client that acts for itself. That it has proven itself by a key is HelseID's to ask, and it asks that of all. @throws Refusal login */
function systemOf(claims: JWTPayload): Who {
  if ([HELSEID_CLAIM.hprNumber, HELSEID_CLAIM.securityLevel].some((name) => textOf(claims, name) !== undefined))
    throw refuse('login', `The token is of a person, and does not tell which: ${HELSEID_CLAIM.pid}.`)
  return { actor: `Client/${clientOf(claims)}`, login: { provider: 'helseid', ...organizationsOf(claims) } }
}

/** No client of ours can have this name: theirs are theirs to give. */
const clientOf = ({ client_id }: JWTPayload): string => `helseid:${client_id}`

/**
 * The legal entity is one of ours, and the unit a part of it: HelseID does not check the unit that a client shared by several names.
 * @throws Refusal login
 */
async function mustKnowOrganization(claims: JWTPayload, people: People): Promise<void> {
  const { organization, organizationUnit } = organizationsOf(claims)
  if (organization === undefined)
    throw refuse('login', `The token names no organisation: ${HELSEID_CLAIM.organization}.`)
  if (!(await people.isOrganization(organization)))
    throw refuse('login', 'The organisation of the token is unknown here.')
  if (organizationUnit !== undefined && !(await people.isOrganization(organizationUnit, organization)))
    throw refuse('login', 'The unit of the token is unknown here, or is no part of its organisation.')
}

/** What the token's scopes are here, of the level that fits who it is. @throws Refusal forbidden */
function scopeOf({ scope }: JWTPayload, { scopes }: HelseIdApi, level: 'user' | 'system'): string {
  const named = (Array.isArray(scope) ? scope : String(scope ?? '').split(' ')).map(String)
  const given = named.flatMap((name) => (Object.hasOwn(scopes, name) ? (scopes[name]?.split(' ') ?? []) : []))
  const own = [...new Set(given.filter((one) => one.startsWith(`${level}/`)))]
  if (own.length > 0) return own.join(' ')
  throw refuse('forbidden', `The token has no scope of this API for ${level === 'user' ? 'a person' : 'a system'}.`)
}
