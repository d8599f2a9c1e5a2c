import type { Group } from '@medplum/fhirtypes'
import { notPermitted } from '../access/not-permitted.ts'
import { isSystem, permits } from '../access/reach.ts'
import { agentOf } from '../audit/agent.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseLiteralReference } from '../search/extract-reference.ts'
import { parseSearch } from '../search/search-query.ts'
import type { ExportAsked, ExportJob, ExportPart } from '../store/bulk-export.ts'
import { parseServerId, type ResourceKey, toServerId } from '../store/resource-key.ts'
import { done, inProgress, removed, wantsAsync } from './async-job.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'

const GIVEN: Parameter[] = [
  {
    name: '_outputFormat',
    type: 'string',
    min: 0,
    max: '1',
    documentation: 'application/fhir+ndjson, application/ndjson or ndjson.',
  },
  { name: '_since', type: 'instant', min: 0, max: '1', documentation: 'Only what was stored then or later.' },
  { name: '_type', type: 'string', min: 0, max: '*', documentation: 'Only these types; several with commas.' },
  {
    name: '_typeFilter',
    type: 'string',
    min: 0,
    max: '*',
    documentation:
      'Of a type only what a search finds, such as Observation?category=vital-signs; what any of several for one type finds. Judged by what is stored when the lines are fetched.',
  },
]
const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])
const RETRY_SECONDS = 1
/** Where an export is asked for, below the FHIR base. */
const jobPath = (id: string) => `$exports/${id}`

const common = {
  code: 'export',
  letter: 's' as const,
  isOwn: true,
  in: GIVEN,
  out: [] as Parameter[],
} satisfies Partial<Operation>

/**
 * $export: everything that a system may search, as NDJSON, as it was at one moment. Begun here, and fetched from where the answer says.
 * @throws Refusal forbidden (a person; a type beyond the scopes), required (Prefer: respond-async), value, not-supported
 * @see https://hl7.org/fhir/uv/bulkdata/STU2/export.html
 */
export const systemExport: Operation = {
  ...common,
  title: 'Export everything',
  description: 'Everything that a system may search, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Resource'],
  on: ['system'],
  handler: (exchange, rooms) => begin(exchange, rooms, { operation: systemExport, path: '$export', whose: 'all' }),
}

/** The same of all patients: what is in their compartments. */
export const patientExport: Operation = {
  ...common,
  title: 'Export all patients',
  description: 'What is in the compartments of all patients, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Patient'],
  on: ['type'],
  handler: (exchange, rooms) =>
    begin(exchange, rooms, { operation: patientExport, path: 'Patient/$export', whose: 'patients' }),
}

/** The same of the patients who are members of a Group now. */
export const groupExport: Operation = {
  ...common,
  title: 'Export a group',
  description: 'What is in the compartments of the members of a Group, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Group'],
  on: ['instance'],
  async handler(exchange, rooms) {
    mustBeSystem(exchange)
    const { access, id } = exchange
    const { text = '{}' } = await rooms.store.read(access, 'Group', id)
    const whose = membersOf(JSON.parse(text) as Group, rooms)
    return begin(exchange, rooms, { operation: groupExport, path: `Group/${id}/$export`, whose })
  },
}

function membersOf({ member = [] }: Group, { baseUrl, now }: Rooms): string[] {
  const at = now()
  const current = member.filter(({ inactive, period }) => !inactive && !(period?.end && new Date(period.end) < at))
  return current.flatMap(({ entity }) => {
    const literal = entity?.reference ? parseLiteralReference(entity.reference, baseUrl) : undefined
    return literal?.type === 'Patient' ? [literal.id] : []
  })
}

type Begun = { operation: Operation; path: string; whose: ExportAsked['whose'] }

async function begin(exchange: Exchange, rooms: Rooms, { operation, path, whose }: Begun): Promise<Reply> {
  mustBeSystem(exchange)
  const { access, headers, query } = exchange
  const given = readGiven(exchange, operation)
  if (!wantsAsync(headers.prefer))
    throw refuse('required', 'An export is asked for with the header Prefer: respond-async.', 'Prefer')
  for (const name of ['_elements', '_summary']) {
    if (query.has(name))
      throw refuse('not-supported', `$export takes out whole resources; ${name} is not for it.`, name)
  }
  const format = given.text('_outputFormat') ?? 'ndjson'
  if (!FORMATS.has(format))
    throw refuse('value', `_outputFormat is one of ${[...FORMATS].join(', ')}.`, '_outputFormat')
  const types = typesAsked(exchange, rooms, given.texts('_type'), whose === 'all')
  const filters = filtersAsked(rooms, given.texts('_typeFilter'), types)
  const request = `${rooms.baseUrl}/${path}${query.size > 0 ? `?${query}` : ''}`
  const since = given.text('_since')
  const id = await rooms.bulkExports.begin(access, { request, types, whose, since, filters })
  return { ...waiting(id), audit: { code: 'export' } }
}

/** Whole records leave with it: a program that an administrator has registered for that may, a person not. @throws Refusal forbidden */
function mustBeSystem({ access }: Exchange): void {
  if (isSystem(access) && access.patient === undefined) return
  throw refuse(
    'forbidden',
    'An export is for systems, with scopes such as system/*.rs; people see their lists by search.',
  )
}

/** @throws Refusal forbidden for a type beyond the scopes, which is told at once; value for one that is none of R4, or no patient's */
function typesAsked({ access }: Exchange, { definitions }: Rooms, lists: string[], isWhole: boolean): string[] {
  const asked = lists.flatMap((list) => list.split(',').map((type) => type.trim())).filter(Boolean)
  for (const type of asked) {
    if (!definitions.resourceTypes.has(type)) throw refuse('value', `${type} is no resource type of R4.`, '_type')
    if (!permits(access, type, 's')) throw notPermitted(type, 's')
  }
  const isOf = (type: string) =>
    isWhole || type === 'Patient' || type === 'Device' || definitions.patientCompartment(type).length > 0
  const all = asked.length > 0 ? asked : [...definitions.resourceTypes].filter((type) => permits(access, type, 's'))
  const types = [...new Set(all)].filter(isOf)
  if (types.length > 0) return types
  if (asked.length === 0) throw notPermitted('', 's')
  throw refuse('value', `Nothing of ${asked.join(', ')} is in a patient's compartment.`, '_type')
}

/** They say how a search is answered, and find nothing. */
const OF_THE_ANSWER = new Set([
  ...['_sort', '_count', '_include', '_revinclude', '_summary', '_elements', '_total', '_cursor', '_criteria'],
  ...['_contained', '_containedType', '_format', '_pretty'],
])

/** @returns query strings by type @throws Refusal value for another type than is taken out; what a search of that type is refused with */
function filtersAsked({ definitions }: Rooms, texts: string[], types: string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {}
  for (const text of texts) {
    const [type = '', query = ''] = text.split(/\?(.*)/s)
    if (!types.includes(type))
      throw refuse(
        'value',
        `_typeFilter is a search of a type that is taken out, such as ${types[0]}?…; not of "${type}".`,
        '_typeFilter',
      )
    const params = new URLSearchParams(query)
    const [idle] = [...params.keys()].filter((name) => OF_THE_ANSWER.has(name.split(':')[0] ?? ''))
    if (idle !== undefined)
      throw refuse('value', `${idle} narrows nothing; _typeFilter is a search alone.`, '_typeFilter')
    if (parseSearch(definitions, type, params, 'strict').filters.length === 0)
      throw refuse('value', `_typeFilter narrows ${type} by nothing; expected such as ${type}?_id=1.`, '_typeFilter')
    filters[type] = [...(filters[type] ?? []), query]
  }
  return filters
}

const waiting = (id: string): Reply =>
  inProgress(jobPath(id), 'waiting until all that was being written is written', RETRY_SECONDS)

/** GET $exports/{id}: 202 for a moment, then the manifest. @throws Refusal not-found */
export async function exportStatus({ access, id }: Exchange, { bulkExports, baseUrl }: Rooms): Promise<Reply> {
  const job = await bulkExports.find(access, id)
  if (!job) throw noExport(id)
  if (!job.isSettled) return waiting(id)
  const contents = await bulkExports.contentsOf(access, job)
  if (!contents) throw noExport(id)
  // Whoever has lost a type since the export was ready is not told any more that there is something of it.
  const files = contents.files.filter(({ type }) => permits(access, type, 's'))
  const manifest = {
    ...{ transactionTime: job.transactionTime.toISOString(), request: job.asked.request, requiresAccessToken: true },
    output: files.map(({ type, ...part }) => ({ type, url: `${baseUrl}/${jobPath(id)}/${type}${partQuery(part)}` })),
    ...(contents.hasDeleted ? { deleted: [{ type: 'Bundle', url: `${baseUrl}/${jobPath(id)}/deleted` }] } : {}),
    error: [],
  }
  return done(manifest, job.expiresAt)
}

/** Which part of a type a file has stands in its address: the key of the last resource before it, and of its own last. */
const [AFTER, UNTIL] = ['_after', '_until']

function partQuery({ after, until }: ExportPart): string {
  const query = new URLSearchParams({
    ...(after && { [AFTER]: toServerId(after) }),
    ...(until && { [UNTIL]: toServerId(until) }),
  })
  return query.size > 0 ? `?${query}` : ''
}

/** @throws Refusal value */
function keyIn(query: URLSearchParams, name: string): ResourceKey | undefined {
  const text = query.get(name)
  const key = text === null ? undefined : parseServerId(text)
  if (text !== null && !key) throw refuse('value', `${name} is a place, as the manifest of the export has it.`, name)
  return key
}

/**
 * GET $exports/{id}/{type}: the resources, one a line. What of them the caller may search is asked now.
 * @throws Refusal not-found; value (a part that no manifest has)
 */
export async function exportLines(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { access, id, type, query } = exchange
  const job = await rooms.bulkExports.find(access, id)
  if (!job?.isSettled || !job.asked.types.includes(type)) throw noExport(id)
  if (!permits(access, type, 's')) throw notPermitted(type, 's')
  const part = { after: keyIn(query, AFTER), until: keyIn(query, UNTIL) }
  return { status: 200, lines: linesOf(exchange, rooms, job, part), audit: { code: 'export' } }
}

/** Each page is written down, with its patients, before its first line is sent. */
async function* linesOf(
  { access, origin, type, id }: Exchange,
  { bulkExports, audit }: Rooms,
  job: ExportJob,
  part: ExportPart,
): AsyncGenerator<string> {
  const query = withoutNationalNumbers(`${jobPath(id)}/${type}`)
  for (
    let page = await bulkExports.page(access, job, type, part);
    ;
    page = await bulkExports.page(access, job, type, { ...part, after: page.next })
  ) {
    const { lines, patients } = page
    if (lines.length > 0)
      await audit.note({ code: 'export', agent: agentOf(access), ...origin, types: [type], patients, query })
    yield lines.join('')
    if (!page.next) return
  }
}

/**
 * GET $exports/{id}/deleted: what was deleted since the export before, as Bundles whose entries delete it, one a line.
 * @throws Refusal not-found
 */
export async function exportDeletions({ access, id }: Exchange, { bulkExports }: Rooms): Promise<Reply> {
  const job = await bulkExports.find(access, id)
  if (!job?.isSettled || job.asked.since === undefined) throw noExport(id)
  return { status: 200, lines: deletionsOf(access, bulkExports, job), audit: { code: 'export' } }
}

async function* deletionsOf(
  access: Exchange['access'],
  bulkExports: Rooms['bulkExports'],
  job: ExportJob,
): AsyncGenerator<string> {
  for (let page = await bulkExports.deleted(access, job); ; page = await bulkExports.deleted(access, job, page.next)) {
    const entry = page.references.map((url) => ({ request: { method: 'DELETE', url } }))
    if (entry.length > 0) yield `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`
    if (!page.next) return
  }
}

/** DELETE $exports/{id}: it is not wanted any more. @throws Refusal not-found */
export async function removeExport({ access, id }: Exchange, { bulkExports }: Rooms): Promise<Reply> {
  if (!(await bulkExports.remove(access, id))) throw noExport(id)
  return removed('The export was removed.')
}

const noExport = (id: string) => refuse('not-found', `There is no export ${id} of yours, or its time is over.`)
