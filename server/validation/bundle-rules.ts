import { type Fields, quote, type Walk } from './walk.ts'

/** Bundles whose entries are requests or answers to them, which need no identity. */
const OF_REQUESTS = new Set(['transaction', 'batch', 'transaction-response', 'batch-response', 'history'])
/** A link of these a Bundle has once; of others, such as `stylesheet`, it may have more. */
const PAGING = new Set(['self', 'first', 'previous', 'prev', 'next', 'last'])
const REST_URL = /^https?:\/\/.+\/([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/

/** Rules of Bundles that R4 states in words. https://hl7.org/fhir/R4/bundle.html */
export function checkBundle(bundle: Fields, walk: Walk, resourceTypes: ReadonlySet<string>): void {
  const entries = (bundle.entry ?? []) as Fields[]
  checkLinks((bundle.link ?? []) as Fields[], walk)
  const isOfRequests = OF_REQUESTS.has(String(bundle.type))
  entries.forEach((entry, i) => {
    if (entry.resource === undefined) return
    const problem = typeof entry.fullUrl === 'string' ? fullUrlProblem(entry, isOfRequests, resourceTypes) : undefined
    if (problem !== undefined) reportAt(walk, ['entry', i], problem, { name: 'fullUrl' })
    // "Must have" in words, 0..1 by cardinality, and left out by many: in a document nothing could be found without.
    const isNeeded = !isOfRequests && (entry.search as Fields | undefined)?.mode !== 'outcome'
    if (entry.fullUrl === undefined && isNeeded)
      reportAt(walk, ['entry', i], 'Each entry needs a fullUrl, except in transactions and batches.', {
        name: 'fullUrl',
        severity: bundle.type === 'document' || bundle.type === 'message' ? 'error' : 'warning',
      })
  })
  if (bundle.type === 'document') checkDocument(entries, walk)
}

function checkLinks(links: Fields[], walk: Walk): void {
  const seen = new Set<unknown>()
  links.forEach(({ relation }, i) => {
    if (PAGING.has(String(relation)) && seen.has(relation))
      reportAt(walk, ['link', i], `There can be one link ${quote(String(relation))} only.`, { name: 'relation' })
    seen.add(relation)
  })
}

/** https://hl7.org/fhir/R4/bundle.html#bundle-unique and the definition of Bundle.entry.fullUrl */
function fullUrlProblem(
  { fullUrl, resource }: Fields,
  isOfRequests: boolean,
  resourceTypes: ReadonlySet<string>,
): string | undefined {
  const { resourceType, id } = (resource ?? {}) as Fields
  const [, type, urlId] = REST_URL.exec(String(fullUrl)) ?? []
  if (type === undefined || !resourceTypes.has(type) || (isOfRequests && id === undefined)) return undefined
  return type === resourceType && urlId === id
    ? undefined
    : `The fullUrl ${quote(String(fullUrl))} must end with the type and id of the resource, ${resourceType}/${id ?? '(no id)'}.`
}

/** A document holds what its Composition refers to. https://hl7.org/fhir/R4/documents.html#content */
function checkDocument([first, ...others]: Fields[], walk: Walk): void {
  const composition = first?.resource as Fields | undefined
  if (composition?.resourceType !== 'Composition') return
  const base = /^(https?:\/\/.+)\/[A-Z][A-Za-z]+\/[^/]+$/.exec(String(first?.fullUrl))?.[1]
  const known = new Set([first, ...others].map((entry) => entry?.fullUrl))
  for (const reference of literalReferences(composition)) {
    const isRelative = /^[A-Z][A-Za-z]+\/[^/?]+$/.test(reference)
    if (!isRelative && !/^urn:/.test(reference)) continue
    const wanted = isRelative && base !== undefined ? `${base}/${reference}` : reference
    if (!known.has(wanted))
      reportAt(
        walk,
        ['entry', 0, 'resource'],
        `The document refers to ${quote(reference)}, and no entry has this fullUrl${wanted === reference ? '' : ` (${wanted})`}.`,
      )
  }
}

function literalReferences(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { reference } = value as Fields
  const own = typeof reference === 'string' ? [reference] : []
  return [...own, ...Object.values(value).flatMap(literalReferences)]
}

type Where = { name?: string; severity?: 'error' | 'warning' }

function reportAt(walk: Walk, segments: (string | number)[], problem: string, { name, severity }: Where = {}): void {
  walk.path.push(...segments)
  walk.report('invariant', problem, name, severity)
  walk.path.length -= segments.length
}
