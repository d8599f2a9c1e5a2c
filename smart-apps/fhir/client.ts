import type { Bundle, BundleEntry, Parameters, Resource } from '@medplum/fhirtypes'
import type { Session, SessionKeeper } from '../launch/session.ts'
import { renew, SignInFailure, takeBack } from '../launch/sign-in.ts'
import { failureOf, SessionOver, saysClosed, Unreachable } from './failure.ts'

const TIMEOUT_MILLIS = 20_000
/** What has a picture in it, on a slow net. */
const MEDIA_TIMEOUT_MILLIS = 120_000
/** A token is renewed a little before it ends, so that no request meets its end on the way. */
const RENEW_BEFORE_MILLIS = 30_000
const FHIR_JSON = 'application/fhir+json'

export type Stored = Resource & { id: string; meta?: { versionId?: string; lastUpdated?: string } }
/** Parameters of a search; a list is written as several of one name (and), a comma in a value means or. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>
type Type = Resource['resourceType']
type Of<T extends Type> = Extract<Resource, { resourceType: T }>

/** The FHIR server that we are signed in to. Everything throws Unreachable, Refused or SessionOver, and nothing else. */
export type FhirClient = {
  read<T extends Type>(type: T, id: string, signal?: AbortSignal): Promise<Of<T>>
  /** By POST: what is searched for, such as a national number, stands in no address. */
  search<T extends Type>(type: T, query: Query, signal?: AbortSignal): Promise<Bundle<Of<T>>>
  /** The next page, by the link of the one before. */
  page(link: string, signal?: AbortSignal): Promise<Bundle>
  /** @param ifNoneExist a search; where it finds one, nothing is made and that one is the answer: so it can be sent again */
  create<R extends Resource>(resource: R, ifNoneExist?: string): Promise<R>
  /** With If-Match, so that nobody else's change is lost: Refused.isStale then. */
  update<R extends Stored>(resource: R): Promise<R>
  /** All of it or nothing. @returns an answer for each entry, in their order */
  transact(entry: BundleEntry[], options?: { keepalive?: boolean }): Promise<Bundle>
  /** Each by itself: one that is refused leaves the others. @returns an answer for each entry, in their order */
  batch(entry: BundleEntry[], options?: { keepalive?: boolean }): Promise<Bundle>
  /** `$operation` by POST, on a type or (`Task/7`) a resource. @param ifMatch the versionId that the caller has seen */
  operation<R extends Resource = Resource>(
    path: string,
    parameters?: Parameters['parameter'],
    options?: { ifMatch?: string; signal?: AbortSignal; keepalive?: boolean },
  ): Promise<R>
}

type Ask = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: string
  type?: string
  ifMatch?: string
  ifNoneExist?: string
  signal?: AbortSignal
  timeoutMillis?: number
  /** Sent also while the page closes. */
  keepalive?: boolean
  prefer?: string
  /** What an answer without a body says. */
  ifEmpty?: (response: Response) => unknown
}

const endsSoon = ({ expiresAt }: Session): boolean => expiresAt - RENEW_BEFORE_MILLIS < Date.now()

export function createFhirClient(sessions: SessionKeeper): FhirClient {
  let renewing: Promise<void> | undefined

  /** Once, however many requests wait for it. A server that is away leaves the session as it is. */
  const renewOnce = (): Promise<void> => {
    renewing ??= renewNow().finally(() => {
      renewing = undefined
    })
    return renewing
  }
  const renewNow = async () => {
    const state = sessions.current()
    if (!state || state.isOver) throw new SessionOver()
    const { shared } = sessions
    await (shared ? shared.inTurn(() => renewFrom(state.session)) : renewFrom(state.session))
  }
  const renewFrom = async (session: Session) => {
    const kept = await sessions.shared?.newest()
    const isNewer =
      kept?.patient === session.patient && kept?.iss === session.iss && kept.accessToken !== session.accessToken
    const newest = isNewer ? kept : session
    let renewed: Session
    try {
      renewed = isNewer && !endsSoon(newest) ? newest : await renew(newest)
    } catch (error) {
      if (error instanceof SignInFailure && error.code === 'unreachable') throw new Unreachable()
      sessions.end()
      throw new SessionOver()
    }
    const now = sessions.current()
    // Another launch in this window may have come first.
    if (now?.session !== session) return
    // It was ended meanwhile, such as because nobody is there any more: a renewal that was on its way begins nothing anew.
    if (now.isOver) return takeBack(renewed)
    // What cannot be kept is good for as long as the page is.
    await Promise.resolve(sessions.begin(renewed)).catch(() => {})
  }

  const ask = async <R>(asked: Ask, mayRenew = true): Promise<R> => {
    const state = sessions.current()
    if (!state || state.isOver) throw new SessionOver()
    const { session } = state
    if (mayRenew && endsSoon(session)) {
      await renewOnce()
      return ask(asked, false)
    }
    const response = await send(session.iss, session.accessToken, asked)
    if (response.ok) {
      const body = (await bodyOf(response, asked.signal)) as R | undefined
      return (body === undefined && asked.ifEmpty ? asked.ifEmpty(response) : body) as R
    }
    if (response.status !== 401) throw await failureOf(response)
    if (!mayRenew) {
      sessions.end()
      throw new SessionOver()
    }
    // Somebody else's request may have renewed it meanwhile.
    if (sessions.current()?.session === session) await renewOnce()
    return ask(asked, false)
  }

  return {
    read: (type, id, signal) => ask({ method: 'GET', path: `${type}/${encodeURIComponent(id)}`, signal }),
    search: (type, query, signal) =>
      ask({
        method: 'POST',
        path: `${type}/_search`,
        body: toParams(query).toString(),
        type: 'application/x-www-form-urlencoded',
        signal,
      }),
    page: (link, signal) => ask({ method: 'GET', path: link, signal }),
    create: (resource, ifNoneExist) =>
      ask({
        ...{ method: 'POST', path: resource.resourceType, body: JSON.stringify(resource), ifNoneExist },
        prefer: 'return=representation',
        ...(resource.resourceType === 'Media' ? { timeoutMillis: MEDIA_TIMEOUT_MILLIS } : {}),
        // A server may say no more than where it is.
        ifEmpty: (response) => ({ ...resource, ...idIn(response.headers.get('location'), resource.resourceType) }),
      }),
    update: (resource) =>
      ask({
        method: 'PUT',
        path: `${resource.resourceType}/${resource.id}`,
        body: JSON.stringify(resource),
        ifMatch: resource.meta?.versionId,
      }),
    transact: (entry, { keepalive } = {}) => ask(bundled('transaction', entry, keepalive)),
    batch: (entry, { keepalive } = {}) => ask(bundled('batch', entry, keepalive)),
    operation: (path, parameter = [], { ifMatch, signal, keepalive } = {}) =>
      ask({
        method: 'POST',
        path,
        body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) }),
        ifMatch,
        signal,
        keepalive,
      }),
  }
}

async function send(
  iss: string,
  accessToken: string,
  { method, path, body, type, ifMatch, ifNoneExist, prefer, signal, keepalive, timeoutMillis }: Ask,
): Promise<Response> {
  const address = new URL(path, `${iss}/`)
  // A link of a page is the server's own word; the token goes nowhere else.
  if (!address.href.startsWith(`${iss}/`)) throw new Unreachable(`not of this server: ${address.origin}`)
  const timeout = AbortSignal.timeout(timeoutMillis ?? TIMEOUT_MILLIS)
  try {
    return await fetch(address, {
      method,
      ...(keepalive ? { keepalive } : {}),
      cache: 'no-store',
      credentials: 'omit',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        accept: FHIR_JSON,
        // What the server says in words, it says in the language of the page.
        ...(pageLanguage() ? { 'accept-language': pageLanguage() } : {}),
        authorization: `Bearer ${accessToken}`,
        ...(body === undefined ? {} : { 'content-type': type ?? FHIR_JSON }),
        ...(ifMatch === undefined ? {} : { 'if-match': `W/"${ifMatch}"` }),
        ...(ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist }),
        ...(prefer === undefined ? {} : { prefer }),
      },
      ...(body === undefined ? {} : { body }),
    })
  } catch (error) {
    // Whoever has gone on to something else waits for no answer.
    if (signal?.aborted) throw error
    throw new Unreachable(String(error))
  }
}

/** @throws Unreachable when it breaks off, or is no JSON, as what a network in between says in the server's place */
async function bodyOf(response: Response, signal?: AbortSignal): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Unreachable(String(error))
  }
}

const bundled = (type: 'transaction' | 'batch', entry: BundleEntry[], keepalive: boolean | undefined): Ask => ({
  ...{ method: 'POST', path: '', body: JSON.stringify({ resourceType: 'Bundle', type, entry }) },
  ...(keepalive ? { keepalive } : {}),
})

/** `…/Observation/7/_history/1` */
function idIn(location: string | null, type: string): { id?: string } {
  const parts = location?.split('/') ?? []
  const id = parts[parts.lastIndexOf(type) + 1]
  return parts.includes(type) && id ? { id } : {}
}

const pageLanguage = (): string => globalThis.document?.documentElement.lang ?? ''

function toParams(query: Query): URLSearchParams {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') params.append(name, String(one))
    }
  }
  return params
}

/** The resources of one type in a Bundle; what was included beside them is of another. */
export const ofType = <T extends Type>(bundle: Bundle, type: T): (Of<T> & { id: string })[] =>
  (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type ? [resource as Of<T> & { id: string }] : [],
  )

/** Whether something that was sought is closed by the patient to who asks. */
export const isPartlyClosed = (bundle: Bundle): boolean =>
  saysClosed(ofType(bundle, 'OperationOutcome').flatMap(({ issue }) => issue))

export const nextLink = (bundle: Bundle): string | undefined =>
  bundle.link?.find(({ relation }) => relation === 'next')?.url
