import type { Access } from '../access/access.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { inTurns } from '../turns.ts'
import { parseCriteria } from './criteria.ts'
import { rethrowFor } from './entry-issues.ts'
import { placeOf } from './place-of.ts'
import { relink } from './relink.ts'
import type { Write } from './transaction-writes.ts'

const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(.+)$/s
const RESTFUL = /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/

/**
 * Gives an id to each entry that another one refers to, and puts it where the link stood; searches that stand as references
 * become what they find. Patients come first, because the id of what belongs to a patient says the patient's bucket.
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export async function linkEntries(access: Access, rooms: Rooms, writes: Write[]): Promise<void> {
  const { used, searches } = await collectLinks(rooms, writes)
  const targets = await findTargets(access, rooms, writes, searches)
  await inTurns(patientsFirst(writes), (write) => {
    const { entry, type, resource } = write
    if (entry.fullUrl === undefined || !used.has(entry.fullUrl)) return
    if (write.id === undefined && resource) {
      relinkEntry(rooms, write, resource, targets)
      write.id = rooms.store.newId(resource)
    }
    if (write.id !== undefined) targets.set(entry.fullUrl, `${type}/${write.id}`)
  })
  if (targets.size === 0) return
  await inTurns(writes, (write) => {
    if (write.resource) relinkEntry(rooms, write, write.resource, targets)
  })
}

const patientsFirst = (writes: Write[]): Write[] =>
  writes.toSorted((a, b) => Number(b.type === 'Patient') - Number(a.type === 'Patient'))

function relinkEntry(rooms: Rooms, write: Write, resource: Resource, targets: ReadonlyMap<string, string>): void {
  relink(rooms.definitions, resource, (link) => targets.get(link) ?? targets.get(absolute(write, link)))
}

/** A relative reference inside an entry whose fullUrl is one of a REST server means that server. https://hl7.org/fhir/R4/bundle.html#references */
function absolute({ entry: { fullUrl = '' } }: Write, link: string): string {
  const root = RESTFUL.exec(fullUrl)?.[1]
  return root && /^[A-Z][A-Za-z]+\/[^/]+$/.test(link) ? root + link : ''
}

type Links = {
  /** The fullUrls that an entry refers to. */
  used: Set<string>
  /** References that are searches, and the first entry that has each. */
  searches: Map<string, Write>
}

async function collectLinks({ definitions }: Rooms, writes: Write[]): Promise<Links> {
  const fullUrls = new Set(writes.map(({ entry }) => entry.fullUrl))
  const used = new Set<string>()
  const searches = new Map<string, Write>()
  await inTurns(writes, (write) => {
    if (!write.resource) return
    relink(definitions, write.resource, (link) => {
      if (fullUrls.has(link)) used.add(link)
      else if (CONDITIONAL.test(link)) searches.set(link, searches.get(link) ?? write)
      else if (fullUrls.has(absolute(write, link))) used.add(absolute(write, link))
      return undefined
    })
  })
  return { used, searches }
}

/** What each search finds: one resource, stored or about to be by an entry with the same criteria. */
async function findTargets(
  access: Access,
  rooms: Rooms,
  writes: Write[],
  searches: Links['searches'],
): Promise<Map<string, string>> {
  const targets = new Map<string, string>()
  for (const [search, { entry, resource }] of searches) {
    const target = await findTarget(access, rooms, writes, search).catch((error) =>
      rethrowFor(entry.index, error instanceof Refusal && resource ? ofReference(error, resource, search) : error),
    )
    targets.set(search, target)
  }
  return targets
}

/** What is wrong with a search that stands as a reference is wrong where it stands. */
const ofReference = ({ issues, status }: Refusal, resource: Resource, search: string): Refusal =>
  new Refusal(
    issues.map((issue) => ({ ...issue, expression: [placeOf(resource, search)] })),
    status,
  )

async function findTarget(access: Access, rooms: Rooms, writes: Write[], search: string): Promise<string> {
  const [, type = '', params = ''] = CONDITIONAL.exec(search) ?? []
  const query = parseCriteria({ access, type, definitions: rooms.definitions }, new URLSearchParams(params))
  const entry = writes.find(
    ({ criteria, resource }) => resource && criteria?.type === type && criteria.understood === query.understood,
  )
  if (entry) {
    if (entry.id === undefined && entry.resource) entry.id = rooms.store.newId(entry.resource)
    return `${type}/${entry.id}`
  }
  const { matches } = await rooms.store.search(access, { ...query, count: 2 })
  const [first] = matches
  if (!first) throw refuse('not-found', `The reference ${search} finds nothing.`)
  if (matches.length > 1) throw refuse('multiple-matches', `The reference ${search} finds more than one ${type}.`)
  return `${type}/${first.id}`
}
