import type { Definitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import type { FindStored } from '../terminology/terms.ts'
import type { Store } from './store.ts'

/** Versions of one canonical that are told apart; who keeps more names the one that is meant. */
const COUNT_MAX = '50'

/** Terminology that is stored here, as far as the caller's own searches find it. */
export const findTerminology =
  (store: Pick<Store, 'search'>, definitions: Definitions): FindStored =>
  async (access, type, params) => {
    const escaped = Object.entries(params).map(([name, value]) => [name, value.replace(/[\\,|$]/g, '\\$&')])
    const query = new URLSearchParams([...(escaped as [string, string][]), ['_count', COUNT_MAX]])
    const { matches } = await store.search(access, parseSearch(definitions, type, query, 'strict'))
    return matches.map(({ id, text = '{}' }) => ({ name: `${type}/${id}/_history/${versionIdOf(text)}`, text }))
  }

/** The store writes `meta` before everything that is the resource's own. */
const versionIdOf = (text: string) => /"versionId":"([^"]+)"/.exec(text)?.[1]
