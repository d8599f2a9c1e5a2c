import type { Access } from '../access/access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'

/** More than one call should hold in its hands. */
const FOUND_COUNT_MAX = 10_000
const PAGE_COUNT = 1_000

/** Search parameters; a list is a parameter that is given several times, all of which must hold. */
export type Criteria = Readonly<Record<string, string | readonly string[]>>

const pairsOf = (criteria: Criteria): [string, string][] =>
  Object.entries(criteria).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))

/**
 * Everything that a search finds, page by page: an operation that works on less than there is, and does not say so, is wrong.
 * @param criteria of the search, without `_count`
 * @param enough   how many of the first are all that is wanted; all of them where it is left out
 * @throws Refusal too-costly where there are more than ten thousand
 */
export async function findAll(
  { store, definitions }: Pick<Rooms, 'store' | 'definitions'>,
  access: Access,
  type: string,
  criteria: Criteria,
  enough = Number.POSITIVE_INFINITY,
): Promise<Resource[]> {
  const _count = String(Math.min(enough, PAGE_COUNT))
  const query = parseSearch(
    definitions,
    type,
    new URLSearchParams([...pairsOf(criteria), ['_count', _count]]),
    'strict',
  )
  const found: Resource[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await store.search(access, { ...query, ...(cursor === undefined ? {} : { cursor }) })
    for (const { text } of page.matches) if (text) found.push(JSON.parse(text) as Resource)
    cursor = page.next
    if (cursor === undefined || found.length >= enough) return found.slice(0, enough)
    if (found.length >= FOUND_COUNT_MAX) throw tooMany(type, criteria)
  }
}

const tooMany = (type: string, criteria: Criteria) =>
  refuse(
    'too-costly',
    `There are more than ${FOUND_COUNT_MAX} ${type} to look at (${new URLSearchParams(pairsOf(criteria))}); ask for less, such as a shorter time.`,
  )
