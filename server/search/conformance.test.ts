import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SearchParameter } from '@medplum/fhirtypes'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { withSearchParameters } from '../definitions/with-search-parameters.ts'
import { createTestStore, type TestStore } from './test-store.ts'

// Public test material that lies beside a developer's checkout and is no part of this project. Without it the name of the first test says so.
const MATERIAL = join(import.meta.dirname, '../../../shared/conformance/search')
const isThere = existsSync(MATERIAL)

type Case = {
  request: string
  method?: string
  status?: number | number[]
  match?: string[]
  include?: string[]
  ordered?: boolean | 'partial'
  tiesFreely?: unknown
  followNext?: boolean
  optional?: boolean
  headers?: Record<string, string>
  expect?: unknown
}
type Suite = {
  suite: string
  searchParameters?: SearchParameter[]
  setup?: Resource[]
  delete?: string[]
  cases: Case[]
}

/** What we answer otherwise, and why. */
const DEVIATIONS: [suite: string, request: RegExp, reason: string][] = [
  [
    'lfh-number',
    /decimal=(lt|gt)9999e-2|decimal=gt99\.99499|decimal=eb(99\.99499|100)/,
    'a stored 99.99 is that number, not a range: lt and gt compare with "exactly" the value',
  ],
  ['lfh-quantity', /Quantity=((lt|gt)25\|\|s|sa24[|.]|eb25\.5)/, 'the same: a stored 25 is 25'],
  ['lfh-quantity', /withExponent=((lt|gt)1\.2e2|120|le1e2|sa1e2)/, 'the same: a stored 1.2e2 is 120'],
  ['terminology-modifiers', /:(in|not-in|above|below)=/, 'to come with the terminology service'],
]

let database: TestDatabase
let store: TestStore
const suites: Suite[] = isThere
  ? readdirSync(MATERIAL)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(MATERIAL, file), 'utf8')) as Suite)
  : []

beforeAll(async () => {
  const base = loadDefinitions()
  const added = suites.flatMap(({ searchParameters }) => searchParameters ?? [])
  database = await startTestDatabase()
  store = createTestStore(database.pool, withSearchParameters(base, added))
  for (const suite of suites) await setUp(suite)
})
afterAll(() => database.stop())

async function setUp({ setup = [], delete: deleted = [] }: Suite): Promise<void> {
  await store.insert(...setup)
  for (const name of deleted) {
    const [type = '', id = ''] = name.split('/')
    await store.remove(type, id)
  }
}

/** What this room answers by itself: searches of one type by GET; the rest is for the journeys over HTTP. */
function isOurs({ request, method, expect, match, status }: Case): boolean {
  return (
    method !== 'POST' &&
    !expect &&
    /^[A-Z][A-Za-z]+(\?|$)/.test(request) &&
    (match !== undefined || status !== undefined)
  )
}

async function passes({
  request,
  headers,
  include,
  match,
  status,
  ordered,
  tiesFreely,
  followNext,
}: Case): Promise<boolean> {
  const strict = JSON.stringify(headers ?? {}).includes('handling=strict')
  const url = request.replaceAll('+', '%2B') + (request.includes('_count') ? '' : '&_count=1000')
  const wanted = match?.map((name) => name.slice(name.indexOf('/') + 1))
  const isRefusal = status !== undefined && ![status].flat().includes(200)
  try {
    const pages = await store.pages(url, undefined, strict ? 'strict' : 'lenient')
    if (isRefusal) return false
    const found = followNext ? pages.flat() : (pages[0] ?? [])
    const matches = wanted === undefined || sameIds(found, wanted, ordered === true && !tiesFreely)
    if (!matches || include === undefined) return matches
    return sameIds(await store.included(url, () => ({ kind: 'all' })), include, false)
  } catch (error) {
    if (error instanceof Refusal) return isRefusal
    throw error
  }
}

const sameIds = (found: string[], wanted: string[], inOrder: boolean): boolean =>
  JSON.stringify(inOrder ? found : found.toSorted()) === JSON.stringify(inOrder ? wanted : wanted.toSorted())

test(`one search stands for all cases where they are not at hand${isThere ? '; here they are' : ''}`, async () => {
  await store.insert({ resourceType: 'Patient', id: 'only-here', gender: 'other' })
  expect(await store.search('Patient?gender=other&_id=only-here')).toEqual(['Patient/only-here'])
})

if (isThere)
  test.each(suites.map((suite) => [suite.suite, suite] as const))('%s', async (name, { cases }) => {
    const judged = cases.filter((one) => isOurs(one) && !one.optional)
    const failed: string[] = []
    for (const one of judged) if (!(await passes(one))) failed.push(one.request)
    const deviates = (request: string) => DEVIATIONS.some(([suite, pattern]) => suite === name && pattern.test(request))
    expect(failed.filter((request) => !deviates(request))).toEqual([])
    // A deviation that is none any more must leave the list.
    expect(DEVIATIONS.filter(([suite, pattern]) => suite === name && !failed.some((one) => pattern.test(one)))).toEqual(
      [],
    )
  })
