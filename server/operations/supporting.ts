import type { Access } from '../access/access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Found } from '../store/store.ts'

/** Who did it, where, and with what. Nothing here is another patient's record. */
const SUPPORTING = new Set([
  ...['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService', 'Endpoint'],
  ...['Medication', 'Substance', 'Device', 'DeviceDefinition'],
])

/** A role leads to a person and an organisation, and that to its parent. */
const ROUND_COUNT_MAX = 3
const PER_PAGE_MAX = 1000

/**
 * What a page of a record refers to, each once, as far as the caller's searches reach.
 * @param page `about` is what the whole record is about; of an encounter its patient is included too
 */
export async function findSupporting(
  { store, definitions, baseUrl }: Rooms,
  access: Access,
  { matches, about, types }: { matches: Found[]; about: Found; types: string[] },
): Promise<Found[]> {
  const wanted = new Set(types)
  const known = new Set(matches.map(nameOf))
  const found: Found[] = []
  const ofAbout = about.type === 'Encounter' && matches.includes(about) ? referencesIn(about, baseUrl) : []
  let names = [
    ...ofAbout.filter((name) => name.startsWith('Patient/')),
    ...matches.flatMap((version) => referencesIn(version, baseUrl)).filter(isSupporting),
  ]
  for (let round = 0; round < ROUND_COUNT_MAX && names.length > 0; round++) {
    const fresh = [...new Set(names)].filter((name) => !known.has(name) && wanted.has(typeOf(name)))
    for (const name of fresh) known.add(name)
    const versions = await Promise.all(
      [...Map.groupBy(fresh.slice(0, PER_PAGE_MAX), typeOf)].map(async ([type, ofType]) => {
        const ids = ofType.map((name) => name.slice(type.length + 1)).join(',')
        const query = new URLSearchParams({ _id: ids, _count: String(PER_PAGE_MAX) })
        return (await store.search(access, parseSearch(definitions, type, query, 'strict'))).matches
      }),
    )
    const seen = versions.flat().filter((version) => !isOfAnotherPatient(version, about))
    found.push(...seen)
    names = seen.flatMap((version) => referencesIn(version, baseUrl)).filter(isSupporting)
  }
  return found
}

const nameOf = ({ type, id }: Found) => `${type}/${id}`
const typeOf = (name: string) => name.slice(0, name.indexOf('/'))
const isSupporting = (name: string) => SUPPORTING.has(typeOf(name))

/** `Type/id` of every literal reference to this server; a version in it is left out. */
export function referencesIn({ text = '' }: Pick<Found, 'text'>, baseUrl: string): string[] {
  return [...text.matchAll(/"reference"\s*:\s*"([^"\\]+)"/g)].flatMap(([, reference = '']) => {
    const local = reference.startsWith(`${baseUrl}/`) ? reference.slice(baseUrl.length + 1) : reference
    const [, name] = /^([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(local) ?? []
    return name === undefined ? [] : [name]
  })
}

/** A device that has moved on to someone else says nothing to this record, and would tell who has it now. */
function isOfAnotherPatient({ type, text }: Found, about: Found): boolean {
  if (type !== 'Device') return false
  const owner = (JSON.parse(text ?? '{}') as Resource & { patient?: { reference?: string } }).patient?.reference
  return owner !== undefined && !(about.type === 'Patient' && owner.endsWith(`Patient/${about.id}`))
}
