import { randomUUID } from 'node:crypto'
import type { Bundle, BundleEntry, MessageHeader, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes'
import { parseJson } from '../core/fhir/json.ts'
import type { Version } from '../store/store.ts'
import { type Asked, BACKPORT } from './asked.ts'
import type { NumberedEvent, SubscriptionRow } from './rows.ts'

/** https://hl7.org/fhir/R5/valueset-subscription-notification-type.html */
export type NoticeType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event'

/** An event as its owner may have it: without what it is about, where they may not see that any more. */
export type ShownEvent = NumberedEvent & { isHidden: boolean; seen?: Version | undefined }

export type NoticeGiven = {
  row: Pick<SubscriptionRow, 'id' | 'status' | 'reason' | 'last_number'>
  asked: Pick<Asked, 'topic' | 'content'>
  type: NoticeType
  events?: readonly ShownEvent[]
  baseUrl: string
}

/**
 * What a Subscription has come to, and some of its events, as Parameters.
 * @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-status-r4.html
 */
export function toStatus({ row, asked, type, events = [], baseUrl }: NoticeGiven): Parameters {
  return {
    resourceType: 'Parameters',
    id: randomUUID(),
    meta: { profile: [`${BACKPORT}/backport-subscription-status-r4`] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${baseUrl}/Subscription/${row.id}` } },
      ...(asked.topic ? [{ name: 'topic', valueCanonical: asked.topic }] : []),
      { name: 'status', valueCode: row.status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: row.last_number },
      ...events.map((event) => notificationEvent(event, asked, baseUrl)),
      ...(row.reason ? [{ name: 'error', valueCodeableConcept: { text: row.reason } }] : []),
    ],
  }
}

const notificationEvent = (
  event: ShownEvent,
  { content }: Pick<Asked, 'content'>,
  baseUrl: string,
): ParametersParameter => ({
  name: 'notification-event',
  part: [
    { name: 'event-number', valueString: event.number },
    { name: 'timestamp', valueInstant: event.recorded_at.toISOString() },
    ...(content === 'empty' || event.isHidden
      ? []
      : [{ name: 'focus', valueReference: { reference: `${baseUrl}/${event.type}/${event.id}` } }]),
  ],
})

/** A notice: the status first, then what it is about. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html */
export function toNotice(given: NoticeGiven): Bundle {
  const { row, asked, events = [], baseUrl } = given
  const status = toStatus(given)
  return {
    resourceType: 'Bundle',
    id: randomUUID(),
    type: 'history',
    timestamp: new Date().toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${status.id}`,
        resource: status,
        request: { method: 'GET', url: `${baseUrl}/Subscription/${row.id}/$status` },
        response: { status: '200' },
      },
      ...(asked.content === 'empty' ? [] : events.flatMap((event) => (event.isHidden ? [] : [focus(event, given)]))),
    ],
  }
}

const METHOD = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const
const STATUS = { create: '201', update: '200', delete: '204' } as const

/** Of what was deleted there is nothing to be sent, and bdl-8 wants no version in its address. */
function focus({ type, id, interaction, seen }: ShownEvent, { asked, baseUrl }: NoticeGiven): BundleEntry {
  const isSent = asked.content === 'full-resource' && seen?.text !== undefined
  return {
    fullUrl: `${baseUrl}/${type}/${id}`,
    ...(isSent ? { resource: parseJson(seen.text ?? '{}') as Resource } : {}),
    request: { method: METHOD[interaction], url: interaction === 'create' ? type : `${type}/${id}` },
    response: { status: STATUS[interaction] },
  }
}

/** A notice as a FHIR message. https://hl7.org/fhir/R4/messaging.html */
export function toMessage(notice: Bundle, { endpoint, baseUrl }: { endpoint: string; baseUrl: string }): Bundle {
  const header: MessageHeader = {
    resourceType: 'MessageHeader',
    id: randomUUID(),
    eventCoding: { system: 'http://fylgje.no/fhir/CodeSystem/message-event', code: 'subscription-notification' },
    source: { name: 'Fylgje', endpoint: baseUrl },
    destination: [{ endpoint }],
    focus: [{ reference: `urn:uuid:${notice.id}` }],
  }
  return {
    resourceType: 'Bundle',
    id: randomUUID(),
    type: 'message',
    timestamp: new Date().toISOString(),
    entry: [
      { fullUrl: `urn:uuid:${header.id}`, resource: header },
      { fullUrl: `urn:uuid:${notice.id}`, resource: notice },
    ],
  }
}
