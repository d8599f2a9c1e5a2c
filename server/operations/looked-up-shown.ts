import type { Coding, Resource as FhirResource } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { AddressDegree } from '../access/address/protection.ts'
import { degreesOf } from '../access/address/protection.ts'
import { isWithheld, REDACTED, SUBSETTED, withheld } from '../access/address/withhold.ts'
import { hiddenDegrees, hiddenLabels } from '../access/policy/rules-for.ts'
import { rolesOfPerson } from '../access/reach.ts'
import type { Resource } from '../core/fhir/resource.ts'

/** What the policy keeps from a caller of what others hold, as it does of what is stored here. */
export type KeptBack = {
  /** `system|code` */
  labels: readonly string[]
  degrees: readonly AddressDegree[]
  /** Of this patient no address is told. */
  isAddressWithheld: boolean
}

export function keptFrom(access: Access, isAddressWithheld: boolean): KeptBack {
  const roles = rolesOfPerson(access)
  return { labels: hiddenLabels(roles), degrees: hiddenDegrees(roles), isAddressWithheld }
}

/**
 * What was found elsewhere, as the caller may see it.
 * @returns `shown`: without what bears a label that hides it, and without addresses where they are withheld; `labelled`: what was left out so
 */
export function asShown<T extends FhirResource>(found: readonly T[], kept: KeptBack): { shown: T[]; labelled: T[] } {
  const labelled = found.filter((one) => bearsOneOf(one as Resource, kept.labels))
  return {
    labelled,
    shown: found
      .filter((one) => !labelled.includes(one))
      .map((one) => (tellsWithheld(one as Resource, kept) ? (withoutPlaces(one as Resource) as unknown as T) : one)),
  }
}

const containedIn = ({ contained }: Resource): Resource[] => listOf<Resource>(contained)

/** Others write one where FHIR has a list, and something else where it has an object. */
const listOf = <T extends object>(value: unknown): T[] =>
  [value].flat().filter((one): one is T => typeof one === 'object' && one !== null)

/** A label that does not say its system may be any. */
function bearsOneOf(resource: Resource, labels: readonly string[]): boolean {
  const codes = labels.map((label) => label.slice(label.lastIndexOf('|') + 1))
  return [resource, ...containedIn(resource)].some((one) =>
    listOf<Coding>(one.meta?.security).some(({ system, code = '' }) =>
      system ? labels.includes(`${system}|${code}`) : codes.includes(code),
    ),
  )
}

/** Others may know of a protection that is not known here. */
const tellsWithheld = (resource: Resource, { isAddressWithheld, degrees }: KeptBack): boolean =>
  isAddressWithheld || containedIn(resource).some((one) => degreesOf(one).some((degree) => degrees.includes(degree)))

/** Who they are is known here; where they live, or are met, is not told. */
const PEOPLE_AND_PLACES = new Set(['Patient', 'Person', 'RelatedPerson', 'Location'])

/** Without the people and the places that it contains, without where it is done, and without narratives, which may say it again. */
function withoutPlaces(resource: Resource): Resource {
  const contained = containedIn(resource)
  const gone = new Set(
    contained.flatMap(({ resourceType, id }) => (PEOPLE_AND_PLACES.has(resourceType) ? [`#${id}`] : [])),
  )
  const left = contained
    .filter(({ resourceType }) => !PEOPLE_AND_PLACES.has(resourceType))
    .map(({ text: _narrative, ...one }) => one)
  const { text: _text, contained: _contained, ...rest } = resource
  const meta = { ...rest.meta, security: listOf(rest.meta?.security), tag: listOf(rest.meta?.tag) }
  const copy = without({ ...rest, meta, ...(left.length > 0 ? { contained: left } : {}) }, gone) as Resource
  const shown = withheld(copy)
  if (isWithheld(shown)) return shown
  const { security = [], tag = [] } = shown.meta ?? {}
  return { ...shown, meta: { ...shown.meta, security: [...security, REDACTED], tag: [...tag, SUBSETTED] } }
}

/** Without `location`, and without references to what is gone. */
function without(value: unknown, gone: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, gone))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      name === 'location' || (name === 'reference' && gone.has(String(member))) ? [] : [[name, without(member, gone)]],
    ),
  )
}
