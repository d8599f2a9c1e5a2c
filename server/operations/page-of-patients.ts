import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { compartmentToken } from '../search/token-hash.ts'
import { type EverythingPage, everythingPage, type Wanted } from './everything-page.ts'

/** A page that has come to so many patients ends there, however little they have. */
const PATIENT_COUNT_MAX = 50

/**
 * A page of the records of every patient that the caller may see, one patient after the other, newest first. What stands in the
 * records of two patients comes with each of them; how many there are in all is not counted.
 * @throws Refusal forbidden, value
 * @see https://hl7.org/fhir/R4/patient-operation-everything.html
 */
export async function pageOfPatients(
  exchange: Exchange,
  rooms: Rooms,
  { types, cursor, ...wanted }: Omit<Wanted, 'isCounted'> & { types: string[] },
): Promise<EverythingPage> {
  if (!permits(exchange.access, 'Patient', 's')) throw notPermitted('Patient', 's')
  const pages: EverythingPage[] = []
  let place: Place | undefined = parsePlace(cursor)
  let room = wanted.count
  for (let visited = 0; place && room > 0 && visited < PATIENT_COUNT_MAX; visited++) {
    const found: { id: string | undefined; next: string | undefined } = await patientAt(exchange, rooms, place)
    const { id } = found
    if (id === undefined) break
    const page = await everythingPage(
      exchange,
      rooms,
      { type: 'Patient', id, types, tokens: [compartmentToken(id)] },
      { ...wanted, ...(place.record === '' ? {} : { cursor: place.record }), count: room, isCounted: false },
    ).catch(ifGone)
    pages.push(page)
    room -= page.matches.length
    place = placeAfter(place, page.next, found.next)
  }
  return {
    matches: pages.flatMap(({ matches }) => matches),
    included: once(pages.flatMap(({ included }) => included)),
    ...(place ? { next: `${place.patients}~${place.record}` } : {}),
  }
}

/** Where a page begins: the cursor of the search whose first match is the patient, and that within the patient's record. */
type Place = { patients: string; record: string }

const parsePlace = (cursor = '~'): Place => {
  const [patients, record, ...more] = cursor.split('~')
  if (patients === undefined || record === undefined || more.length > 0) {
    throw refuse('value', '_cursor is not from a link of these records.', '_cursor')
  }
  return { patients, record }
}

const placeAfter = ({ patients }: Place, inRecord: string | undefined, next: string | undefined): Place | undefined => {
  if (inRecord !== undefined) return { patients, record: inRecord }
  return next === undefined ? undefined : { patients: next, record: '' }
}

async function patientAt({ access }: Exchange, { store, definitions }: Rooms, { patients }: Place) {
  const params = new URLSearchParams({ _count: '1', ...(patients === '' ? {} : { _cursor: patients }) })
  const { matches, next } = await store.search(access, parseSearch(definitions, 'Patient', params, 'strict'))
  return { id: matches[0]?.id, next }
}

/** Deleted, or closed to the caller, since it was found. */
function ifGone(error: unknown): EverythingPage {
  const isGone = error instanceof Refusal && error.issues.some(({ code }) => code === 'deleted' || code === 'not-found')
  if (!isGone) throw error
  return { matches: [], included: [] }
}

const once = <T extends { type: string; id: string }>(found: T[]): T[] => [
  ...new Map(found.map((one) => [`${one.type}/${one.id}`, one])).values(),
]
