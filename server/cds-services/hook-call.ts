import type { Ehr } from '../authorization-server/exchange/trusted-ehr.ts'
import { callOf, type HookedCall } from '../cds-hooks/hook-request.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Offered } from './services.ts'

/** One call of a CDS service, as the EHR has made it. */
export type HookRequest = HookedCall & {
  /** `Practitioner/kari`; undefined where who looks is no clinician. */
  user: string | undefined
  accessToken: string | undefined
  /** Queries of the prefetch that did not come, with the tokens of the context filled in. */
  missingQueries: string[]
}

/**
 * @param body as it came
 * @throws Refusal as `callOf`, and value for another FHIR server than the caller's own
 * @see https://cds-hooks.hl7.org/2.0/#http-request_1
 */
export function readHookRequest(body: unknown, { hook, told }: Offered, ehr: Ehr): HookRequest {
  const prefetch = told.prefetch ?? {}
  const call = callOf(body, hook, Object.keys(prefetch))
  const fields = body as Fields
  if (typeof fields.hookInstance !== 'string' || fields.hookInstance === '')
    throw refuse('required', 'hookInstance must be the UUID of this call.', 'hookInstance')
  const context = fields.context as Fields
  const user = typeof context.userId === 'string' ? context.userId : undefined
  if (!user) throw refuse('required', 'context.userId must say who looks, such as Practitioner/123.', 'context.userId')
  const { fhirServer, fhirAuthorization } = fields
  const isOwn = fhirServer === undefined || String(fhirServer).replace(/\/$/, '') === ehr.trusted.fhirBase
  if (!isOwn) throw refuse('value', `fhirServer must be ${ehr.trusted.fhirBase}, which is this client’s.`, 'fhirServer')
  const practitionerId = /^Practitioner\/([^/]+)$/.exec(user)?.[1]
  return {
    ...call,
    user: practitionerId ? user : undefined,
    accessToken: accessTokenIn(fhirAuthorization),
    missingQueries: call.missing.flatMap((key) => filled(prefetch[key] ?? '', { context, practitionerId }) ?? []),
  }
}

type Fields = Record<string, unknown>

function accessTokenIn(authorization: unknown): string | undefined {
  if (authorization === undefined || authorization === null) return undefined
  const { access_token, token_type } = authorization as Fields
  if (typeof access_token !== 'string' || access_token === '' || token_type !== 'Bearer')
    throw refuse('value', 'fhirAuthorization must have an access_token of the token_type Bearer.', 'fhirAuthorization')
  return access_token
}

/** The query of a template; undefined where the context lacks one of its tokens. */
function filled(template: string, from: { context: Fields; practitionerId: string | undefined }): string | undefined {
  let isWhole = true
  const query = template.replace(/\{\{([^}]+)\}\}/g, (_all, token: string) => {
    const value = token === 'userPractitionerId' ? from.practitionerId : from.context[token.replace(/^context\./, '')]
    if (typeof value !== 'string') isWhole = false
    return encodeURIComponent(String(value))
  })
  return isWhole ? query : undefined
}

/**
 * What did not come along, from where the EHR lets it be read.
 * @throws Refusal as `Ehr.show`
 */
export async function fetchMissing(ehr: Ehr, { missingQueries, accessToken }: HookRequest): Promise<Resource[]> {
  if (!accessToken) return []
  const answers = await Promise.all(missingQueries.map((query) => ehr.show(query, accessToken)))
  return answers.flatMap((answer) => {
    const { resourceType, entry } = answer as { resourceType?: string; entry?: { resource?: Resource }[] }
    return resourceType === 'Bundle' ? (entry ?? []).flatMap(({ resource }) => resource ?? []) : [answer as Resource]
  })
}
