import type { ActivityDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** What $apply was called with, as the new resource refers to it. */
export type RequestContext = {
  subject: string
  practitioner?: string
  organization?: string
  encounter?: string
  now: Date
}

/**
 * The request that an ActivityDefinition describes, element by element, for one subject. https://hl7.org/fhir/R4/activitydefinition-mappings.html
 * @throws Error for a kind that is not made here, and for content that the kind cannot be without
 */
export function toRequest(activity: ActivityDefinition, context: RequestContext, intent: string): Resource {
  const make = KINDS[activity.kind ?? '']
  if (!make) throw new Error(`an activity of kind ${activity.kind ?? '(none)'} is not made here`)
  const canonical = activity.version ? `${activity.url}|${activity.version}` : activity.url
  const resource = make({ activity, context, canonical, intent })
  return withoutUndefined({ ...resource, ...(activity.profile ? { meta: { profile: [activity.profile] } } : {}) })
}

type Made = { activity: ActivityDefinition; context: RequestContext; canonical: string | undefined; intent: string }
type Make = (given: Made) => Resource

const reference = (to: string | undefined) => (to ? { reference: to } : undefined)
const requesterOf = ({ practitioner, organization }: RequestContext) => reference(practitioner ?? organization)
const listOf = <T>(value: T | undefined) => (value === undefined ? undefined : [value])
const rolesOf = (activity: ActivityDefinition) => activity.participant?.flatMap((participant) => participant.role ?? [])

/** timing[x] as occurrence[x]; Age, Range and Duration are relative, and only the workflow can place them. */
function occurrenceOf(activity: ActivityDefinition): Record<string, unknown> {
  if (activity.timingTiming) return { occurrenceTiming: activity.timingTiming }
  if (activity.timingDateTime) return { occurrenceDateTime: activity.timingDateTime }
  return activity.timingPeriod ? { occurrencePeriod: activity.timingPeriod } : {}
}

const KINDS: Record<string, Make> = {
  Task: ({ activity, context, canonical, intent }) => ({
    resourceType: 'Task',
    instantiatesCanonical: canonical,
    status: 'draft',
    intent,
    priority: activity.priority,
    code: activity.code,
    description: activity.description,
    for: reference(context.subject),
    encounter: reference(context.encounter),
    requester: requesterOf(context),
    authoredOn: context.now.toISOString(),
    performerType: rolesOf(activity),
    location: activity.location,
    restriction: activity.timingPeriod ? { period: activity.timingPeriod } : undefined,
  }),
  ServiceRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'ServiceRequest',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    code: required(activity.code, activity, 'code'),
    quantityQuantity: activity.quantity,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    performerType: rolesOf(activity)?.[0],
    locationReference: listOf(activity.location),
    bodySite: activity.bodySite,
    note: activity.description ? [{ text: activity.description }] : undefined,
  }),
  MedicationRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'MedicationRequest',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    ...medicationOf(activity),
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    recorder: reference(context.practitioner),
    performerType: rolesOf(activity)?.[0],
    dosageInstruction: activity.dosage,
    dispenseRequest: activity.quantity ? { quantity: activity.quantity } : undefined,
  }),
  CommunicationRequest: ({ activity, context }) => ({
    resourceType: 'CommunicationRequest',
    status: 'draft',
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    payload: payloadOf(activity),
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
  }),
  DeviceRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'DeviceRequest',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    priority: activity.priority,
    codeReference: activity.productReference,
    codeCodeableConcept: activity.productReference ? undefined : (activity.productCodeableConcept ?? activity.code),
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    performerType: rolesOf(activity)?.[0],
  }),
  SupplyRequest: ({ activity, context }) => ({
    resourceType: 'SupplyRequest',
    status: 'draft',
    priority: activity.priority,
    itemReference: activity.productReference,
    itemCodeableConcept: activity.productReference ? undefined : (activity.productCodeableConcept ?? activity.code),
    quantity: required(activity.quantity, activity, 'quantity'),
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    deliverTo: reference(context.subject),
  }),
  Appointment: ({ activity, context }) => ({
    resourceType: 'Appointment',
    status: 'proposed',
    priority: { routine: 9, urgent: 7, asap: 4, stat: 1 }[activity.priority ?? 'routine'],
    serviceType: listOf(activity.code),
    description: activity.description,
    created: context.now.toISOString(),
    start: activity.timingPeriod?.start ?? activity.timingDateTime,
    end: activity.timingPeriod?.end,
    participant: [context.subject, context.practitioner]
      .filter((actor) => actor !== undefined)
      .map((actor) => ({ actor: reference(actor), status: 'needs-action' })),
  }),
}

function medicationOf(activity: ActivityDefinition): Record<string, unknown> {
  if (activity.productReference) return { medicationReference: activity.productReference }
  return { medicationCodeableConcept: required(activity.productCodeableConcept, activity, 'product') }
}

function payloadOf({ code, relatedArtifact }: ActivityDefinition): unknown[] | undefined {
  const text = code?.text ? [{ contentString: code.text }] : []
  const attached = (relatedArtifact ?? []).flatMap(({ url, display }) =>
    url ? [{ contentAttachment: { url, ...(display ? { title: display } : {}) } }] : [],
  )
  return text.length + attached.length > 0 ? [...text, ...attached] : undefined
}

/** A dynamicValue may bring it later, so only a definition without any is at fault. */
function required<T>(value: T | undefined, activity: ActivityDefinition, name: string): T | undefined {
  if (value === undefined && !activity.dynamicValue?.length) {
    throw new Error(`an activity of kind ${activity.kind} needs ${name}`)
  }
  return value
}

const withoutUndefined = (resource: Resource): Resource =>
  Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as Resource
