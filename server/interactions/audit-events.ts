import type { AuditEvent } from '@medplum/fhirtypes'
import type { Place } from '../audit/find-records.ts'
import { type AuditReach, askedBlocks, auditReach, seenEvent } from '../audit-trail/audit-event-query.ts'
import { bundleText, links, matchEntry } from '../core/fhir/bundle-text.ts'
import { stringifyJson } from '../core/fhir/json.ts'
import { outcomeOf, refuse } from '../core/fhir/outcome.ts'
import { handlingOf } from '../core/fhir/prefer.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { nextLink, selfLink } from '../store/page-links.ts'
import { findEvents } from './find-audit-events.ts'
import { appendOnly } from './receive-audit-event.ts'

/** FHIR read of an AuditEvent, which is no stored resource but a record of the audit. @throws Refusal not-found */
export async function readAuditEvent({ access, id }: Exchange, rooms: Rooms): Promise<Reply> {
  const reach = auditReach(access, rooms.definitions, 'r')
  const found = await rooms.auditTrail.find(id)
  const event = found && seenEvent(found, reach, rooms.baseUrl)
  // One that was received is read by the id that it came with.
  if (event?.id !== id) throw refuse('not-found', `There is no AuditEvent/${id}.`)
  return { status: 200, text: stringifyJson(event) }
}

/**
 * FHIR search of AuditEvents, newest first, as far as the caller may see them.
 * @throws Refusal not-supported: for chains, includes, and orders other than by time
 * @see https://hl7.org/fhir/R4/auditevent.html#search
 */
export async function searchAuditEvents(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  return searchset(exchange, rooms, 'AuditEvent', exchange.query)
}

/** The same in a patient's compartment. */
export async function searchAuditEventsOf(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const query = new URLSearchParams([...exchange.query, ['patient', exchange.id]])
  return searchset(exchange, rooms, `Patient/${exchange.id}/AuditEvent`, query)
}

/** What is in the audit stays as it is. @throws Refusal not-supported (405) */
export const auditIsAppendOnly: Handler = async () => {
  throw appendOnly(['GET', 'HEAD', 'POST'])
}

async function searchset(
  { access, headers }: Exchange,
  rooms: Rooms,
  path: string,
  params: URLSearchParams,
): Promise<Reply> {
  const query = parseSearch(rooms.definitions, 'AuditEvent', params, handlingOf(headers.prefer))
  const page = await findPage(rooms, query, auditReach(access, rooms.definitions, 's'))
  const address = `${rooms.baseUrl}/${path}`
  const self = await selfLink(rooms, access, { address, understood: query.understood })
  const next = page.next && nextLink(self, page.next)
  const entries = page.events.map((event) =>
    matchEntry(rooms.baseUrl, { type: 'AuditEvent', id: event.id ?? '', text: stringifyJson(event) }, 'match'),
  )
  if (query.issues.length > 0)
    entries.push(`{"resource":${JSON.stringify(outcomeOf(query.issues))},"search":{"mode":"outcome"}}`)
  const total = page.total === undefined ? {} : { total: page.total }
  return { status: 200, text: bundleText({ type: 'searchset', ...total, link: links({ self, next }) }, entries) }
}

type EventPage = { events: AuditEvent[]; next?: string; total?: number }

async function findPage(rooms: Rooms, query: SearchQuery, reach: AuditReach): Promise<EventPage> {
  if (query.includes.length > 0)
    throw refuse('not-supported', 'The audit has no includes; what it names is read by itself.', '_include')
  const blocks = { ...askedBlocks(query.filters, reach), order: orderOf(query) }
  const found = (after?: Place) => findEvents(rooms, { ...blocks, ...(after ? { after } : {}) }, query, reach)
  const isCounted = query.summary === 'count' || query.count === 0 || COUNTED.has(query.total ?? 'none')
  const wanted = query.summary === 'count' ? 0 : query.count
  const page: EventPage = { events: [] }
  if (wanted > 0) {
    let last: Place | undefined
    for await (const { event, place } of found(query.cursor === undefined ? undefined : parseCursor(query.cursor))) {
      if (page.events.length === wanted) {
        if (last) page.next = toCursor(last)
        break
      }
      page.events.push(event)
      last = place
    }
  }
  if (!isCounted) return page
  let total = 0
  for await (const _one of found()) total++
  return { ...page, total }
}

const COUNTED = new Set(['accurate', 'estimate'])

function orderOf({ sort: [first, ...others] }: SearchQuery): 'newest' | 'oldest' {
  if (!first) return 'newest'
  const isByTime = first.by === '_lastUpdated' || (typeof first.by === 'object' && first.by.code === 'date')
  if (!isByTime || others.length > 0)
    throw refuse('not-supported', 'The audit is sorted by time alone: _sort=date or _sort=-date.', '_sort')
  return first.descending ? 'newest' : 'oldest'
}

const toCursor = ({ recordedAt, chain, block, index }: Place): string => [recordedAt, chain, block, index].join('~')

function parseCursor(cursor: string): Place {
  const [, recordedAt, chain, block, index] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(\d{1,19})~(\d{1,9})~(\d{1,6})$/.exec(cursor) ?? []
  if (recordedAt === undefined || chain === undefined || Number.isNaN(Date.parse(recordedAt)))
    throw refuse('value', '_cursor is not from a link of this search.', '_cursor')
  return { recordedAt, chain, block: Number(block), index: Number(index) }
}
