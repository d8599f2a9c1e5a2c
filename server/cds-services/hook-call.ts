import { type Ehr, ExchangeRefusal } from '../authorization-server/exchange/trusted-ehr.ts'
import { callOf, type HookedCall } from '../cds-hooks/hook-request.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Offered } from './services.ts'

/** One call of a CDS service, as the EHR has made it. */
export type HookRequest = HookedCall & {
  /** `Practitioner/kari`; undefined where who looks is no clinician. */
  user: string | undefined
  accessToken: string | undefined
  /** What of the prefetch did not come: its key, and its query with the tokens of the context filled in. */
  notSent: { key: string; query: string }[]
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
    notSent: call.missing.flatMap((key) => {
      const query = filled(prefetch[key] ?? '', { context, practitionerId })
      return query === undefined ? [] : [{ key, query }]
    }),
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

/** More is no history of one patient that a card is worked out from. */
const PAGE_COUNT_MAX = 20

/**
 * What did not come along, from where the EHR lets it be read; whole, for a plan that sees a part of it says what is not so.
 * @throws Refusal `incomplete` with 412 where the EHR does not show it, or not all of it
 */
export async function fetchMissing(ehr: Ehr, { notSent, accessToken }: HookRequest): Promise<Resource[]> {
  if (!accessToken) return []
  const found = await Promise.all(
    notSent.map(({ key, query }) =>
      fetchWhole(ehr, query, accessToken).catch((error: unknown) => {
        throw error instanceof ExchangeRefusal ? notShown(key, error.message) : error
      }),
    ),
  )
  return found.flat()
}

async function fetchWhole(ehr: Ehr, query: string, accessToken: string): Promise<Resource[]> {
  const found: Resource[] = []
  let next: string | undefined = query
  for (let page = 0; next !== undefined; page++) {
    if (page === PAGE_COUNT_MAX) throw new ExchangeRefusal(`the EHR has more than ${PAGE_COUNT_MAX} pages of it`)
    const answer = (await ehr.show(next, accessToken)) as Answer
    if (answer.resourceType !== 'Bundle') return [...found, answer as Resource]
    for (const { resource } of answer.entry ?? []) if (resource) found.push(resource)
    next = nextOf(answer, ehr)
  }
  return found
}

type Answer = {
  resourceType?: string
  entry?: { resource?: Resource }[]
  link?: { relation?: string; url?: string }[]
}

/** Below the EHR's own base; its token goes nowhere else. */
function nextOf({ link = [] }: Answer, { trusted }: Ehr): string | undefined {
  const url = link.find(({ relation }) => relation === 'next')?.url
  if (url === undefined) return undefined
  const base = `${trusted.fhirBase}/`
  const absolute = URL.parse(url, base)?.href
  const isBelow = absolute?.startsWith(base) || absolute?.startsWith(`${trusted.fhirBase}?`)
  if (!absolute || !isBelow) throw new ExchangeRefusal('the next page is not at the EHR')
  return absolute.slice(trusted.fhirBase.length).replace(/^\//, '')
}

const notShown = (key: string, why: string): Refusal =>
  new Refusal(refuse('incomplete', `What is asked for as ${key} cannot be had: ${why}.`, `prefetch.${key}`).issues, 412)
