import type { ActivityDefinition, Duration } from '@medplum/fhirtypes'
import { QUESTIONNAIRE_REQUEST } from '../fhir/questionnaire-request.ts'
import type { Resource } from '../fhir/resource.ts'
import { RARER_KINDS } from './rarer-requests.ts'
import {
  actorOf,
  doNotPerformOf,
  listOf,
  type Make,
  messageTimeOf,
  noteOf,
  occurrenceOf,
  type RequestContext,
  reference,
  requesterOf,
  rolesOf,
} from './request-parts.ts'

/**
 * The request that an ActivityDefinition describes, element by element, for one subject. https://hl7.org/fhir/R4/activitydefinition-mappings.html
 * Whether it is whole is seen when its dynamicValues are set: `checkContent`.
 * @throws Error for a kind that R4 does not list among requests
 */
export function toRequest(activity: ActivityDefinition, context: RequestContext, intent: string): Resource {
  const make = KINDS[activity.kind ?? '']
  if (!make) throw new Error(`an activity of kind ${activity.kind ?? '(none)'} is not made here`)
  const canonical = activity.version ? `${activity.url}|${activity.version}` : activity.url
  const resource = make({ activity, context, canonical, intent })
  return withoutUndefined({ ...resource, ...(activity.profile ? { meta: { profile: [activity.profile] } } : {}) })
}

/**
 * What an activity says of the request that it becomes: how long it takes, when it may be done less often, how it must be measured, and how
 * its occurrences are followed.
 */
const CARRIED = new Set(
  ['burden', 'step-down', 'quality-required', 'occurrence-policy'].map(
    (name) => `http://fylgje.no/fhir/StructureDefinition/${name}`,
  ),
)
const ofTheRequest = (activity: ActivityDefinition) => {
  const carried = (activity.extension ?? []).filter(({ url }) => CARRIED.has(url))
  const form = collectedWith(activity)
  const asked = form ? [{ url: QUESTIONNAIRE_REQUEST, valueReference: { reference: form } }] : []
  const extension = [...carried, ...asked]
  return extension.length > 0 ? extension : undefined
}

const KINDS: Record<string, Make> = {
  ...RARER_KINDS,
  Task: ({ activity, context, canonical, intent }) => ({
    resourceType: 'Task',
    modifierExtension: doNotPerformOf(activity),
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
    restriction: restrictionOf(activity),
    input: inputOf(activity),
  }),
  ServiceRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'ServiceRequest',
    extension: ofTheRequest(activity),
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    code: activity.code,
    quantityQuantity: activity.quantity,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    performerType: rolesOf(activity)?.[0],
    locationReference: listOf(activity.location),
    bodySite: activity.bodySite,
    note: noteOf(activity),
  }),
  MedicationRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'MedicationRequest',
    instantiatesCanonical: listOf(canonical),
    status: 'draft',
    intent,
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    medicationReference: activity.productReference,
    medicationCodeableConcept: activity.productReference ? undefined : activity.productCodeableConcept,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    recorder: reference(context.practitioner),
    performerType: rolesOf(activity)?.[0],
    dosageInstruction: activity.dosage,
    dispenseRequest: dispenseRequestOf(activity),
  }),
  CommunicationRequest: ({ activity, context, canonical }) => ({
    resourceType: 'CommunicationRequest',
    extension: canonical && [{ url: INSTANTIATES_CANONICAL, valueCanonical: canonical }],
    status: 'draft',
    priority: activity.priority,
    doNotPerform: activity.doNotPerform,
    subject: reference(context.subject),
    encounter: reference(context.encounter),
    payload: payloadOf(activity),
    ...messageTimeOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    recipient: recipientOf(activity, context),
    reasonCode: activity.code?.coding ? [{ coding: activity.code.coding }] : undefined,
  }),
  DeviceRequest: ({ activity, context, canonical, intent }) => ({
    resourceType: 'DeviceRequest',
    modifierExtension: doNotPerformOf(activity),
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
    modifierExtension: doNotPerformOf(activity),
    status: 'draft',
    priority: activity.priority,
    itemReference: activity.productReference,
    itemCodeableConcept: activity.productReference ? undefined : (activity.productCodeableConcept ?? activity.code),
    quantity: activity.quantity,
    ...occurrenceOf(activity),
    authoredOn: context.now.toISOString(),
    requester: requesterOf(context),
    deliverFrom: activity.location,
    deliverTo: reference(context.subject),
  }),
  Appointment: ({ activity, context }) => ({
    resourceType: 'Appointment',
    status: 'proposed',
    priority: { routine: 9, urgent: 7, asap: 4, stat: 1 }[activity.priority ?? 'routine'],
    serviceType: listOf(activity.code),
    description: activity.description,
    created: context.now.toISOString(),
    ...appointmentTimeOf(activity),
    minutesDuration: minutesOf(activity.timingDuration),
    participant: appointmentParticipants(activity, context),
  }),
}

const INSTANTIATES_CANONICAL = 'http://hl7.org/fhir/StructureDefinition/workflow-instantiatesCanonical'
const CPG = 'http://hl7.org/fhir/uv/cpg/StructureDefinition'
const COLLECT_WITH = `${CPG}/cpg-collectWith`
/** What a Task of the CPG guide is done with: a Questionnaire, a Measure, a plan to enrol in. */
const CPG_DONE_WITH = [COLLECT_WITH, `${CPG}/cpg-reportWith`, `${CPG}/cpg-enrollIn`]

/**
 * The Questionnaire that an activity is done by answering, as a canonical. A ServiceRequest asks for it as often as its Timing says.
 * @see http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith
 */
export const collectedWith = ({ extension = [] }: Pick<ActivityDefinition, 'extension'>): string | undefined =>
  extension.find(({ url }) => url === COLLECT_WITH)?.valueCanonical

function inputOf({ extension, code, relatedArtifact }: ActivityDefinition): unknown[] | undefined {
  const doneWith = (extension ?? []).flatMap(({ url, valueCanonical }) =>
    CPG_DONE_WITH.includes(url ?? '') && valueCanonical
      ? [{ type: code ?? { text: 'What it is done with' }, valueCanonical }]
      : [],
  )
  const attached = (relatedArtifact ?? []).flatMap(({ type, url, display }) =>
    url ? [{ type: { text: type }, valueAttachment: { url, ...(display ? { title: display } : {}) } }] : [],
  )
  return doneWith.length + attached.length > 0 ? [...doneWith, ...attached] : undefined
}

/** Within which time, and how often: Task.executionPeriod would say when it was done. */
function restrictionOf({ timingPeriod, timingTiming, timingDateTime }: ActivityDefinition): unknown {
  const { boundsPeriod, count } = timingTiming?.repeat ?? {}
  // A moment is a period that ends where it begins; a day is that whole day.
  const moment = timingDateTime ? { start: timingDateTime, end: timingDateTime } : undefined
  const period = timingPeriod ?? moment ?? boundsPeriod
  if (!period && !count) return undefined
  return { ...(count ? { repetitions: count } : {}), ...(period ? { period } : {}) }
}

function dispenseRequestOf({ quantity, timingPeriod, timingDuration }: ActivityDefinition): unknown {
  if (!quantity && !timingPeriod && !timingDuration) return undefined
  return {
    ...(timingDuration ? { dispenseInterval: timingDuration } : {}),
    ...(timingPeriod ? { validityPeriod: timingPeriod } : {}),
    ...(quantity ? { quantity } : {}),
  }
}

function payloadOf({ code, relatedArtifact }: ActivityDefinition): unknown[] | undefined {
  // With its translations, of which the language of whoever is to read it chooses.
  const { _text } = (code ?? {}) as { _text?: object }
  const text = code?.text ? [{ contentString: code.text, ...(_text ? { _contentString: _text } : {}) }] : []
  const attached = (relatedArtifact ?? []).flatMap(({ url, display }) =>
    url ? [{ contentAttachment: { url, ...(display ? { title: display } : {}) } }] : [],
  )
  return text.length + attached.length > 0 ? [...text, ...attached] : undefined
}

function recipientOf({ participant }: ActivityDefinition, context: RequestContext): unknown[] | undefined {
  const actors = new Set((participant ?? []).flatMap((one) => actorOf(one, context) ?? []))
  return actors.size > 0 ? [...actors].map(reference) : undefined
}

/** An Appointment has both start and end or neither (app-2); what is known of one alone is a wish. */
function appointmentTimeOf({ timingPeriod, timingDateTime }: ActivityDefinition): Record<string, unknown> {
  if (timingPeriod?.start && timingPeriod.end) return { start: timingPeriod.start, end: timingPeriod.end }
  if (timingPeriod) return { requestedPeriod: [timingPeriod] }
  return timingDateTime ? { requestedPeriod: [{ start: timingDateTime }] } : {}
}

/** An Appointment says how long in whole minutes; what is no time that minutes can say is left out. */
function minutesOf(duration: Duration | undefined): number | undefined {
  const { value, code, unit } = duration ?? {}
  const each = { s: 1 / 60, min: 1, h: 60, d: 1_440, wk: 10_080 }[String(code ?? unit)]
  const minutes = value === undefined || each === undefined ? 0 : Math.ceil(value * each)
  return minutes > 0 ? minutes : undefined
}

/** The subject always; others by their type, or by their role alone; and the place. */
function appointmentParticipants(activity: ActivityDefinition, context: RequestContext): unknown[] {
  const { participant = [], location } = activity
  const others = participant.flatMap((one) => {
    const actor = actorOf(one, context)
    if (actor === context.subject || (!actor && !one.role)) return []
    return [{ ...(one.role ? { type: [one.role] } : {}), ...(actor ? { actor: reference(actor) } : {}) }]
  })
  const place = location ? [{ actor: location }] : []
  return [{ actor: reference(context.subject) }, ...others, ...place].map((one) => ({ ...one, status: 'needs-action' }))
}

const withoutUndefined = (resource: Resource): Resource =>
  Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as Resource
