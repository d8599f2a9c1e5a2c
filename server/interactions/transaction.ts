import { permits } from '../access/reach.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { type Issue, Refusal, refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { type Change, ChangeRefusal } from '../store/change.ts'
import type { Version } from '../store/store.ts'
import { ORDER, runEntry } from './batch.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { bundleText } from './bundle-text.ts'
import { replyEntry } from './entry-reply.ts'
import { matchRoute } from './match-route.ts'
import { notPermitted } from './not-permitted.ts'
import { parseIfMatch, parseIfNoneExist } from './preconditions.ts'
import { wantsBodies } from './prefer.ts'
import { collectLinks, relink } from './relink.ts'

/** An entry that writes, on its way to being a Change. */
type Write = { entry: BundleEntry; type: string; id: string | undefined; resource: Resource | undefined }

/**
 * All entries or none. What one entry makes, the others may refer to by its fullUrl.
 * @throws Refusal that names the entry at fault: `Bundle.entry[2].resource.status`
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
export async function transaction(exchange: Exchange, rooms: Rooms, entries: BundleEntry[]): Promise<Reply> {
  const writes = prepareWrites(exchange, rooms, entries)
  await linkEntries(exchange, rooms, writes)
  const ordered = ORDER.flatMap((methods) => writes.filter(({ entry }) => methods.includes(entry.method)))
  const versions = await writeAll(exchange, rooms, ordered)

  const answers = new Array<string>(entries.length)
  const withBody = wantsBodies(exchange.headers.prefer)
  ordered.forEach(({ entry }, i) => {
    answers[entry.index] = replyEntry(rooms.baseUrl, entry, toReply(entry, versions[i] as Version), withBody)
  })
  for (const entry of entries.filter(({ method }) => method === 'GET' || method === 'HEAD')) {
    const reply = await runEntry(exchange, rooms, entry).catch((error) => rethrowFor(entry.index, error))
    answers[entry.index] = replyEntry(rooms.baseUrl, entry, reply, withBody)
  }
  return { status: 200, text: bundleText({ type: 'transaction-response' }, answers) }
}

function toReply({ method }: BundleEntry, version: Version): Reply {
  if (method === 'DELETE') return version.versionId > 0 ? { status: 204, version } : { status: 204 }
  return { status: version.interaction === 'create' && !version.found ? 201 : 200, located: true, version }
}

/** Every entry that writes, permitted and valid; all that is wrong is told at once. */
function prepareWrites({ access }: Exchange, rooms: Rooms, entries: BundleEntry[]): Write[] {
  const issues: Issue[] = []
  const targets = new Map<string, number>()
  const writes = entries.flatMap((entry): Write[] => {
    try {
      if (entry.method === 'GET' || entry.method === 'HEAD') return []
      const { route, type, id } = matchRoute(rooms.routes, rooms.definitions, entry.method, entry.path)
      if (!route.letter || !WRITING.has(route.interaction)) {
        throw refuse('not-supported', `${entry.method} ${entry.path} cannot be part of a transaction.`)
      }
      if (!permits(access, type, route.letter)) throw notPermitted(type, route.letter)
      const target = `${type}/${id}`
      const first = targets.get(target)
      if (id !== '' && first !== undefined) {
        throw refuse(
          'invalid',
          `${target} is changed by entry ${first} already; a transaction may name a resource once.`,
        )
      }
      targets.set(target, entry.index)
      if (entry.method === 'DELETE') return [{ entry, type, id, resource: undefined }]
      const { resource } = rooms.validate(entry.resource, type)
      if (id !== '' && resource.id !== id) {
        throw refuse(
          'invalid',
          `The resource's id is ${JSON.stringify(resource.id)}, the URL says "${id}".`,
          `${type}.id`,
        )
      }
      return [{ entry, type, id: id === '' ? undefined : id, resource }]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      issues.push(...issuesOf(entry.index, error))
      return []
    }
  })
  if (issues.length > 0) throw new Refusal(issues, issues.every(({ code }) => code === 'forbidden') ? 403 : undefined)
  return writes
}

const WRITING = new Set(['create', 'update', 'delete'])

/**
 * Gives an id to each entry that another one refers to, and puts it where the fullUrl stood. Patients come first, because
 * the id of what belongs to a patient says the patient's bucket.
 */
async function linkEntries({ access }: Exchange, { store, definitions }: Rooms, writes: Write[]): Promise<void> {
  const fullUrls = new Set(writes.flatMap(({ entry: { fullUrl } }) => (fullUrl === undefined ? [] : [fullUrl])))
  const used = new Set<string>()
  for (const { resource } of writes) if (resource) collectLinks(resource, (link) => fullUrls.has(link), used)
  if (used.size === 0) return

  const targets = new Map<string, string>()
  const patientsFirst = [...writes].sort((a, b) => Number(b.type === 'Patient') - Number(a.type === 'Patient'))
  for (const write of patientsFirst) {
    const { entry, type, resource } = write
    if (entry.fullUrl === undefined || !used.has(entry.fullUrl) || !resource) continue
    if (write.id === undefined && entry.headers.ifNoneExist !== undefined) {
      // What the condition finds is what the others mean. The store asks once more, inside the transaction.
      const found = await store.search(access, parseIfNoneExist(definitions, type, entry.headers.ifNoneExist))
      if (found.matches.length === 1) write.id = found.matches[0]?.id
    }
    if (write.id === undefined) {
      relink(resource, targets)
      write.id = store.newId(resource)
    }
    targets.set(entry.fullUrl, `${type}/${write.id}`)
  }
  for (const { resource } of writes) relink(resource, targets)
}

async function writeAll({ access }: Exchange, rooms: Rooms, writes: Write[]): Promise<Version[]> {
  const changes = writes.map(({ entry, type, id, resource }): Change => {
    const ifMatch = parseIfMatch(entry.headers.ifMatch)
    if (!resource) return { interaction: 'delete', type, id: id ?? '', ifMatch }
    if (entry.method === 'PUT') return { interaction: 'update', resource, id: id ?? '', ifMatch }
    const { ifNoneExist } = entry.headers
    const unless = ifNoneExist === undefined ? undefined : parseIfNoneExist(rooms.definitions, type, ifNoneExist)
    return { interaction: 'create', resource, ...(id ? { id } : {}), ...(unless ? { unless } : {}) }
  })
  try {
    return await rooms.store.writeAll(access, changes)
  } catch (error) {
    if (error instanceof ChangeRefusal) return rethrowFor(writes[error.changeIndex]?.entry.index ?? 0, error)
    throw error
  }
}

function rethrowFor(index: number, error: unknown): never {
  if (!(error instanceof Refusal)) throw error
  throw new Refusal(issuesOf(index, error), error.status)
}

/** The issues of one entry, with the entry's place before each element's: `Observation.status` → `Bundle.entry[1].resource.status`. */
function issuesOf(index: number, { issues }: Refusal): Issue[] {
  const at = `Bundle.entry[${index}]`
  return issues.map((issue) => ({
    ...issue,
    expression: issue.expression?.map((path) => `${at}.resource${path.replace(/^[A-Za-z]+/, '')}`) ?? [at],
  }))
}
