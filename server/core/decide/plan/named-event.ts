import type { Basic, Coding } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { FYLGJE } from './vocabulary.ts'

/** `Basic.code` of an event that has a name; the code is the name, as `TriggerDefinition.name` has it. */
export const NAMED_EVENT = `${FYLGJE}/CodeSystem/named-event`
/** `Basic.identifier`: the sender's own name of this very event, so that what is sent twice happens once. */
export const EVENT_KEY = `${FYLGJE}/NamingSystem/event-key`
/** On the Basic: what the event is about, and the one CarePlan that shall hear of it. */
export const EVENT_ABOUT = `${FYLGJE}/StructureDefinition/event-about`
const EVENT_CARE_PLAN = `${FYLGJE}/StructureDefinition/event-care-plan`

export type NamedEvent = {
  name: string
  /** `Patient/1` */
  subject: string
  /** ISO instant. */
  at: string
  /** Who let it happen, where that is a person or an organisation. */
  author?: string | undefined
  /** `Observation/1` */
  about?: string | undefined
  /** `CarePlan/1`; without it every plan of the patient hears of it. */
  carePlan?: string | undefined
  key?: string | undefined
}

/**
 * An event as a resource of the patient's record. R4 has no resource for "something happened": a Basic is what it gives for that.
 * Stored, it goes the way of every other change: durable, in the patient's order, read and audited like the rest.
 */
export function toNamedEvent({ name, subject, at, author, about, carePlan, key }: NamedEvent): Basic {
  const extension = [
    ...(about ? [{ url: EVENT_ABOUT, valueReference: { reference: about } }] : []),
    ...(carePlan ? [{ url: EVENT_CARE_PLAN, valueReference: { reference: carePlan } }] : []),
  ]
  return {
    resourceType: 'Basic',
    ...(extension.length > 0 ? { extension } : {}),
    ...(key ? { identifier: [{ system: EVENT_KEY, value: key }] } : {}),
    code: { coding: [{ system: NAMED_EVENT, code: name }], text: name },
    subject: { reference: subject },
    created: at.slice(0, 10),
    ...(author ? { author: { reference: author } } : {}),
  }
}

/** The name of the event that a resource is, if it is one. */
export function eventNameOf(resource: Resource): string | undefined {
  if (resource.resourceType !== 'Basic') return undefined
  const { coding = [] } = (resource.code ?? {}) as { coding?: Coding[] }
  return coding.find(({ system }) => system === NAMED_EVENT)?.code
}

/** Whether a CarePlan shall hear of it: any one, unless the event names one. */
export function concerns(resource: Resource, carePlanId: string | undefined): boolean {
  const named = referenceIn(resource, EVENT_CARE_PLAN)
  return named === undefined || named === `CarePlan/${carePlanId}`
}

function referenceIn(resource: Resource, url: string): string | undefined {
  const extensions = (resource.extension ?? []) as { url: string; valueReference?: { reference?: string } }[]
  return extensions.find((extension) => extension.url === url)?.valueReference?.reference
}
