import type { Resource } from '../../fhir/resource.ts'

/** A case of a plan that an EHR asks: what is known of somebody at a moment, what is done in the EHR, and what is offered then. */
export type OfferCase = {
  title: string
  /** ISO instant. */
  at: string
  /** Of CDS Hooks, such as `patient-view`. */
  hook: string
  /** FHIR, about `Patient/case`. */
  facts: Resource[]
  /** The ids of the actions that are offered, a group without those in it; none where the EHR shows nothing. */
  offered: string[]
}
