import type { Library } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { chooseLibrary, type FindLibrary, type Wanted } from '../cql/read-library-set.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Store } from './store.ts'

/** Finds the Libraries that `access` may read, by canonical, by `Library/id`, and by the name that other libraries include them by. */
export function findLibrary(store: Pick<Store, 'search'>, definitions: Definitions, access: Access): FindLibrary {
  const search = async (query: Record<string, string>): Promise<Library[]> => {
    const escaped = Object.entries(query).map(([name, value]) => [name, value.replace(/[\\,|$]/g, '\\$&')])
    const params = new URLSearchParams([...(escaped as [string, string][]), ['_count', '100']])
    const parsed = parseSearch(definitions, 'Library', params, 'strict')
    const { matches } = await store.search(access, parsed)
    return matches.map(({ text }) => JSON.parse(text ?? '{}') as Library)
  }
  return async (wanted) => chooseLibrary(await candidates(search, wanted), wanted)
}

type Search = (query: Record<string, string>) => Promise<Library[]>

async function candidates(search: Search, wanted: Wanted): Promise<Library[]> {
  if ('canonical' in wanted) {
    const [url = ''] = wanted.canonical.split('|')
    const byUrl = await search({ url })
    const [, id] = /^Library\/([A-Za-z0-9.-]+)$/.exec(url) ?? []
    return byUrl.length > 0 || !id ? byUrl : search({ _id: id })
  }
  const { name, version } = wanted
  const byName = await search({ 'name:exact': name, ...(version ? { version } : {}) })
  return byName.length > 0 ? byName : search({ _id: name })
}
