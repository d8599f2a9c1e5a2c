import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '@medplum/fhirtypes'
import { isOwnId } from '../audit/find-records.ts'
import { patientsIn } from '../audit/patients-in.ts'
import { matches } from '../audit-trail/audit-event-matches.ts'
import { askedBlocks, auditReach } from '../audit-trail/audit-event-query.ts'
import { stringifyJson } from '../core/fhir/json.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { parseIfNoneExist } from './criteria.ts'
import { findEvents } from './find-audit-events.ts'

/**
 * FHIR create of an AuditEvent that another system has made, as apps and devices do by IHE ATNA. It is kept in the audit, in its
 * chain, with who sent it; so it is never changed or deleted either. By If-None-Exist a sender who does not know whether it came through
 * sends it again; of two at the very same moment one waits for the other.
 * @see https://profiles.ihe.net/ITI/TF/Volume2/ITI-20.html
 * @throws Refusal forbidden; invalid; multiple-matches (412); transient (503), where too many send the same at once
 */
export async function createAuditEvent(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { ifNoneExist } = exchange.headers
  if (ifNoneExist === undefined) return receive(exchange, rooms, randomUUID())
  const { access, body } = exchange
  // What could not be stored is refused, also where it need not be.
  await rooms.validateInTurns(body, 'AuditEvent')
  const criteria = parseIfNoneExist({ access, definitions: rooms.definitions, type: 'AuditEvent' }, ifNoneExist)
  // It is there for others when its record is, and that is written with the answer.
  const settled = await rooms.takeLease(`AuditEvent?${criteria.understood}`)
  try {
    const found = await findExisting(access, rooms, criteria)
    return { ...(found ? replyWith(found, rooms) : await receive(exchange, rooms, randomUUID())), settled }
  } catch (error) {
    await settled()
    throw error
  }
}

function replyWith(found: AuditEvent, { baseUrl }: Rooms): Reply {
  const { id = '', meta } = found
  const text = stringifyJson(found)
  const patients = patientsIn({ type: 'AuditEvent', id, text }, baseUrl)
  return {
    ...{ status: 200, located: true },
    version: {
      ...{ type: 'AuditEvent', id, versionId: 1, lastUpdated: meta?.lastUpdated ?? '', interaction: 'create' },
      text,
    },
    audit: { what: [`AuditEvent/${id}`], patients, reason: 'it was there already' },
  }
}

async function findExisting(
  access: Exchange['access'],
  rooms: Rooms,
  criteria: SearchQuery,
): Promise<AuditEvent | undefined> {
  const reach = auditReach(access, rooms.definitions, 's')
  const asked = { ...askedBlocks(criteria.filters, reach), order: 'newest' as const }
  let only: AuditEvent | undefined
  for await (const { event } of findEvents(rooms, asked, criteria, reach)) {
    if (only)
      throw refuse('multiple-matches', 'The criteria match several AuditEvents; expected one or none.', 'If-None-Exist')
    only = event
  }
  return only
}

/** The same with the sender's id: an update that creates. What is there already stays as it is. @throws Refusal not-supported (405), value */
export async function putAuditEvent(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { id, body } = exchange
  const given = (body as Resource | undefined)?.id
  if (given !== id) {
    throw refuse('invalid', `The resource's id is ${JSON.stringify(given)}, the URL says "${id}".`, 'AuditEvent.id')
  }
  if (isOwnId(id))
    throw refuse('value', `Ids of the form ${id} are those of the server's own records.`, 'AuditEvent.id')
  if (await rooms.auditTrail.find(id)) throw appendOnly(['GET', 'HEAD'])
  return receive(exchange, rooms, id)
}

async function receive({ access, body }: Exchange, rooms: Rooms, id: string): Promise<Reply> {
  const { resource, warnings } = await rooms.validateInTurns(body, 'AuditEvent')
  const lastUpdated = new Date().toISOString()
  const event = { ...resource, id, meta: { ...resource.meta, versionId: '1', lastUpdated } }
  const text = stringifyJson(event)
  const patients = patientsIn({ type: 'AuditEvent', id, text }, rooms.baseUrl)
  const { patients: own, alternatives } = auditReach(access, rooms.definitions, 'c')
  const isOwn = own === undefined || (patients.length > 0 && patients.every((one) => own.has(one)))
  const isAsked = (filters: (typeof alternatives)[number]) =>
    filters.every((one) => matches(event as unknown as AuditEvent, one))
  if (!isOwn || (alternatives.length > 0 && !alternatives.some(isAsked))) {
    throw refuse('forbidden', 'Your access does not reach what this AuditEvent tells of.')
  }
  return {
    ...{ status: 201, located: true, warnings },
    version: { type: 'AuditEvent', id, versionId: 1, lastUpdated, interaction: 'create', text },
    audit: { what: [`AuditEvent/${id}`], patients },
    received: { id, text },
  }
}

/** @param allowed methods of the place that was asked for */
export const appendOnly = (allowed: string[]): Refusal =>
  Object.assign(
    new Refusal(
      [
        {
          ...{ severity: 'error', code: 'not-supported' },
          diagnostics: 'The audit is append-only: an AuditEvent is created, read and searched, and stays as it is.',
        },
      ],
      405,
    ),
    { allowed },
  )
