import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { ConditionalHeaders } from '../exchange.ts'
import { inTurns } from '../turns.ts'

/** One entry of a batch or transaction, as a request of its own. */
export type BundleEntry = {
  index: number
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the FHIR base, without a slash at the start: `Observation`, `Patient/1`. */
  path: string
  query: URLSearchParams
  fullUrl: string | undefined
  resource: unknown
  headers: ConditionalHeaders
  /** What makes it a request that nobody could answer. Others of a batch are answered all the same. */
  wrong: Issue[]
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * The entries of a Bundle of type batch or transaction.
 * @param baseUrl a request.url may be absolute below it
 * @throws Refusal with every entry that is no request at all (bdl-3), and every fullUrl that stands twice (bdl-7)
 */
export async function parseEntries(bundle: Record<string, unknown>, baseUrl: string): Promise<BundleEntry[]> {
  const issues: Issue[] = []
  const given = bundle.entry ?? []
  if (!Array.isArray(given)) throw wrong('Bundle.entry', 'Bundle.entry must be an array.')
  const seen = new Map<string, number>()
  const entries = await inTurns(given, (entry: unknown, index): BundleEntry | undefined => {
    const parsed = parseEntry(entry, index, baseUrl, issues)
    if (parsed?.fullUrl !== undefined) {
      const first = seen.get(parsed.fullUrl)
      if (first !== undefined) {
        issues.push(
          error(
            `Bundle.entry[${index}].fullUrl`,
            `The fullUrl ${parsed.fullUrl} stands in entry ${first} already; it must be unique in the Bundle (bdl-7).`,
          ),
        )
      }
      seen.set(parsed.fullUrl, index)
    }
    return parsed
  })
  if (issues.length > 0) throw new Refusal(issues)
  return entries as BundleEntry[]
}

function parseEntry(entry: unknown, index: number, baseUrl: string, issues: Issue[]): BundleEntry | undefined {
  const at = `Bundle.entry[${index}]`
  const { request, fullUrl, resource } = (isObject(entry) ? entry : {}) as Record<string, unknown>
  if (!isObject(request) || typeof request.method !== 'string' || typeof request.url !== 'string') {
    issues.push(
      error(`${at}.request`, 'Each entry of a batch or transaction needs request.method and request.url (bdl-3).'),
    )
    return undefined
  }
  if (!METHODS.has(request.method)) {
    issues.push(
      error(`${at}.request.method`, `The method must be one of ${[...METHODS].join(', ')}, not "${request.method}".`),
    )
    return undefined
  }
  const method = request.method as BundleEntry['method']
  const isBare = /\$|\/_search(?:\?|$)/.test(request.url)
  const wrong: Issue[] = []
  if ((method === 'POST' || method === 'PUT') && !isObject(resource) && !isBare) {
    wrong.push(error(`${at}.resource`, `An entry with ${method} needs a resource.`))
  }
  const below = request.url.startsWith(`${baseUrl}/`)
    ? request.url.slice(baseUrl.length + 1)
    : request.url.replace(/^\//, '')
  if (/^[a-z]+:/i.test(below)) {
    const diagnostics = `The URL must be relative, or below ${baseUrl}; ${request.url} is on another server.`
    wrong.push(error(`${at}.request.url`, diagnostics))
  }
  const [path = '', search = ''] = below.split(/\?(.*)/s)
  return {
    index,
    method,
    path,
    query: new URLSearchParams(search),
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
    resource,
    wrong,
    headers: {
      ifMatch: text(request.ifMatch),
      ifNoneMatch: text(request.ifNoneMatch),
      ifModifiedSince: text(request.ifModifiedSince),
      ifNoneExist: text(request.ifNoneExist),
    },
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const error = (expression: string, diagnostics: string): Issue => ({
  severity: 'error',
  code: 'invalid',
  diagnostics,
  expression: [expression],
})
const wrong = (expression: string, diagnostics: string) => new Refusal([error(expression, diagnostics)])
