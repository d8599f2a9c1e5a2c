import { bundleText } from '../core/fhir/bundle-text.ts'
import { cloneJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { returnOf } from '../core/fhir/prefer.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Exchange, type Reply, type Rooms, withStore } from '../exchange.ts'
import { type Change, ChangeRefusal } from '../store/change.ts'
import { mustBeAt } from '../store/refusals.ts'
import type { StoreTransaction, Version } from '../store/store.ts'
import { inTurns } from '../turns.ts'
import { ORDER, runEntry } from './batch.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { mustBeFree } from './conditional-update.ts'
import { idToUpdate } from './criteria.ts'
import { rethrowFor } from './entry-issues.ts'
import { replyEntry } from './entry-reply.ts'
import { nothingToPatch, patchedResource } from './patch.ts'
import { noneToMatch } from './preconditions.ts'
import { linkEntries } from './transaction-links.ts'
import { claimTarget, prepareWrites, type Write } from './transaction-writes.ts'

/**
 * All entries or none. What one entry makes, the others may refer to by its fullUrl.
 * @throws Refusal that names the entry at fault: `Bundle.entry[2].resource.status`
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
export async function transaction(exchange: Exchange, rooms: Rooms, entries: BundleEntry[]): Promise<Reply> {
  const writes = await prepareWrites(exchange, rooms, entries)
  const reads = entries.filter(({ method }) => method === 'GET' || method === 'HEAD')
  const answers = await (looksAround(writes, reads)
    ? rooms.store.transact((inside) => runInside(exchange, rooms, inside, writes, reads))
    : runPlain(exchange, rooms, writes))
  const ordered = entries.map(({ index }) => answers.get(index) ?? '')
  return { status: 200, text: bundleText({ type: 'transaction-response' }, ordered) }
}

/** Whether something that is stored decides what is written, or is to be read with it. */
const looksAround = (writes: Write[], reads: BundleEntry[]): boolean =>
  reads.length > 0 || writes.some(({ criteria, patch }) => criteria !== undefined || patch !== undefined)

/** The answers by the entries' places in the Bundle. */
type Answers = Map<number, string>

/** Most transactions: what they write is known beforehand, and goes to the database at once. */
async function runPlain(exchange: Exchange, rooms: Rooms, writes: Write[]): Promise<Answers> {
  await linkEntries(exchange.access, rooms, writes)
  return toAnswers(exchange, rooms, await writeAll(exchange, rooms, writes))
}

/** The others: criteria are looked up, patches applied and reads answered inside the one transaction that also writes. */
async function runInside(
  exchange: Exchange,
  outside: Rooms,
  inside: StoreTransaction,
  prepared: Write[],
  reads: BundleEntry[],
): Promise<Answers> {
  const { access } = exchange
  const rooms = withStore(outside, inside)
  // It may run again, so what it changes must be its own.
  const writes = await inTurns(prepared, (write) => ({ ...write, resource: cloneJson(write.resource) }))
  await inside.lockCriteria(writes.flatMap(({ criteria }) => criteria ?? []))
  const answers: Answers = new Map()
  const left: Write[] = []
  const firstOf = new Map<string, Write>()
  const twins = new Map<Write, Write>()
  const deleted = new Set<string>()
  const targets = new Map(writes.flatMap(({ type, id, entry }) => (id ? [[`${type}/${id}`, entry.index]] : [])))
  // What a delete takes away is gone for the creates after it, so deletes are settled first.
  for (const write of inOrder(writes)) {
    try {
      const found = await settle(exchange, rooms, inside, write)
      if (found && !deleted.has(`${found.type}/${found.id}`)) {
        write.id = found.id || undefined
        answers.set(write.entry.index, toEntry(exchange, rooms, write, found))
        continue
      }
      const criteria = criteriaOf(write)
      const first = firstOf.get(criteria)
      if (first) {
        if (first.interaction !== 'create' || write.interaction !== 'create') throw sameCriteria(criteria, first)
        first.id ??= inside.newId(first.resource as Resource)
        write.id = first.id
        twins.set(write, first)
        continue
      }
      if (criteria !== '') firstOf.set(criteria, write)
      claimTarget(targets, write)
      if (write.interaction === 'delete') deleted.add(`${write.type}/${write.id}`)
      left.push(write)
    } catch (error) {
      rethrowFor(write.entry.index, error)
    }
  }
  // What was found is linked to as well, so all take part.
  await linkEntries(access, rooms, writes)
  const versions = await writeAll(exchange, rooms, left)
  for (const [write, first] of twins) versions.set(write, { ...(versions.get(first) as Version), found: true })
  for (const [index, answer] of await toAnswers(exchange, rooms, versions)) answers.set(index, answer)
  const wanted = returnOf(exchange.headers.prefer)
  for (const entry of reads) {
    const reply = await runEntry(exchange, rooms, entry).catch((error) => rethrowFor(entry.index, error))
    answers.set(entry.index, replyEntry(rooms.baseUrl, reply, wanted))
  }
  return answers
}

/** What two entries must not both make: a second create finds what the first has made, an update would make it twice. */
const criteriaOf = ({ interaction, type, criteria }: Write): string =>
  (interaction === 'create' || interaction === 'update') && criteria ? `${type}?${criteria.understood}` : ''

const sameCriteria = (criteria: string, { entry }: Write) =>
  refuse(
    'invalid',
    `${criteria} is what entry ${entry.index} is about already; a transaction may name a resource once.`,
  )

/**
 * Finds out what an entry with criteria or a patch is about.
 * @returns the answer, where nothing needs to be written
 */
async function settle(
  { access }: Exchange,
  rooms: Rooms,
  inside: StoreTransaction,
  write: Write,
): Promise<Version | undefined> {
  const { interaction, type, criteria, resource, ifMatch } = write
  const found = criteria && (await inside.findOne(access, criteria))
  if (criteria) {
    if (interaction === 'create') {
      return found && { ...found, found: true }
    }
    if (!found && ifMatch !== undefined) throw noneToMatch(type, ifMatch)
    if (!found && interaction === 'patch') throw nothingToPatch(type, criteria.understood)
    if (!found && interaction === 'delete') return nothingDeleted(type)
    write.id = idToUpdate(type, resource?.id, found)
    if (!found && write.id !== undefined) await mustBeFree(inside, access, type, write.id)
  }
  if (write.patch && write.id !== undefined) {
    const current = await inside.readForChange(access, type, write.id)
    mustBeAt(current, ifMatch)
    Object.assign(write, patchedResource(rooms, current, write.patch))
  }
  return undefined
}

/** The answer to a delete that found nothing. */
const nothingDeleted = (type: string): Version => ({
  ...{ type, id: '', versionId: 0, lastUpdated: '', interaction: 'delete' },
})

const inOrder = (writes: Write[]): Write[] =>
  ORDER.flatMap((methods) => writes.filter(({ entry }) => methods.includes(entry.method)))

/** Writes in R4's order. */
async function writeAll(exchange: Exchange, rooms: Rooms, writes: Write[]): Promise<Map<Write, Version>> {
  const ordered = inOrder(writes)
  try {
    const versions = await rooms.store.writeAll(exchange.access, ordered.map(toChange))
    return new Map(ordered.map((write, i) => [write, versions[i] as Version]))
  } catch (error) {
    if (error instanceof ChangeRefusal) return rethrowFor(ordered[error.changeIndex]?.entry.index ?? 0, error)
    throw error
  }
}

function toChange({ entry, interaction, type, id, resource, ifMatch }: Write): Change {
  if (interaction === 'delete') return { interaction, type, id: id ?? '', ifMatch }
  if (!resource) throw new Error(`A ${interaction} has come so far without a resource.`)
  if (interaction === 'create' || id === undefined) return { interaction: 'create', resource, ...(id ? { id } : {}) }
  return { interaction: 'update', resource, id, ifMatch, ifNoneMatch: entry.headers.ifNoneMatch }
}

async function toAnswers(exchange: Exchange, rooms: Rooms, versions: ReadonlyMap<Write, Version>): Promise<Answers> {
  const entries = await inTurns([...versions], ([write, version]): [number, string] => [
    write.entry.index,
    toEntry(exchange, rooms, write, version),
  ])
  return new Map(entries)
}

function toEntry(
  { headers }: Exchange,
  { baseUrl }: Rooms,
  { interaction, warnings }: Write,
  version: Version,
): string {
  return replyEntry(baseUrl, { ...toReply(interaction, version), warnings }, returnOf(headers.prefer))
}

function toReply(interaction: Write['interaction'], version: Version): Reply {
  if (interaction === 'delete') return version.versionId > 0 ? { status: 204, version } : { status: 204 }
  return { status: version.interaction === 'create' && !version.found ? 201 : 200, located: true, version }
}
