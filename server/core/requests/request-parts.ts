import type { ActivityDefinition, ActivityDefinitionParticipant } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** What $apply was called with, as the new resource refers to it. */
export type RequestContext = {
  subject: string
  practitioner?: string
  organization?: string
  encounter?: string
  now: Date
}

/** What a request of some kind is made from. */
export type Made = {
  activity: ActivityDefinition
  context: RequestContext
  /** Of the activity, with its version. */
  canonical: string | undefined
  intent: string
}
/** Elements that come to nothing are `undefined` and left out afterwards. */
export type Make = (given: Made) => Resource

export const reference = (to: string | undefined) => (to ? { reference: to } : undefined)
export const listOf = <T>(value: T | undefined) => (value === undefined ? undefined : [value])
/** Who asks for it: the practitioner, else the organization. */
export const requesterOf = ({ practitioner, organization }: RequestContext) => reference(practitioner ?? organization)
export const noteOf = ({ description }: ActivityDefinition) => (description ? [{ text: description }] : undefined)

export function rolesOf({ participant }: ActivityDefinition) {
  const roles = (participant ?? []).flatMap(({ role }) => role ?? [])
  return roles.length > 0 ? roles : undefined
}

/** Whom a participant's type means here: the subject is the patient; of the others only the practitioner is known. */
export function actorOf({ type }: ActivityDefinitionParticipant, context: RequestContext): string | undefined {
  if (type === 'patient') return context.subject
  return type === 'practitioner' ? context.practitioner : undefined
}

/** timing[x] as occurrence[x]; Age, Range and Duration are relative, and only the workflow can place them. */
export function occurrenceOf(activity: ActivityDefinition): Record<string, unknown> {
  if (activity.timingTiming) return { occurrenceTiming: activity.timingTiming }
  if (activity.timingDateTime) return { occurrenceDateTime: activity.timingDateTime }
  return activity.timingPeriod ? { occurrencePeriod: activity.timingPeriod } : {}
}

/** A message has a moment or a period, and cannot say "again and again": of a Timing, when it begins and ends. */
export function messageTimeOf(activity: ActivityDefinition): Record<string, unknown> {
  const { timingTiming } = activity
  if (!timingTiming) return occurrenceOf(activity)
  const { event: [only, ...others] = [], repeat } = timingTiming
  if (only && others.length === 0) return { occurrenceDateTime: only }
  return repeat?.boundsPeriod ? { occurrencePeriod: repeat.boundsPeriod } : {}
}

/** R4 has no element for "do not" in some requests, and an extension that may not be overlooked. */
export const doNotPerformOf = ({ doNotPerform }: ActivityDefinition) =>
  doNotPerform
    ? [{ url: 'http://hl7.org/fhir/StructureDefinition/request-doNotPerform', valueBoolean: true }]
    : undefined
