import { type Fields, quote, type Walk } from './walk.ts'

const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const ABSOLUTE = /^https?:\/\/\S+$/i
const TYPE_IN_URL = /\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const UUID = /^urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:\S+$/i
const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?\S+$/

const EXPECTED = 'Type/id, an absolute URL, urn:uuid: or urn:oid:, or #id of a contained resource'

/**
 * The form of `Reference.reference`, whatever it points to. https://hl7.org/fhir/R4/references.html#literal
 * The format of the URI as such is looked at elsewhere, with that of every other primitive.
 */
export function checkReferenceForm(reference: Fields, walk: Walk, resourceTypes: ReadonlySet<string>): void {
  const { reference: literal, type } = reference
  if (typeof type === 'string' && !type.includes('/') && !resourceTypes.has(type))
    walk.report('value', `${quote(type)} is no resource type of R4.`, 'type')
  if (typeof literal !== 'string') return
  if (literal.startsWith('#')) {
    checkContainedTarget(literal.slice(1), walk)
    return
  }
  const named = RELATIVE.exec(literal)?.[1] ?? CONDITIONAL.exec(literal)?.[1]
  if (named !== undefined) {
    if (!resourceTypes.has(named)) walk.report('value', `${quote(literal)} names no resource type of R4.`, 'reference')
    else if (literal.includes('?') && !walk.options.conditionalReferences)
      walk.report(
        'value',
        `A search as reference (${quote(literal)}) is allowed inside a transaction only.`,
        'reference',
      )
  } else if (
    /^urn:uuid:/i.test(literal)
      ? !UUID.test(literal)
      : /^urn:oid:/i.test(literal)
        ? !OID.test(literal)
        : !hasScheme(literal)
  ) {
    walk.report('value', `A reference must be ${EXPECTED}, not ${quote(literal)}.`, 'reference')
  }
}

const hasScheme = (literal: string) => ABSOLUTE.test(literal) || OTHER_SCHEME.test(literal)

/** ref-1: a `#id` is among the contained resources; a bare `#` is the resource around the one that says it. */
function checkContainedTarget(id: string, walk: Walk): void {
  if (id === '' && walk.resource !== walk.rootResource) return
  if (containedById(id, walk) === undefined)
    walk.report('invariant', `ref-1: no contained resource has the id ${quote(id)}.`, 'reference')
}

function containedById(id: string, walk: Walk): Fields | undefined {
  const { contained } = walk.rootResource
  return Array.isArray(contained) ? contained.find((resource: Fields | null) => resource?.id === id) : undefined
}

/** What a reference leads to in the same resource or Bundle. https://hl7.org/fhir/R4/bundle.html#references */
export function resolveReference(reference: unknown, walk: Walk): Fields | undefined {
  if (typeof reference !== 'string') return undefined
  if (reference === '#') return walk.rootResource
  if (reference.startsWith('#')) return containedById(reference.slice(1), walk)
  const entries = Array.isArray(walk.bundle?.entry) ? (walk.bundle.entry as Fields[]) : []
  const local = reference.split('/_history/', 1)[0] ?? ''
  const own = entries.find((entry) => entry?.resource === walk.rootResource)?.fullUrl
  const absolute = typeof own === 'string' ? REST_URL.exec(own)?.[1] : undefined
  const wanted =
    ABSOLUTE.test(local) || !RELATIVE.test(local) || absolute === undefined ? local : `${absolute}/${local}`
  const found = entries.find((entry) => entry?.fullUrl === wanted) ?? entries.find((entry) => isAt(entry, local))
  const resource = found?.resource
  return typeof resource === 'object' && resource !== null ? (resource as Fields) : undefined
}

const REST_URL = /^(https?:\/\/.+)\/[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/

/** `Patient/1` where the fullUrl does not say it. */
function isAt(entry: Fields | null, reference: string): boolean {
  const { resourceType, id } = (entry?.resource ?? {}) as Fields
  return `${resourceType}/${id}` === reference && !ABSOLUTE.test(String(entry?.fullUrl))
}

export type Targets = { targetTypes: ReadonlySet<string>; resourceTypes: ReadonlySet<string> }

/** Whether the type that a reference points to, as far as one can see it, is among those that the element allows. */
export function checkReferenceTarget(reference: Fields, walk: Walk, { targetTypes, resourceTypes }: Targets): void {
  const type = visibleType(reference, walk)
  // Another server may hold what R4 does not know.
  if (type === undefined || targetTypes.has(type) || !resourceTypes.has(type)) return
  walk.report('value', `Must be a reference to ${[...targetTypes].join(' or ')}, not to ${type}.`)
}

function visibleType({ reference, type }: Fields, walk: Walk): string | undefined {
  if (typeof reference === 'string') {
    const seen = reference.startsWith('#')
      ? (reference === '#' ? walk.rootResource : containedById(reference.slice(1), walk))?.resourceType
      : (RELATIVE.exec(reference)?.[1] ?? CONDITIONAL.exec(reference)?.[1] ?? typeInUrl(reference))
    if (typeof seen === 'string') return seen
  }
  return typeof type === 'string' && !type.includes('/') ? type : undefined
}

const typeInUrl = (reference: string) => (ABSOLUTE.test(reference) ? TYPE_IN_URL.exec(reference)?.[1] : undefined)
