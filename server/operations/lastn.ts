import type { CodeableConcept } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { bundleText, links, matchEntry } from '../core/fhir/bundle-text.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Rooms } from '../exchange.ts'
import { typeIndex } from '../search/parameters.ts'
import type { Filter } from '../search/search-filter.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { selfLink } from '../store/page-links.ts'
import type { Found } from '../store/store.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

const MAX_MAX = 100
/** As much as is looked at for one answer; beyond it the search must be narrower. */
const LOOKED_AT_MAX = 50_000
const PAGE_COUNT = 200

/**
 * Observation/$lastn: of each code the newest Observations that match a search.
 * https://hl7.org/fhir/R4/observation-operation-lastn.html
 */
export const lastn: Operation = {
  code: 'lastn',
  title: 'Last N Observations',
  description: 'The newest Observations of each code, among those that a search finds.',
  resource: ['Observation'],
  on: ['type'],
  letter: 's',
  takesSearch: true,
  in: [
    {
      name: 'max',
      type: 'integer',
      min: 0,
      max: '1',
      documentation: 'How many of each code, 1 or more; 1 when left out.',
    },
  ],
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'A searchset, newest first in each code.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, lastn)
    const asked = given.count('max') ?? 1
    if (asked < 1) throw refuse('value', 'max says how many of each code: 1 or more.', 'max')
    const max = Math.min(asked, MAX_MAX)
    const { search } = given
    const isOfSomeone = [...search.keys()].some((name) => /^(?:patient|subject)\b/.test(name))
    if (!isOfSomeone) throw refuse('required', '$lastn needs a patient or a subject to look for.', 'patient')
    for (const name of ['_sort', '_count', '_cursor']) search.delete(name)
    for (const name of ['_include', '_revinclude']) {
      if ([...search.keys()].some((key) => key.split(':')[0] === name)) {
        throw refuse('not-supported', `$lastn includes nothing; search by the codes that it finds for ${name}.`, name)
      }
    }
    const understood = parseSearch(rooms.definitions, 'Observation', search, 'strict')
    search.set('_sort', '-date')
    search.set('_count', String(PAGE_COUNT))
    const query = parseSearch(rooms.definitions, 'Observation', search, 'strict')
    const groups = await newestByCode(rooms, exchange.access, query, max)
    const matches = groups.flatMap(({ versions }) => versions)
    const self = await selfLink(rooms, exchange.access, {
      address: `${rooms.baseUrl}/Observation/$lastn`,
      understood: `max=${max}${understood.understood && `&${understood.understood}`}`,
    })
    return {
      status: 200,
      text: bundleText(
        { type: 'searchset', total: matches.length, link: links({ self }) },
        matches.map((version) => matchEntry(rooms.baseUrl, version, 'match')),
      ),
    }
  },
}

/** Observations of one code, by any of the codings that stand for it; those without a coding by their text. */
type Group = { names: Set<string>; versions: Found[] }

/**
 * Walks the index from the newest on. A code that has enough is excluded from then on, so that ten thousand pulse readings are
 * stepped over in the index and not read.
 */
async function newestByCode(rooms: Rooms, access: Access, query: SearchQuery, max: number): Promise<Group[]> {
  const groups: Group[] = []
  let cursor: string | undefined
  for (let lookedAt = 0; lookedAt < LOOKED_AT_MAX; lookedAt += PAGE_COUNT) {
    const page = await rooms.store.search(access, {
      ...query,
      filters: [...query.filters, ...excluding(rooms, groups, max)],
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const version of page.matches) {
      const names = namesOf(version)
      const group = groups.find((one) => names.some((name) => one.names.has(name)))
      if (!group) groups.push({ names: new Set(names), versions: [version] })
      else if (group.versions.length < max) {
        for (const name of names) group.names.add(name)
        group.versions.push(version)
      }
    }
    if (page.next === undefined) return groups
    cursor = page.next
  }
  throw refuse('too-costly', `More than ${LOOKED_AT_MAX} Observations were looked at; narrow the search.`)
}

function excluding({ definitions }: Rooms, groups: Group[], max: number): Filter[] {
  const parameter = typeIndex(definitions, 'Observation').parameters.get('code')
  const values = groups
    .filter(({ versions }) => versions.length >= max)
    .flatMap(({ names }) => [...names])
    .filter((name) => name.startsWith('{'))
    .map((name) => JSON.parse(name) as { system: string; code: string })
  return parameter && values.length > 0 ? [{ kind: 'token', parameter, values, not: true }] : []
}

/** Codings as JSON, which no text begins like. */
function namesOf({ text = '{}' }: Found): string[] {
  const { code } = JSON.parse(text) as { code?: CodeableConcept }
  const codings = (code?.coding ?? []).flatMap(({ system = '', code: one }) =>
    one === undefined ? [] : [JSON.stringify({ system, code: one })],
  )
  return codings.length > 0 ? codings : [`text ${code?.text ?? ''}`]
}
