import { keepLiterals } from '../../core/fhir/json.ts'
import type { Resource } from '../../core/fhir/resource.ts'

type Fields = Record<string, unknown>

const MASKED = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }
/** What stands where something is withheld. https://hl7.org/fhir/R4/extension-data-absent-reason.html */
const PLACEHOLDER = { extension: [MASKED] }

/** Labels of a copy from which something was taken. https://hl7.org/fhir/R4/security-labels.html */
const VALUES = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'
export const REDACTED = { system: VALUES, code: 'REDACTED', display: 'redacted' }
export const SUBSETTED = { system: VALUES, code: 'SUBSETTED', display: 'subsetted' }

/** Elements of the types Address and ContactPoint, wherever they stand; `Endpoint.address` is a url, and stays. */
const PLACES = new Set(['address', 'telecom', 'valueAddress', 'valueContactPoint', 'locationAddress'])
/** What else of a Location says where it is. They are left out: an empty position would be no position. */
const OF_LOCATION = new Set(['name', 'alias', 'description', 'position'])
/** Segments of a search parameter's path that lead to what is withheld. Extensions may hold an Address of somebody's own. */
const TELLING = new Set([...PLACES, 'extension'])

/**
 * The copy of a resource for somebody who must not learn where the person lives: without addresses, telecoms and places, and labelled.
 * The narrative may say it again, so it goes with them.
 * @returns the resource itself where there is nothing to withhold
 * @see https://hl7.org/fhir/R4/security-labels.html
 */
export function withheld(resource: Resource): Resource {
  const shown = withoutPlaces(resource, resource.resourceType) as Resource
  if (shown === resource) return resource
  const { resourceType, id, meta, ...rest } = shown
  const labels = {
    ...meta,
    security: [...(meta?.security ?? []), REDACTED],
    tag: [...(meta?.tag ?? []), SUBSETTED],
  }
  return keepLiterals(shown, { resourceType, ...(id === undefined ? {} : { id }), meta: labels, ...rest })
}

/** The same value where nothing in it is withheld. */
function withoutPlaces(value: unknown, within: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return changed(value, (member) => withoutPlaces(member, within))
  return withoutPlacesIn(value as Fields, within)
}

function withoutPlacesIn(fields: Fields, within: string): Fields {
  const type = typeof fields.resourceType === 'string' ? fields.resourceType : within
  const isResource = fields.resourceType !== undefined
  const left: Fields = {}
  let isChanged = false
  for (const [name, member] of Object.entries(fields)) {
    if (!isLeftOut(name, fields, type, isResource))
      left[name] = isPlace(name, member) ? placeholderOf(member) : withoutPlaces(member, type)
    isChanged ||= left[name] !== member
  }
  if (!isChanged) return fields
  if (isResource) delete left.text
  return keepLiterals(fields, left)
}

const isPlace = (name: string, member: unknown): boolean =>
  PLACES.has(name) && typeof member === 'object' && member !== null && !isPlaceholder(member)

/** However many there are: their number is nobody's business either. */
const placeholderOf = (member: unknown): unknown => (Array.isArray(member) ? [PLACEHOLDER] : PLACEHOLDER)

/** A primitive goes with its extensions, which stand beside it: a translation of a place's name is its name. */
function isLeftOut(member: string, fields: Fields, type: string, isResource: boolean): boolean {
  const name = member.replace(/^_/, '')
  if (isResource && type === 'Location') return OF_LOCATION.has(name)
  return name === 'display' && /(?:^|\/)Location\/[^/]+$/.test(String(fields.reference ?? ''))
}

/** Whether something was withheld from a copy. */
export const isWithheld = ({ meta }: Resource): boolean =>
  meta?.security?.some(({ system, code }) => system === REDACTED.system && code === REDACTED.code) === true

/** What says which resource it is, and whose, and no more. */
const NAMING = new Set([
  ...['resourceType', 'id', 'meta', 'implicitRules', 'language', 'identifier'],
  ...['active', 'status', 'patient', 'subject'],
])

/** Whether all that a copy could have told is withheld: of a contact with nothing but a telephone, nothing is left. */
export const isStub = (resource: Resource): boolean =>
  isWithheld(resource) &&
  Object.entries(resource).every(([name, value]) => NAMING.has(name.replace(/^_/, '')) || isPlaceholder(value))

export function isPlaceholder(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 && isPlaceholder(value[0])
  const { extension, ...rest } = (value ?? {}) as { extension?: { url?: string; valueCode?: string }[] }
  const [only, ...others] = extension ?? []
  return (
    Object.keys(rest).length === 0 && others.length === 0 && only?.url === MASKED.url && only.valueCode === 'masked'
  )
}

function changed(list: unknown[], change: (member: unknown) => unknown): unknown[] {
  const left = list.map(change)
  return left.every((member, i) => member === list[i]) ? list : keepLiterals(list, left)
}

/**
 * Whether a path of a search parameter (`Patient.address.city`) leads to what may be withheld of a type. Of an expression that is
 * more than a path nobody can say, so it does.
 */
export function tellsPlace(type: string, path: string): boolean {
  if (path.includes('{')) return true
  const segments = path.split(/[.()[\]]/).slice(1)
  return segments.some((one) => TELLING.has(one) || (type === 'Location' && OF_LOCATION.has(one)))
}
