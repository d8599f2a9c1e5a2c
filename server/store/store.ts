import type { Access } from '../access/access.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { AuditedRequest } from '../audit/record.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Tx } from '../db/pool.ts'
import type { TypesQuery } from '../search/compile-types.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { Change } from './change.ts'
import type { WriteItem } from './decide.ts'
import { chooseBucket } from './fresh.ts'
import { type HistoryPage, type HistoryQuery, historyOfResource, historyOfTypes } from './history.ts'
import { type MetaInUse, metaInUse } from './meta-in-use.ts'
import { readResource, readVersion } from './read.ts'
import { createReader } from './read-together.ts'
import { type RecordPage, type RecordQuery, recordPage } from './record.ts'
import { type Judgement, judge } from './relations/judge.ts'
import { type Ties, tiesTo } from './relations/ties.ts'
import { type MaySee, whoMaySee } from './relations/who-may-see.ts'
import { createKeys, toServerId } from './resource-key.ts'
import type { ReaderRooms, StoreRooms } from './rooms.ts'
import { type SearchPage, searchPage, searchTypesPage } from './search.ts'
import { type SeenAsked, type SeenVersion, seenVersions, type VersionKey } from './seen-versions.ts'
import { inside, type StoreTransaction } from './transaction.ts'
import type { Version } from './version.ts'
import { createWriter, type Writer } from './write.ts'

export type WriteOptions = {
  /** How many decisions of the engine led to this write; 0 for a caller's own. */
  depth?: number
  /** The request that it belongs to, for the audit. */
  request?: AuditedRequest
}

/** The truth in PostgreSQL. Every function takes the Access first, so nothing leaves or changes without one. */
export type Store = {
  /**
   * @param letter what the caller is about to do with it: read it, or change what it reads
   * @throws Refusal not-found (also for what the caller may not see), deleted
   */
  read(access: Access, type: string, id: string, letter?: 'r' | 'u'): Promise<Version>
  /** @throws Refusal not-found, deleted (the version that is a deletion) */
  readVersion(access: Access, type: string, id: string, versionId: string): Promise<Version>
  /** One resource's versions, newest first, deletions included. @throws Refusal not-found */
  history(access: Access, type: string, id: string, query: HistoryQuery): Promise<HistoryPage>
  /** The same for all resources of these types. */
  historyOfTypes(access: Access, types: readonly string[], query: HistoryQuery): Promise<HistoryPage>
  search(access: Access, query: SearchQuery): Promise<SearchPage>
  /** Several types at once, by what all types have. */
  searchTypes(access: Access, query: TypesQuery): Promise<SearchPage>
  /** Which of these versions the caller may see, and a search would have found when each was the current one. For who is told of changes. */
  seen(access: Access, asked: SeenAsked, keys: readonly VersionKey[]): Promise<SeenVersion[]>
  /** One page of what belongs to a patient or an encounter, of all types, as far as the caller's searches reach. */
  record(access: Access, query: RecordQuery): Promise<RecordPage>
  /** How a person stands to some patients: relations, and whether something is closed. For the audit, and for those who ask why. */
  ties(access: Access, patients: readonly string[]): Promise<Ties>
  /** Everybody who may see something of a patient now. Whoever asks says themselves whether the caller may know. */
  whoMaySee(patient: string): Promise<MaySee[]>
  /** What of the decision holds for one resource, part by part. For an administrator who asks why. */
  judge(access: Access, type: string, id: string, letter: ScopeLetter): Promise<Judgement>
  /** Every profile, label and tag in use among what the caller may search. @throws Refusal too-costly */
  metaInUse(access: Access, types: readonly string[]): Promise<MetaInUse>
  /**
   * One write. Writes that come at the same time are committed together, each with its own answer and its own failure.
   * An update without any difference is still a new version. Resolves only after the commit is on disk.
   */
  write(access: Access, change: Change, options?: WriteOptions): Promise<Version>
  /** All or nothing, in one transaction of its own. @throws ChangeRefusal, which says which change is refused */
  writeAll(access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
  /** The same inside a transaction that the caller has opened, such as the engine's, which also moves its cursor there. */
  writeIn(tx: Tx, access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]>
  /**
   * Several reads and writes as one: all or nothing, and with the criteria of conditional interactions looked up where they count.
   * Runs again when another transaction was in its way, so `work` must begin afresh each time and reach nobody outside.
   */
  transact<T>(work: (inside: StoreTransaction) => Promise<T>): Promise<T>
  /** An id for a resource that is to be created, for a Bundle whose other entries must refer to it. It says the patient's bucket. */
  newId(resource: Resource): string
  /** The same for what will belong to this patient alone, whatever it is. @param patient id of a Patient */
  newIdFor(patient: string): string
}

export type { Change } from './change.ts'
export type { HistoryPage, HistoryQuery } from './history.ts'
export type { RecordPage, RecordQuery } from './record.ts'
export type { Judgement } from './relations/judge.ts'
export type { Ties } from './relations/ties.ts'
export type { SearchPage } from './search.ts'
export type { SeenAsked, SeenVersion, VersionKey } from './seen-versions.ts'
export type { StoreTransaction } from './transaction.ts'
export type { Found, Version } from './version.ts'

export function createStore(rooms: StoreRooms): Store {
  const nextKey = createKeys(rooms.slot)
  const writer = createWriter(rooms, nextKey)
  const readTogether = createReader(rooms)
  return {
    ...reading(rooms, nextKey),
    read: (access, type, id, letter = 'r') =>
      letter === 'r' ? readTogether(access, type, id) : readResource(rooms, access, type, id, letter),
    write: (access, change, options) => writer.write(itemOf(access, change, options)),
    writeAll: (access, changes, options) => writer.writeAll(changes.map((change) => itemOf(access, change, options))),
    writeIn: (tx, access, changes, options) =>
      writer.writeIn(
        tx,
        changes.map((change) => itemOf(access, change, options)),
      ),
    transact: (work) =>
      writer.transact((tx) => {
        const within = { ...rooms, pool: tx, lanes: undefined }
        return work(inside(within, tx, storeWithin(within, tx, writer, nextKey)))
      }),
  }
}

const itemOf = (access: Access, change: Change, { depth = 0, request }: WriteOptions = {}): WriteItem => ({
  ...{ access, change, depth, request },
})

/** The store whose every read and write is part of `tx`. */
function storeWithin(rooms: ReaderRooms, tx: Tx, writer: Writer, nextKey: () => string): Store {
  const writeIn: Store['writeIn'] = (_tx, access, changes, options) =>
    writer.writeIn(
      tx,
      changes.map((change) => itemOf(access, change, options)),
    )
  const store: Store = {
    ...reading(rooms, nextKey),
    write: async (access, change, options) => (await writeIn(tx, access, [change], options))[0] as Version,
    writeAll: (access, changes, options) => writeIn(tx, access, changes, options),
    writeIn,
    transact: (work) => work(inside(rooms, tx, store)),
  }
  return store
}

type Reading = Omit<Store, 'write' | 'writeAll' | 'writeIn' | 'transact'>

function reading(rooms: ReaderRooms, nextKey: () => string): Reading {
  return {
    read: (access, type, id, letter) => readResource(rooms, access, type, id, letter),
    readVersion: (access, type, id, versionId) => readVersion(rooms, access, type, id, versionId),
    history: (access, type, id, query) => historyOfResource(rooms, access, { type, id }, query),
    historyOfTypes: (access, types, query) => historyOfTypes(rooms, access, types, query),
    search: (access, query) => searchPage(rooms, access, query),
    searchTypes: (access, query) => searchTypesPage(rooms, access, query),
    seen: (access, asked, keys) => seenVersions(rooms, access, asked, keys),
    record: (access, query) => recordPage(rooms, access, query),
    metaInUse: (access, types) => metaInUse(rooms, access, types),
    ties: (access, patients) => tiesTo(rooms, access, patients),
    whoMaySee: (patient) => whoMaySee(rooms, patient),
    judge: (access, type, id, letter) => judge(rooms, access, { type, id }, letter),
    newIdFor: (patient) => {
      const rk = nextKey()
      return toServerId({ bucket: chooseBucket(patient, rk), rk })
    },
    newId: (resource) => {
      const rk = nextKey()
      const patient = resource.resourceType === 'Patient' ? null : rooms.index(resource).patient
      return toServerId({ bucket: chooseBucket(patient, rk), rk })
    },
  }
}
