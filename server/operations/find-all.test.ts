import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Rooms } from '../exchange.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { findAll } from './find-all.ts'

const ACCESS: Access = { actor: 'Practitioner/n', clientId: 'app', scopes: parseScopes('user/*.rs') }
const definitions = loadDefinitions()

/** A store with so many Observations, which gives them out as it is asked, a page each time. */
function storeWith(count: number) {
  const asked: SearchQuery[] = []
  const store = {
    search: (_access: Access, query: SearchQuery) => {
      asked.push(query)
      const from = Number(query.cursor ?? 0)
      const until = Math.min(from + query.count, count)
      const matches = Array.from({ length: until - from }, (_, i) => {
        const id = String(from + i)
        return { type: 'Observation', id, text: JSON.stringify({ resourceType: 'Observation', id }) }
      })
      return Promise.resolve({ matches, included: [], ...(until < count ? { next: String(until) } : {}) })
    },
  }
  return { rooms: { store, definitions } as unknown as Rooms, asked }
}

test('all that a search finds, page by page, in its order', async () => {
  const { rooms, asked } = storeWith(2_345)
  const found = await findAll(rooms, ACCESS, 'Observation', { patient: 'Patient/p' })
  expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 2_345 }, (_, i) => String(i)))
  expect(asked).toHaveLength(3)
})

test('no more than is enough', async () => {
  const { rooms, asked } = storeWith(2_345)
  expect(await findAll(rooms, ACCESS, 'Observation', { patient: 'Patient/p' }, 7)).toHaveLength(7)
  expect(asked.map(({ count }) => count)).toEqual([7])
})

test('more than one call can hold is refused, and never silently less', async () => {
  const all = await findAll(storeWith(10_000).rooms, ACCESS, 'Observation', { patient: 'Patient/p' })
  expect(all).toHaveLength(10_000)
  const tooMany = findAll(storeWith(10_001).rooms, ACCESS, 'Observation', { patient: 'Patient/p' })
  await expect(tooMany).rejects.toMatchObject({
    issues: [{ code: 'too-costly', diagnostics: expect.stringContaining('more than 10000 Observation') }],
  })
})
