import type { AuditEvent, CodeableConcept, Coding, Reference } from '@medplum/fhirtypes'
import { withoutVersion } from '../audit/block.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { fold } from '../search/fold.ts'
import type { DateValue, Filter, ReferenceValue, StringMatch, TokenValue } from '../search/search-filter.ts'

/** What R4's search parameters of AuditEvent find in one. https://hl7.org/fhir/R4/auditevent.html#search */
const CODES: Record<string, (event: AuditEvent) => (Coding | undefined)[]> = {
  action: ({ action }) => [{ code: action as string }],
  'agent-role': ({ agent }) => agent.flatMap(({ role = [] }) => role.flatMap(codingsOf)),
  altid: ({ agent }) => agent.map(({ altId }) => (altId === undefined ? undefined : { code: altId })),
  'entity-role': ({ entity = [] }) => entity.map(({ role }) => role),
  'entity-type': ({ entity = [] }) => entity.map(({ type }) => type),
  outcome: ({ outcome }) => [{ code: outcome as string }],
  site: ({ source }) => [{ code: source.site as string }],
  subtype: ({ subtype = [] }) => subtype,
  type: ({ type }) => [type],
}
const REFERENCES: Record<string, (event: AuditEvent) => (string | undefined)[]> = {
  agent: ({ agent }) => agent.map(({ who }) => who?.reference ?? systemOf(who)),
  entity: ({ entity = [] }) => entity.map(({ what }) => what?.reference ?? what?.identifier?.value),
  patient: ({ agent, entity = [] }) =>
    [...agent.map(({ who }) => who?.reference), ...entity.map(({ what }) => what?.reference)].filter((one) =>
      one?.startsWith('Patient/'),
    ),
  source: ({ source }) => [source.observer.reference],
}
const STRINGS: Record<string, (event: AuditEvent) => (string | undefined)[]> = {
  address: ({ agent }) => agent.map(({ network }) => network?.address),
  'agent-name': ({ agent }) => agent.map(({ name, who }) => name ?? who?.display),
  'entity-name': ({ entity = [] }) => entity.map(({ name }) => name),
}
const URIS: Record<string, (event: AuditEvent) => string[]> = {
  policy: ({ agent }) => agent.flatMap(({ policy = [] }) => policy),
}

/** What AuditEvents are searched by. */
export const AUDIT_PARAMETERS: ReadonlySet<string> = new Set([
  ...['_id', '_lastUpdated', 'date'],
  ...[CODES, REFERENCES, STRINGS, URIS].flatMap(Object.keys),
])

const codingsOf = ({ coding = [] }: CodeableConcept): Coding[] => coding
/** A client or a worker of our own is no resource; it is looked for as if it were one. */
function systemOf(who: Reference | undefined): string | undefined {
  const name = who?.identifier?.value
  return name === undefined ? undefined : `${who?.type ?? 'Client'}/${name}`
}

/**
 * Whether an event is what was asked for.
 * @throws Refusal not-supported, for what the audit cannot be asked: chains, text, value sets
 */
export function matches(event: AuditEvent, filter: Filter): boolean {
  switch (filter.kind) {
    case 'id':
      return filter.ids.includes(event.id ?? '') !== filter.not
    case 'lastUpdated':
      return filter.values.some((value) => isWithin(event.meta?.lastUpdated as string, value))
    case 'date':
      return filter.values.some((value) => isWithin(event.recorded as string, value))
    case 'token':
      return CODES[codeOf(filter)]
        ? valuesOf(CODES, filter, event).some((coding) => filter.values.some((value) => isCode(coding, value))) !==
            filter.not
        : cannot(filter.parameter.code)
    case 'reference':
      return (
        valuesOf(REFERENCES, filter, event).some((one) => filter.values.some((value) => isReference(one, value))) !==
        filter.not
      )
    case 'string':
      return valuesOf(STRINGS, filter, event).some((text) =>
        filter.values.some((value) => isText(text, value, filter.match)),
      )
    case 'uri':
      if (filter.match !== 'equal') return cannot(filter.parameter.code)
      return valuesOf(URIS, filter, event).some((uri) => filter.values.includes(uri)) !== filter.not
    case 'missing': {
      const tables = [CODES, REFERENCES, STRINGS, URIS].find((table) => codeOf(filter) in table)
      return (tables ? valuesOf<unknown>(tables, filter, event).length === 0 : false) === filter.missing
    }
    case 'all':
      return filter.filters.every((one) => matches(event, one))
    case 'any':
      return filter.filters.some((one) => matches(event, one))
    case 'not':
      return !matches(event, filter.filter)
    default:
      return cannot('parameter' in filter ? filter.parameter.code : `_${filter.kind}`)
  }
}

/** A filter that no event can be judged by is refused before any is looked at. @throws Refusal not-supported */
export function mustBeSupported(filters: readonly Filter[]): void {
  for (const filter of filters) matches(NO_EVENT, filter)
}

const NO_EVENT: AuditEvent = {
  resourceType: 'AuditEvent',
  meta: { lastUpdated: '1970-01-01T00:00:00Z' },
  type: {},
  recorded: '1970-01-01T00:00:00Z',
  agent: [],
  source: { observer: {} },
}

const codeOf = ({ parameter }: { parameter: { code: string } }) => parameter.code

function valuesOf<T>(
  table: Record<string, (event: AuditEvent) => (T | undefined)[]>,
  filter: { parameter: { code: string } },
  event: AuditEvent,
): T[] {
  const values = table[filter.parameter.code]
  if (!values) return cannot(filter.parameter.code)
  return values(event).filter((one) => one !== undefined)
}

function cannot(name: string): never {
  throw refuse('not-supported', `The audit cannot be searched by ${name} in this way.`, name)
}

function isCode({ system = '', code }: Coding, value: TokenValue): boolean {
  if (value.ofType) return false
  return (value.system === undefined || value.system === system) && (value.code === undefined || value.code === code)
}

function isReference(reference: string, value: ReferenceValue): boolean {
  switch (value.kind) {
    case 'typed': {
      const named = `${value.type}/${value.id}`
      return value.version === undefined
        ? withoutVersion(reference) === named
        : reference === `${named}/_history/${value.version}`
    }
    case 'untyped':
      return withoutVersion(reference).split('/').at(-1) === value.id
    case 'url':
      return reference === value.url
    case 'identifier':
    case 'identifierSystem':
      return cannot('identifier')
  }
}

function isText(text: string, value: string, match: StringMatch): boolean {
  const [folded, wanted] = [fold(text), fold(value)]
  switch (match) {
    case 'exact':
      return text === value
    case 'contains':
      return folded.includes(wanted)
    case 'starts':
      return folded.startsWith(wanted)
    case 'ends':
      return folded.endsWith(wanted)
    case 'equals':
      return folded === wanted
  }
}

/** https://hl7.org/fhir/R4/search.html#prefix; an instant is within an interval or on one side of it. */
function isWithin(instant: string, { prefix, interval }: DateValue): boolean {
  const at = Date.parse(instant)
  const low = interval.low === '-infinity' ? Number.NEGATIVE_INFINITY : Date.parse(interval.low)
  const high = interval.high === 'infinity' ? Number.POSITIVE_INFINITY : Date.parse(interval.high)
  switch (prefix) {
    case 'eq':
    case 'ap':
      return at >= low && at < high
    case 'ne':
      return at < low || at >= high
    case 'gt':
    case 'sa':
      return at >= high
    case 'lt':
    case 'eb':
      return at < low
    case 'ge':
      return at >= low
    case 'le':
      return at < high
  }
}
