import type { Coding, Extension } from '@medplum/fhirtypes'
import type { Resource } from '../../core/fhir/resource.ts'

/** Degrees by which an address may be protected (beskyttelsesinstruksen §4); known as kode 7 and kode 6 before. */
export type AddressDegree = 'fortrolig' | 'strengtFortrolig'

/**
 * Where the degree of a person stands in `meta.security`: as the national profiles write it (gd-Person names its value set as the
 * system), and by the code system of the addresses themselves.
 */
const DEGREE_SYSTEMS: ReadonlySet<string | undefined> = new Set([
  'http://ehelse.no/fhir/ValueSet/gd-person-addressprotection',
  'http://ehelse.no/fhir/CodeSystem/gd-person-addressprotection',
  'http://ehelse.no/fhir/CodeSystem/gd-address-confidentiality',
])
/** Folkeregisteret's codes. A client's address (klientadresse) is kept as what is confidential is. */
const DEGREE_OF: Readonly<Record<string, AddressDegree>> = {
  fortrolig: 'fortrolig',
  klientadresse: 'fortrolig',
  strengtFortrolig: 'strengtFortrolig',
}
/** The extension of one Address, or the part of it that says so: `confidentiality` within gd-address-metadata. */
const CONFIDENTIALITY = /(?:^|[/-])confidentiality$/

/** Types that may say that an address is protected: people, and the places where somebody lives. */
export const PROTECTED_TYPES: ReadonlySet<string> = new Set([
  'Patient',
  'RelatedPerson',
  'Person',
  'Practitioner',
  'Location',
])

export const isDegreeLabel = ({ system, code }: Coding): boolean =>
  DEGREE_SYSTEMS.has(system) && code !== undefined && Object.hasOwn(DEGREE_OF, code)

/**
 * The degrees that a resource claims for its addresses, each once: by a label, or by the extension of an Address. A place that is
 * somebody's home does not say whose, so it is as protected as a home can be.
 */
export function degreesOf(resource: Resource): AddressDegree[] {
  if (!PROTECTED_TYPES.has(resource.resourceType)) return []
  const labels = listOf<Coding>(resource.meta?.security)
    .filter(isDegreeLabel)
    .map(({ code = '' }) => DEGREE_OF[code])
  const addresses = [resource.address, ...listOf<{ address?: unknown }>(resource.contact).map(({ address }) => address)]
  const marks = addresses.flatMap((one) => listOf<Marked>(one)).flatMap(({ extension }) => degreesIn(extension))
  const home = isHome(resource) ? (['strengtFortrolig'] as const) : []
  return [...new Set([...labels, ...marks, ...home])].filter((degree) => degree !== undefined)
}

type Marked = { extension?: Extension[] }

const degreesIn = (extensions: Extension[] | undefined): AddressDegree[] =>
  listOf<Extension>(extensions).flatMap((one) => {
    const code = one.valueCode ?? one.valueCoding?.code ?? one.valueCodeableConcept?.coding?.[0]?.code ?? ''
    const own = CONFIDENTIALITY.test(one.url ?? '') && Object.hasOwn(DEGREE_OF, code) ? DEGREE_OF[code] : undefined
    return [...(own ? [own] : []), ...degreesIn(one.extension)]
  })

/** v3-RoleCode PTRES: patient's residence; location-physical-type ho: house. */
function isHome({ resourceType, type, physicalType }: Resource): boolean {
  if (resourceType !== 'Location') return false
  const codes = [...listOf<Concept>(type), ...listOf<Concept>(physicalType)].flatMap(({ coding = [] }) => coding)
  return codes.some(({ code }) => code === 'PTRES' || code === 'ho')
}
type Concept = { coding?: Coding[] }

const listOf = <T>(value: unknown): T[] => (value === undefined || value === null ? [] : [value].flat()) as T[]
