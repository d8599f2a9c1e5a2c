import { engineAccess } from '../access/engine-access.ts'
import { reachOf } from '../access/reach.ts'
import type { AuditRecord } from '../audit/record.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { openLog } from '../log.ts'
import { createIndexer } from '../search/indexer.ts'
import { hasPatientColumn } from '../search/parameters.ts'
import { parseSearch } from '../search/search-query.ts'
import { createAccessRows } from '../store/relations/create-access-rows.ts'
import { createStore, type Store } from '../store/store.ts'
import type { Receiver } from './message.ts'
import type { ReadingRooms } from './read-as-receiver.ts'
import type { SenderRooms } from './sender.ts'

const BASE_URL = 'http://localhost/fhir'
export const TESTER = engineAccess('test')

/** What a test of a sender stands on: a database, a store, a clock that is put forward by hand. */
export type TestGround = {
  database: TestDatabase
  store: Store
  search: ReadingRooms['search']
  /** Writes each of them, under its id. */
  put(...resources: object[]): Promise<void>
  /** Everything that a turn of the sender needs. @param note is told what is audited */
  roomsFor(receiver: Receiver, note: (...records: AuditRecord[]) => Promise<void>): SenderRooms
}

export async function startTestGround(now: () => Date): Promise<TestGround> {
  const definitions = loadDefinitions()
  const database = await startTestDatabase()
  const indexer = createIndexer(() => definitions, { baseUrl: BASE_URL })
  const accessRows = createAccessRows(() => definitions, BASE_URL)
  const store = createStore({
    ...{ pool: database.pool, index: (resource) => indexer.index(resource), reachOf, slot: 1, baseUrl: BASE_URL },
    accessRows,
    reaching: { now, hasPatient: (type) => hasPatientColumn(definitions, type), filtersOf: () => undefined },
    ...{ onCommit: () => {}, now },
  })
  return {
    ...{ database, store },
    search: async (access, type, parameters) => {
      const query = parseSearch(definitions, type, new URLSearchParams(parameters), 'strict')
      return (await store.search(access, query)).matches.map(({ text }) => JSON.parse(text ?? '{}'))
    },
    async put(...resources) {
      await store.writeAll(
        TESTER,
        resources.map((one) => ({
          interaction: 'update',
          resource: one as Resource,
          id: String((one as Resource).id),
        })),
      )
    },
    roomsFor: (receiver, note) => ({
      ...{ pool: database.pool, store, accessRows, log: openLog('silent'), now, onCommit: () => {} },
      ...{ receivers: [receiver], chance: () => 0, audit: { note } },
    }),
  }
}
