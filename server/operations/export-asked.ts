import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { handlingOf } from '../core/fhir/prefer.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseLiteralReference } from '../search/extract-reference.ts'
import { parseSearch } from '../search/search-query.ts'
import type { ExportAsked } from '../store/bulk-export.ts'
import { PROVENANCE } from '../store/export-rows.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { type Operation, type Parameter, part } from './operation.ts'

/** https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters */
export const EXPORT_PARAMETERS: Parameter[] = [
  part('_outputFormat', 'string', 'application/fhir+ndjson, application/ndjson or ndjson.'),
  part('_since', 'instant', 'Only what was stored then or later: the transactionTime of the export before.'),
  part('_type', 'string', 'Only these types; several with commas.', '*'),
  part(
    '_typeFilter',
    'string',
    'Of a type only what a search finds, such as Observation?category=vital-signs; what any of several for one type finds. Judged once, when the export is made ready.',
    '*',
  ),
  part(
    '_elements',
    'string',
    'Of each resource only these elements, such as id,Patient.name; several with commas. What is mandatory, and what changes the meaning of the rest, is always there, and each line is marked as a part (SUBSETTED).',
    '*',
  ),
  part(
    'includeAssociatedData',
    'string',
    'RelevantProvenanceResources: with the Provenances that tell of something of the types that are taken out, although Provenance is not among them. Not for a group, nor for some patients.',
    '*',
  ),
]

/** Of patients alone. */
export const PATIENT_PARAMETER: Parameter = part(
  'patient',
  'Reference',
  'Only of these patients: Patient/[id]. By POST, in a Parameters resource.',
  '*',
)

const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])
const ASSOCIATED = 'RelevantProvenanceResources'

/**
 * What is asked for.
 * @param whose of whom, before the parameter `patient` narrows it
 * @throws Refusal forbidden for a type beyond the scopes, or a patient; value; not-supported for a parameter that there is not, where the
 *   caller does not prefer `handling=lenient`
 */
export async function readExportAsked(
  exchange: Exchange,
  rooms: Rooms,
  { operation, whose }: { operation: Operation; whose: ExportAsked['whose'] },
): Promise<Omit<ExportAsked, 'request'>> {
  const given = readGiven(understoodOf(exchange, operation), operation)
  const format = given.text('_outputFormat') ?? 'ndjson'
  if (!FORMATS.has(format))
    throw refuse('value', `_outputFormat is one of ${[...FORMATS].join(', ')}.`, '_outputFormat')
  const types = typesAsked(exchange, rooms, listsIn(given, '_type'), whose === 'all')
  const filters = filtersAsked(rooms, given.texts('_typeFilter'), types)
  const elements = elementsAsked(rooms, listsIn(given, '_elements'))
  const theirs = await whoseAsked(exchange, rooms, given.texts('patient'), whose)
  const isWithProvenance = isProvenanceAsked(exchange, given, { types, whose: theirs })
  return {
    ...{ types: isWithProvenance ? [...types, PROVENANCE] : types, filters, since: given.text('_since') },
    whose: theirs,
    ...(elements.length > 0 ? { elements } : {}),
    ...(isWithProvenance ? { isWithProvenance } : {}),
  }
}

const listsIn = (given: Given, name: string): string[] =>
  given.texts(name).flatMap((list) =>
    list
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )

/** What the operation knows; the rest is left out where the caller prefers that to a refusal. `_summary` is no way to ask for parts here. */
function understoodOf({ query, body, headers }: Exchange, operation: Operation): Pick<Exchange, 'query' | 'body'> {
  const isKnown = (name: string) => operation.in.some((parameter) => parameter.name === name)
  if (handlingOf(headers.prefer, 'strict') === 'strict') {
    if (query.has('_summary'))
      throw refuse(
        'not-supported',
        '$export takes out whole resources, or _elements of them, and no _summary.',
        '_summary',
      )
    return { query, body }
  }
  const { parameter, ...rest } = (body ?? {}) as { parameter?: unknown }
  // What is no parameter at all is refused where the others are read.
  const isLeft = (one: { name?: unknown } | null) => typeof one?.name !== 'string' || isKnown(one.name)
  return {
    query: new URLSearchParams([...query].filter(([name]) => isKnown(name))),
    body: Array.isArray(parameter) ? { ...rest, parameter: parameter.filter(isLeft) } : body,
  }
}

/** @throws Refusal forbidden for a type beyond the scopes, which is told at once; value for one that is none of R4, or no patient's */
function typesAsked({ access }: Exchange, { definitions }: Rooms, asked: string[], isWhole: boolean): string[] {
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

/** `id` of every type, `Patient.name` of one. @throws Refusal value */
function elementsAsked({ definitions }: Rooms, elements: string[]): string[] {
  for (const element of elements) {
    const [, type, name] = /^(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z]*)$/.exec(element) ?? []
    if (name === undefined || (type !== undefined && !definitions.resourceTypes.has(type)))
      throw refuse(
        'value',
        `_elements names elements of resources, such as id or Patient.name, not "${element}".`,
        '_elements',
      )
  }
  return elements
}

function isProvenanceAsked(
  { access }: Exchange,
  given: Given,
  { types, whose }: Pick<ExportAsked, 'types' | 'whose'>,
): boolean {
  const asked = listsIn(given, 'includeAssociatedData')
  const other = asked.find((one) => one !== ASSOCIATED)
  if (other !== undefined)
    throw refuse(
      'not-supported',
      `includeAssociatedData can be ${ASSOCIATED}, not "${other}".`,
      'includeAssociatedData',
    )
  if (asked.length === 0 || types.includes(PROVENANCE)) return false
  if (!permits(access, PROVENANCE, 's')) throw notPermitted(PROVENANCE, 's')
  // Whose it is stands in what a Provenance tells of, not in itself.
  if (Array.isArray(whose))
    throw refuse(
      'not-supported',
      'includeAssociatedData is for all patients, or for everything; not for some patients.',
      'includeAssociatedData',
    )
  return true
}

/**
 * @throws Refusal value for what is no reference to a Patient, or names one who is no member of the group; what the reading of one who is
 *   not there is refused with
 */
async function whoseAsked(
  { access, query }: Exchange,
  { store, baseUrl }: Rooms,
  references: string[],
  whose: ExportAsked['whose'],
): Promise<ExportAsked['whose']> {
  if (references.length === 0) return whose
  if (query.has('patient'))
    throw refuse(
      'value',
      'patient is given by POST, in a Parameters resource: an address must not name people.',
      'patient',
    )
  const ids = references.map((reference) => {
    const literal = parseLiteralReference(reference, baseUrl)
    if (literal?.type !== 'Patient')
      throw refuse('value', `patient is a reference such as Patient/1, not "${reference}".`, 'patient')
    return literal.id
  })
  const stranger = Array.isArray(whose) && ids.find((id) => !whose.includes(id))
  if (stranger) throw refuse('value', `Patient/${stranger} is no member of the group now.`, 'patient')
  for (const id of new Set(ids)) await store.read(access, 'Patient', id)
  return [...new Set(ids)]
}
