import type { AuditEvent } from '@medplum/fhirtypes'
import { type Place, placeOf, type RecordsAsked } from '../audit/find-records.ts'
import { matches } from '../audit-trail/audit-event-matches.ts'
import { type AuditReach, seenEvent } from '../audit-trail/audit-event-query.ts'
import type { Rooms } from '../exchange.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { beginTurn } from '../turns.ts'

/** The events that are what was asked for, one after the other; others have their turn meanwhile. */
export async function* findEvents(
  { auditTrail, baseUrl }: Rooms,
  blocks: RecordsAsked,
  { filters }: SearchQuery,
  reach: AuditReach,
): AsyncGenerator<{ event: AuditEvent; place: Place }> {
  const turn = beginTurn()
  for await (const found of auditTrail.records(blocks)) {
    if (turn.isOver()) await turn.next()
    const event = seenEvent(found, reach, baseUrl)
    if (event && filters.every((filter) => matches(event, filter))) yield { event, place: placeOf(found) }
  }
}
