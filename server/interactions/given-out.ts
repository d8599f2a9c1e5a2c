import type { Access } from '../access/access.ts'
import { patientsIn } from '../audit/patients-in.ts'
import type { AuditedRequest, Care } from '../audit/record.ts'
import type { Change } from '../store/change.ts'
import type { Store, StoreTransaction, Version } from '../store/store.ts'

/** What one request has got from the store, or changed there: for the audit. */
export type GivenOut = {
  /** Ids of the patients whose data it was. */
  patients: Set<string>
  types: Set<string>
  /** Something was written, and with it its own record. */
  isWritten: boolean
}

export type Watching = {
  access: Access
  given: GivenOut
  request: AuditedRequest
  baseUrl: string
  /** How the caller has to do with these patients. */
  careOf: (patients: readonly string[]) => Promise<Care[]>
}

/**
 * The store as one request sees it: whatever it finds for the caller is put down in `given`, whether it is sent or not, and what it
 * writes bears the request. What this server looks up for itself on the way is not the caller's.
 */
export function watchGiven(store: Store, watching: Watching): Store {
  return {
    ...reading(store, watching),
    ...writing(store, watching),
    transact: (work) => store.transact((inside) => work(watchInside(inside, watching))),
  }
}

function watchInside(inside: StoreTransaction, watching: Watching): StoreTransaction {
  const { see } = seeing(watching)
  return {
    ...inside,
    ...reading(inside, watching),
    ...writing(inside, watching),
    transact: (work) => inside.transact((within) => work(watchInside(within, watching))),
    findOne: async (access, query) => see(access, await inside.findOne(access, query)),
    readForChange: async (access, type, id) => see(access, await inside.readForChange(access, type, id)),
  }
}

type Seen = Pick<Version, 'type' | 'id' | 'text'>

function seeing({ access, given, baseUrl }: Watching) {
  const put = (found: Seen): void => {
    given.types.add(found.type)
    for (const patient of patientsIn(found, baseUrl)) given.patients.add(patient)
  }
  const isCaller = (by: Access) => by.actor === access.actor && by.clientId === access.clientId
  return {
    see<T extends Seen | undefined>(by: Access, found: T): T {
      if (found && isCaller(by)) put(found)
      return found
    },
    seeAll(by: Access, found: readonly Seen[]): void {
      if (isCaller(by)) for (const one of found) put(one)
    },
  }
}

type Reading = Omit<Store, 'write' | 'writeAll' | 'writeIn' | 'transact'>

function reading(store: Store, watching: Watching): Reading {
  const { see, seeAll } = seeing(watching)
  return {
    ...store,
    read: async (access, type, id, letter) => see(access, await store.read(access, type, id, letter)),
    readVersion: async (access, type, id, version) => see(access, await store.readVersion(access, type, id, version)),
    async history(access, type, id, query) {
      const page = await store.history(access, type, id, query)
      seeAll(access, page.versions)
      return page
    },
    async historyOfTypes(access, types, query) {
      const page = await store.historyOfTypes(access, types, query)
      seeAll(access, page.versions)
      return page
    },
    async search(access, query) {
      const page = await store.search(access, query)
      seeAll(access, page.matches)
      seeAll(access, page.included)
      return page
    },
    async searchTypes(access, query) {
      const page = await store.searchTypes(access, query)
      seeAll(access, page.matches)
      seeAll(access, page.included)
      return page
    },
    async record(access, query) {
      const page = await store.record(access, query)
      seeAll(access, page.versions)
      return page
    },
  }
}

type Writing = Pick<Store, 'write' | 'writeAll' | 'writeIn'>

function writing(store: Store, watching: Watching): Writing {
  const { given, request, careOf } = watching
  const { see } = seeing(watching)
  const requestOf = async (changes: Change[]): Promise<AuditedRequest> => {
    const care = await careOf([...new Set(changes.flatMap(patientsOf))])
    return care.length > 0 ? { ...request, care } : request
  }
  const written = (access: Access, version: Version): void => {
    // An answer to a conditional create is what was there before.
    if (version.found) see(access, version)
    else given.isWritten = true
  }
  return {
    async write(access, change, options) {
      const version = await store.write(access, change, { ...options, request: await requestOf([change]) })
      written(access, version)
      return version
    },
    async writeAll(access, changes, options) {
      const versions = await store.writeAll(access, changes, { ...options, request: await requestOf(changes) })
      for (const version of versions) written(access, version)
      return versions
    },
    async writeIn(tx, access, changes, options) {
      const versions = await store.writeIn(tx, access, changes, { ...options, request: await requestOf(changes) })
      for (const version of versions) written(access, version)
      return versions
    },
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
