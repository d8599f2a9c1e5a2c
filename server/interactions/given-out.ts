import type { Access } from '../access/access.ts'
import { patientsIn } from '../audit/patients-in.ts'
import type { AuditedRequest, Care } from '../audit/record.ts'
import type { Accessed } from '../exchange.ts'
import type { Change } from '../store/change.ts'
import type { HistoryPage, SearchPage, Store, StoreTransaction, Version, WriteOptions } from '../store/store.ts'

/** What one request has got from the store, or changed there: for the audit. */
export type GivenOut = {
  /** Ids of the patients whose data it was. */
  patients: Set<string>
  types: Set<string>
  /** Of types that some plan waits for the reading of: what the caller has got to see. */
  accessed: Accessed[]
  /** Something was written, and with it its own record. */
  isWritten: boolean
}

export type Watching = {
  access: Access
  given: GivenOut
  request: AuditedRequest
  baseUrl: string
  /** Whether some plan waits for the reading of this type. */
  hears: (type: string) => boolean
  /** How the caller has to do with these patients. */
  careOf: (patients: readonly string[]) => Promise<Care[]>
}

type Seen = Pick<Version, 'type' | 'id' | 'text'>

/**
 * The store as one request sees it: whatever it finds for the caller is put down in `given`, whether it is sent or not, and what it
 * writes bears the request. What this server looks up for itself on the way is not the caller's. A class, because each request makes one.
 */
export class WatchedStore<S extends Store = Store> implements Store {
  protected readonly store: S
  protected readonly watching: Watching

  constructor(store: S, watching: Watching) {
    this.store = store
    this.watching = watching
  }

  async read(...given: Parameters<Store['read']>): Promise<Version> {
    return this.see(given[0], await this.store.read(...given))
  }

  async readVersion(...given: Parameters<Store['readVersion']>): Promise<Version> {
    return this.see(given[0], await this.store.readVersion(...given))
  }

  async history(...given: Parameters<Store['history']>): Promise<HistoryPage> {
    const page = await this.store.history(...given)
    this.seeAll(given[0], page.versions)
    return page
  }

  async historyOfTypes(...given: Parameters<Store['historyOfTypes']>): Promise<HistoryPage> {
    const page = await this.store.historyOfTypes(...given)
    this.seeAll(given[0], page.versions)
    return page
  }

  async search(...given: Parameters<Store['search']>): Promise<SearchPage> {
    const page = await this.store.search(...given)
    this.seeAll(given[0], page.matches)
    this.seeAll(given[0], page.included)
    return page
  }

  async searchTypes(...given: Parameters<Store['searchTypes']>): Promise<SearchPage> {
    const page = await this.store.searchTypes(...given)
    this.seeAll(given[0], page.matches)
    this.seeAll(given[0], page.included)
    return page
  }

  async seen(...given: Parameters<Store['seen']>): ReturnType<Store['seen']> {
    const found = await this.store.seen(...given)
    this.seeAll(
      given[0],
      found.map(({ seen }) => seen),
    )
    return found
  }

  async record(...given: Parameters<Store['record']>): ReturnType<Store['record']> {
    const page = await this.store.record(...given)
    this.seeAll(given[0], page.versions)
    return page
  }

  async write(access: Access, change: Change, options?: WriteOptions): Promise<Version> {
    const version = await this.store.write(access, change, await this.with([change], options))
    this.written(access, [version])
    return version
  }

  async writeAll(access: Access, changes: Change[], options?: WriteOptions): Promise<Version[]> {
    const versions = await this.store.writeAll(access, changes, await this.with(changes, options))
    this.written(access, versions)
    return versions
  }

  async writeIn(...[tx, access, changes, options]: Parameters<Store['writeIn']>): Promise<Version[]> {
    const versions = await this.store.writeIn(tx, access, changes, await this.with(changes, options))
    this.written(access, versions)
    return versions
  }

  transact<T>(work: (inside: StoreTransaction) => Promise<T>): Promise<T> {
    return this.store.transact((inside) => work(new WatchedTransaction(inside, this.watching)))
  }

  ties(...given: Parameters<Store['ties']>): ReturnType<Store['ties']> {
    return this.store.ties(...given)
  }

  whoMaySee(...given: Parameters<Store['whoMaySee']>): ReturnType<Store['whoMaySee']> {
    return this.store.whoMaySee(...given)
  }

  judge(...given: Parameters<Store['judge']>): ReturnType<Store['judge']> {
    return this.store.judge(...given)
  }

  metaInUse(...given: Parameters<Store['metaInUse']>): ReturnType<Store['metaInUse']> {
    return this.store.metaInUse(...given)
  }

  newId(...given: Parameters<Store['newId']>): string {
    return this.store.newId(...given)
  }

  newIdFor(patient: string): string {
    return this.store.newIdFor(patient)
  }

  /** The same for an entry of a Bundle, which tells itself what it has given: only it knows how it was answered. */
  unheard(): WatchedStore {
    return new WatchedStore(this.store, { ...this.watching, hears: NOTHING_HEARD })
  }

  protected see<T extends Seen | undefined>(by: Access, found: T): T {
    if (found) this.seeAll(by, [found])
    return found
  }

  private seeAll(by: Access, found: readonly Seen[]): void {
    const { access, given, baseUrl, hears } = this.watching
    if (by.actor !== access.actor || by.clientId !== access.clientId) return
    for (const one of found) {
      given.types.add(one.type)
      const patients = patientsIn(one, baseUrl)
      if (hears(one.type)) given.accessed.push({ text: one.text, patients })
      for (const patient of patients) given.patients.add(patient)
    }
  }

  /** An answer to a conditional create is what was there before. */
  private written(access: Access, versions: readonly Version[]): void {
    for (const version of versions) {
      if (version.found) this.see(access, version)
      else this.watching.given.isWritten = true
    }
  }

  private async with(changes: readonly Change[], options?: WriteOptions): Promise<WriteOptions> {
    const { request, careOf, access } = this.watching
    if (!access.standing) return { ...options, request }
    const care = await careOf([...new Set(changes.flatMap(patientsOf))])
    return { ...options, request: care.length > 0 ? { ...request, care } : request }
  }
}

const NOTHING_HEARD = () => false

class WatchedTransaction extends WatchedStore<StoreTransaction> implements StoreTransaction {
  override unheard(): WatchedTransaction {
    return new WatchedTransaction(this.store, { ...this.watching, hears: NOTHING_HEARD })
  }

  lockCriteria(...given: Parameters<StoreTransaction['lockCriteria']>): Promise<void> {
    return this.store.lockCriteria(...given)
  }

  hold(...given: Parameters<StoreTransaction['hold']>): Promise<void> {
    return this.store.hold(...given)
  }

  async findOne(...given: Parameters<StoreTransaction['findOne']>): Promise<Version | undefined> {
    return this.see(given[0], await this.store.findOne(...given))
  }

  async readForChange(...given: Parameters<StoreTransaction['readForChange']>): Promise<Version> {
    return this.see(given[0], await this.store.readForChange(...given))
  }
}

/** Of whom a resource is that is about to be written, as far as it says so itself. */
function patientsOf(change: Change): string[] {
  if (change.interaction === 'delete') return change.type === 'Patient' ? [change.id] : []
  const { resource } = change
  if (resource.resourceType === 'Patient') return resource.id ? [resource.id] : []
  const { subject, patient, for: whom } = resource as { subject?: unknown; patient?: unknown; for?: unknown }
  return [subject, patient, whom].flatMap((one) => {
    const { reference } = (one ?? {}) as { reference?: unknown }
    const id = typeof reference === 'string' ? /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference)?.[1] : undefined
    return id ? [id] : []
  })
}
