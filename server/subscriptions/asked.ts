import type { Extension, SubscriptionChannel, Subscription as SubscriptionOfR4 } from '@medplum/fhirtypes'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { headerFault, parseHeader } from './channel-header.ts'
import { endpointFault } from './endpoint.ts'
import { findTopic, type Interaction, type Trigger } from './topics.ts'

/** With the extensions of primitives, by which the backport says what R4 has no element for. */
export type Subscription = SubscriptionOfR4 & {
  _criteria?: { extension?: Extension[] }
  channel: SubscriptionChannel & { _payload?: { extension?: Extension[] } }
}

/** A Subscription as it was understood. */
export type Asked = {
  /** Canonical of the topic; absent where the criteria are a search, as R4 has them. */
  topic?: string
  watches: Watch[]
  channel: (typeof CHANNELS)[number]
  endpoint?: URL
  headers: [name: string, value: string][]
  content: Content
  /** MIME type of what is sent. Of R4’s own criteria without one, nothing is. */
  payload?: 'application/fhir+json' | 'application/fhir+xml'
  heartbeatSeconds?: number
  timeoutSeconds: number
  /** Events in one notice. */
  countMax: number
  /** ISO instant */
  end?: string
}

/** What of one type it is about. */
export type Watch = { type: string; interactions: ReadonlySet<Interaction>; query: SearchQuery }

const CHANNELS = ['rest-hook', 'websocket', 'message'] as const

export type Content = (typeof CONTENTS)[number]
const CONTENTS = ['empty', 'id-only', 'full-resource'] as const

export type AskedRooms = {
  definitions: Definitions
  /** Whether this address may be asked although it is private, or without TLS. */
  mayUse: (url: URL) => boolean
}

export const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const FILTER = `${BACKPORT}/backport-filter-criteria`
const CONTENT = `${BACKPORT}/backport-payload-content`
const TIMEOUT_SECONDS = { standard: 10, max: 60 }
const COUNT = { standard: 200, max: 500 }
const HEARTBEAT_SECONDS_MIN = 5
const PAYLOADS: Readonly<Record<string, NonNullable<Asked['payload']>>> = {
  'application/fhir+json': 'application/fhir+json',
  'application/json': 'application/fhir+json',
  'application/fhir+xml': 'application/fhir+xml',
  'application/xml': 'application/fhir+xml',
}
/** Of the answer to a search, not of what it finds. */
const OF_THE_ANSWER =
  /^(?:_sort|_count|_cursor|_total|_summary|_elements|_include|_revinclude|_contained|_format|_pretty)(?::|$)/

/**
 * Reads a Subscription, of R4’s own kind or of the backport’s: https://hl7.org/fhir/R4/subscription.html,
 * https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/
 * @throws Refusal 422 with everything that is wrong, each with the FHIRPath of the element
 */
export function parseAsked(subscription: Subscription, rooms: AskedRooms): Asked {
  const issues: Issue[] = []
  const fault = (diagnostics: string, expression: string) =>
    void issues.push({ severity: 'error', code: 'processing', diagnostics, expression: [expression] })
  // Either may be said to be unknown, by an extension in its place.
  const { channel, criteria = '' } = subscription as Omit<Subscription, 'criteria'> & { criteria?: string }
  const isTopic = !criteria.includes('?') && /^[a-z][a-z0-9+.-]*:/i.test(criteria)
  const watches = isTopic ? topicWatches(subscription, rooms, fault) : searchWatches(criteria, rooms, fault)

  if (!CHANNELS.some((one) => one === channel.type))
    fault(`A channel is ${CHANNELS.join(', ')}, not ${channel.type ?? 'unknown'}.`, 'Subscription.channel.type')
  const endpoint = channel.endpoint === undefined ? undefined : (URL.parse(channel.endpoint) ?? undefined)
  if (channel.type === 'rest-hook' || channel.type === 'message') {
    const wrong = channel.endpoint === undefined ? 'is missing' : endpointFault(endpoint, rooms.mayUse)
    if (wrong) fault(`The endpoint ${wrong}.`, 'Subscription.channel.endpoint')
  }
  for (const [i, header] of (channel.header ?? []).entries()) {
    const wrong = headerFault(header, i)
    if (wrong) fault(wrong, `Subscription.channel.header[${i}]`)
  }
  const payload = channel.payload === undefined ? undefined : PAYLOADS[channel.payload.split(';')[0]?.trim() ?? '']
  if (channel.payload !== undefined && !payload)
    fault(
      `A payload is application/fhir+json or application/fhir+xml, not ${channel.payload}.`,
      'Subscription.channel.payload',
    )
  if (channel.type === 'message' && !isTopic)
    fault('A message is about a topic: criteria must be the canonical of one.', 'Subscription.criteria')
  const content = isTopic ? contentOf(subscription, fault) : 'full-resource'
  const heartbeatSeconds = countOf(channel.extension, 'backport-heartbeat-period', fault)
  if (heartbeatSeconds !== undefined && heartbeatSeconds < HEARTBEAT_SECONDS_MIN)
    fault(`A heartbeat comes every ${HEARTBEAT_SECONDS_MIN} seconds at most.`, 'Subscription.channel.extension')
  const timeout = countOf(channel.extension, 'backport-timeout', fault)
  const countMax = countOf(channel.extension, 'backport-max-count', fault)

  if (issues.length > 0) throw new Refusal(issues, 422)
  return {
    ...(isTopic ? { topic: criteria.split('|')[0] ?? criteria } : {}),
    watches,
    channel: channel.type as Asked['channel'],
    ...(endpoint ? { endpoint } : {}),
    headers: (channel.header ?? []).map(parseHeader),
    content,
    ...(payload ? { payload } : isTopic ? { payload: 'application/fhir+json' } : {}),
    ...(heartbeatSeconds && isTopic ? { heartbeatSeconds } : {}),
    timeoutSeconds: Math.min(timeout || TIMEOUT_SECONDS.standard, TIMEOUT_SECONDS.max),
    countMax: isTopic ? Math.min(countMax || COUNT.standard, COUNT.max) : 1,
    ...(subscription.end ? { end: subscription.end } : {}),
  }
}

type Fault = (diagnostics: string, expression: string) => void

/** R4’s own criteria: what is stored, and would then be found. Nothing is told of what is deleted. */
function searchWatches(criteria: string, rooms: AskedRooms, fault: Fault): Watch[] {
  const query = parseCriteria(criteria, 'Subscription.criteria', rooms, fault)
  return query ? [{ type: query.type, interactions: new Set(['create', 'update']), query }] : []
}

function topicWatches(subscription: Subscription, rooms: AskedRooms, fault: Fault): Watch[] {
  const topic = findTopic(subscription.criteria)
  if (!topic) {
    fault(
      `There is no topic ${subscription.criteria}; the CapabilityStatement names those that there are.`,
      'Subscription.criteria',
    )
    return []
  }
  const filters = (subscription._criteria?.extension ?? []).flatMap(({ url, valueString }, i) => {
    if (url !== FILTER) return []
    const expression = `Subscription.criteria.extension[${i}].value`
    const query = parseCriteria(valueString ?? '', expression, rooms, fault)
    if (query && !topic.triggers.some(({ type }) => type === query.type))
      fault(`The topic is not about ${query.type}.`, expression)
    return query ? [query] : []
  })
  return topic.triggers.map((trigger) => watchOf(trigger, filters, rooms))
}

function watchOf(
  { type, interactions, criteria }: Trigger,
  filters: SearchQuery[],
  { definitions }: AskedRooms,
): Watch {
  const own = parseSearch(definitions, type, new URLSearchParams(criteria ?? ''), 'strict')
  const asked = [own, ...filters.filter((one) => one.type === type)]
  const query = {
    ...own,
    filters: asked.flatMap((one) => one.filters),
    understood: asked.map(({ understood }) => understood).join('&'),
  }
  return { type, interactions: new Set(interactions), query }
}

function parseCriteria(text: string, expression: string, { definitions }: AskedRooms, fault: Fault) {
  const [type = '', search = '', ...more] = text.split('?')
  if (!definitions.resourceTypes.has(type)) {
    fault(
      `R4 has no resource type ${type || '(none is named)'}; criteria are such as Task?status=requested.`,
      expression,
    )
    return undefined
  }
  if (type === 'AuditEvent' || type === 'Subscription') {
    fault(`Nobody is told of changes of ${type}.`, expression)
    return undefined
  }
  const params = new URLSearchParams([search, ...more].join('?'))
  const others = [...params.keys()].filter((name) => OF_THE_ANSWER.test(name))
  for (const name of others) fault(`${name} says how a search is answered, not what it finds.`, expression)
  try {
    const query = parseSearch(definitions, type, params, 'strict')
    return others.length > 0 ? undefined : query
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    for (const { diagnostics } of error.issues) fault(diagnostics, expression)
    return undefined
  }
}

function contentOf({ channel }: Subscription, fault: Fault): Content {
  const { valueCode } = channel._payload?.extension?.find(({ url }) => url === CONTENT) ?? {}
  const content = CONTENTS.find((one) => one === (valueCode ?? 'empty'))
  if (!content)
    fault(`The content is one of ${CONTENTS.join(', ')}, not ${valueCode}.`, 'Subscription.channel.payload.extension')
  return content ?? 'empty'
}

function countOf(extensions: Extension[] | undefined, name: string, fault: Fault): number | undefined {
  const i = extensions?.findIndex(({ url }) => url === `${BACKPORT}/${name}`) ?? -1
  const found = extensions?.[i]
  if (!found) return undefined
  const count = found.valueUnsignedInt ?? found.valuePositiveInt ?? found.valueInteger
  if (count === undefined || count < 0)
    fault(`${name} is a whole number from 0.`, `Subscription.channel.extension[${i}].value`)
  return count
}
