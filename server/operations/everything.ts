import { bundleText, links, matchEntry } from '../core/fhir/bundle-text.ts'
import { type Issue, outcomeOf, refuse } from '../core/fhir/outcome.ts'
import { SUPPRESSED } from '../core/fhir/suppressed.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { typeIndex } from '../search/parameters.ts'
import { compartmentToken, referenceToken } from '../search/token-hash.ts'
import { type About, type EverythingPage, everythingPage } from './everything-page.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { pageOfPatients } from './page-of-patients.ts'

const COUNT_DEFAULT = 100
const COUNT_MAX = 1000

const PAGING: Parameter[] = [
  { name: '_since', type: 'instant', min: 0, max: '1', documentation: 'Only what was stored then or later.' },
  { name: '_type', type: 'code', min: 0, max: '*', documentation: 'Only these types; several with commas.' },
  { name: '_count', type: 'integer', min: 0, max: '1', documentation: 'Resources per page, at most 1000.' },
  { name: '_cursor', type: 'string', min: 0, max: '1', documentation: 'From the link next.' },
]

const RETURN: Parameter[] = [
  { name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'A searchset; what is referred to is included.' },
]

/**
 * Patient/$everything: the compartment, and the people, places and things that it refers to; without an id those of the patient
 * whom the token is about, or else of every patient that the caller may see.
 * https://hl7.org/fhir/R4/patient-operation-everything.html
 */
export const patientEverything: Operation = {
  code: 'everything',
  title: 'Everything about a patient',
  description: 'All that is in a patient’s compartment, or in each patient’s, by pages, with what it refers to.',
  resource: ['Patient'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'start', type: 'date', min: 0, max: '1', documentation: 'Care from this date.' },
    { name: 'end', type: 'date', min: 0, max: '1', documentation: 'Care to this date, itself included.' },
    ...PAGING,
  ],
  out: RETURN,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, patientEverything)
    const types = typesGiven(given, rooms)
    const id = exchange.id || exchange.access.patient
    if (id === undefined) return everythingOfAll(exchange, rooms, given, types)
    return everythingAbout(exchange, rooms, given, { type: 'Patient', id, types, tokens: [compartmentToken(id)] })
  },
}

/** https://hl7.org/fhir/R4/encounter-operation-everything.html */
export const encounterEverything: Operation = {
  code: 'everything',
  title: 'Everything of an encounter',
  description: 'All that was recorded in the encounter, by pages, with what it refers to.',
  resource: ['Encounter'],
  on: ['instance'],
  letter: 'r',
  in: PAGING,
  out: RETURN,
  async handler(exchange, rooms) {
    const { id } = exchange
    const given = readGiven(exchange, encounterEverything)
    const types = typesGiven(given, rooms)
    return everythingAbout(exchange, rooms, given, {
      ...{ type: 'Encounter', id, types },
      tokens: encounterTokens(rooms, types, id),
    })
  },
}

/** Who has come here may see the patient. */
const isClosedTo = async ({ access }: Exchange, { store }: Rooms, patient: string): Promise<boolean> =>
  (await store.ties(access, [patient])).closedBy.length > 0

async function everythingAbout(exchange: Exchange, rooms: Rooms, given: Given, about: About): Promise<Reply> {
  const { type, id } = about
  const asked = { ...wantedOf(given), cursor: given.text('_cursor'), isCounted: true }
  const page = await everythingPage(exchange, rooms, about, asked)
  const isClosed = type === 'Patient' && (await isClosedTo(exchange, rooms, id))
  return toReply(exchange, rooms, given, { page, path: `${type}/${id}`, issues: isClosed ? [SUPPRESSED] : [] })
}

async function everythingOfAll(exchange: Exchange, rooms: Rooms, given: Given, types: string[]): Promise<Reply> {
  const page = await pageOfPatients(exchange, rooms, { types, ...wantedOf(given), cursor: given.text('_cursor') })
  return toReply(exchange, rooms, given, { page, path: 'Patient', issues: [] })
}

const wantedOf = (given: Given) => ({
  ...{ since: given.text('_since'), done: doneWithin(given), isEveryType: !given.has('_type') },
  count: Math.max(1, Math.min(given.count('_count') ?? COUNT_DEFAULT, COUNT_MAX)),
})

/** @param answer `path` is where the operation was asked for, below the base */
function toReply(
  { query }: Exchange,
  { baseUrl }: Rooms,
  given: Given,
  { page, path, issues }: { page: EverythingPage; path: string; issues: Issue[] },
): Reply {
  const { matches, included, next, total } = page
  const linkTo = (place?: string) => `${baseUrl}/${path}/$everything${writeQuery(given, query, place)}`
  const members = {
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: links({ self: linkTo(given.text('_cursor')), next: next && linkTo(next) }),
  }
  return {
    status: 200,
    text: bundleText(members, [
      ...matches.map((version) => matchEntry(baseUrl, version, 'match')),
      ...included.map((version) => matchEntry(baseUrl, version, 'include')),
      ...(issues.length > 0 ? [`{"resource":${JSON.stringify(outcomeOf(issues))},"search":{"mode":"outcome"}}`] : []),
    ]),
  }
}

/** What was understood, how the answer is to be written, and the place of the page. */
function writeQuery(given: Given, asked: URLSearchParams, cursor: string | undefined): string {
  const query = new URLSearchParams()
  const put = (name: string, text: string | null | undefined) => text && query.append(name, text)
  for (const name of ['start', 'end', '_since', '_count']) put(name, given.text(name))
  put('_type', given.texts('_type').join(','))
  for (const name of ['_elements', '_summary', '_format']) put(name, asked.get(name))
  put('_cursor', cursor)
  return query.size === 0 ? '' : `?${query}`
}

function typesGiven(given: Given, { definitions }: Rooms): string[] {
  const asked = given.texts('_type').flatMap((text) => text.split(','))
  const unknown = asked.find((type) => !definitions.resourceTypes.has(type))
  if (unknown !== undefined) throw refuse('value', `R4 has no resource type "${unknown}".`, '_type')
  return asked.length > 0 ? [...new Set(asked)] : [...definitions.resourceTypes]
}

function doneWithin(given: Given): { low: string; high: string } | undefined {
  const [start, end] = [given.text('start'), given.text('end')]
  if (start === undefined && end === undefined) return undefined
  const interval = (name: string, text: string) => {
    const parsed = parseDateInterval(text)
    if (!parsed) throw refuse('value', `${name} must be a date, not ${text}.`, name)
    return parsed
  }
  return {
    low: start === undefined ? '-infinity' : interval('start', start).low,
    high: end === undefined ? 'infinity' : interval('end', end).high,
  }
}

/** R4's encounter compartment: what names the encounter as its own. https://hl7.org/fhir/R4/compartmentdefinition-encounter.html */
const ENCOUNTER_CODES = ['encounter', 'context']

function encounterTokens({ definitions }: Rooms, types: string[], id: string): string[] {
  const tokens = types.flatMap((type) =>
    ENCOUNTER_CODES.flatMap((code) => {
      const parameter = typeIndex(definitions, type).parameters.get(code)
      const uses = parameter?.kind === 'reference' ? parameter.keys : []
      return uses
        .filter(({ target }) => target === undefined || target === 'Encounter')
        .map(({ key }) => referenceToken(key.path, `Encounter/${id}`))
    }),
  )
  return [...new Set(tokens)]
}
