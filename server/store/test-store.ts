import { reachOf } from '../access/reach.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { createIndexer } from '../search/indexer.ts'
import { hasPatientColumn } from '../search/parameters.ts'
import type { Reaching } from '../search/search-scope.ts'
import { createAccessRows } from './relations/create-access-rows.ts'
import type { StoreRooms } from './rooms.ts'
import { createScopeFilters } from './scope-filters.ts'
import { createStore, type Store } from './store.ts'

type Given = Pick<StoreRooms, 'pool' | 'baseUrl'> &
  Partial<StoreRooms> & { definitions: Definitions; filtersOf?: Reaching['filtersOf'] }

/** A store that decides on access as the server's does: by role, relation, restriction and scope. Whatever is given takes its place. */
export function createDecidingStore({ definitions, filtersOf, now = () => new Date(), ...given }: Given): Store {
  const indexer = createIndexer(() => definitions, { baseUrl: given.baseUrl })
  const filters = createScopeFilters(
    () => definitions,
    async () => [],
  )
  return createStore({
    ...{ reachOf, slot: 1, now, onCommit: () => {}, index: (resource) => indexer.index(resource) },
    accessRows: createAccessRows(() => definitions, given.baseUrl),
    reaching: {
      ...{ now, hasPatient: (type) => hasPatientColumn(definitions, type) },
      filtersOf: filtersOf ?? filters.filtersOf,
    },
    ...given,
  })
}
