/** The server cannot be reached at all; not the same as a server that answers with an error. */
export class Unreachable extends Error {}

/** An answer that is no success, told in the words of its OperationOutcome. */
export class Refused extends Error {
  constructor(status, reason) {
    super(reason)
    this.status = status
  }
}

const RENEW_BEFORE_MS = 60_000
const TIMEOUT_MS = 15_000
let session

/** Whether the server runs in demo mode and lets this page in as the demo nurse. */
export async function hasDemoSession() {
  try {
    await token()
    return true
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return false
    throw error
  }
}

/** A FHIR resource or Bundle, by a path below the FHIR base. */
export const readFhir = (path) => callFhir(path, {})

/** Stores a new resource. */
export function createFhir(resource) {
  const headers = { 'content-type': 'application/fhir+json' }
  return callFhir(resource.resourceType, { method: 'POST', headers, body: JSON.stringify(resource) })
}

/** Public JSON such as smart-configuration. */
export async function readPublic(path) {
  return (await call(path, {})).json()
}

/** Whether the server says that it can serve. */
export async function isReady() {
  try {
    await call('/readyz', {})
    return true
  } catch {
    return false
  }
}

async function callFhir(path, options, mayRenew = true) {
  const headers = { accept: 'application/fhir+json', ...options.headers, authorization: `Bearer ${await token()}` }
  try {
    return await (await call(`/fhir/${path}`, { ...options, headers })).json()
  } catch (error) {
    // After a restart of the server, or a revoked session, a new one is asked for, once.
    if (!(error instanceof Refused) || error.status !== 401 || !mayRenew) throw error
    session = undefined
    return callFhir(path, options, false)
  }
}

async function token() {
  if (session && session.expiresAt - RENEW_BEFORE_MS > Date.now()) return session.accessToken
  const headers = { 'content-type': 'application/json' }
  const response = await call('/demo/session', { method: 'POST', headers, body: JSON.stringify({ user: 'nurse' }) })
  const { access_token: accessToken, expires_in: seconds } = await response.json()
  session = { accessToken, expiresAt: Date.now() + seconds * 1000 }
  return accessToken
}

async function call(path, options) {
  let response
  try {
    response = await fetch(path, { ...options, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new Unreachable()
  }
  if (response.ok) return response
  // A gateway's 502–504, or our own while the database is away, is no contact either.
  if (response.status >= 502) throw new Unreachable()
  throw new Refused(response.status, await reasonOf(response))
}

async function reasonOf(response) {
  const body = await response.json().catch(() => undefined)
  const [issue] = body?.issue ?? []
  return issue?.diagnostics ?? issue?.details?.text ?? body?.error_description ?? `HTTP ${response.status}`
}
