import type { Access } from '../access/access.ts'
import type { PlannedAhead } from '../core/decide/planned-change/planned-ahead.ts'
import type { Resource } from '../core/fhir/resource.ts'

/** Where a version of a plan stands, as far as acts are concerned. */
export type ActivationAsked = {
  /** When it comes into force; undefined for at once. */
  at: Date | undefined
  /** For how many percent of the patients. */
  share: number
  /** Why it shall come into force although its alarms are beyond the budget. */
  reason: string | undefined
}

export type ApprovalAsked = {
  reason: string | undefined
  /** Every part that rests on a proposal of its author's has been looked at, and is right. */
  proposals: boolean
}

/** A version that comes into force at a time: what was planned ahead of a plan. */
export type ScheduledVersion = Extract<PlannedAhead, { version: string }>

/**
 * The acts by which a version of a plan comes into force and goes out of it. Each is one transaction, told as Provenance, and
 * refused with everything that stands against it.
 */
export type PlanLife = {
  /** «This is what I mean»: everything is checked but the approval. @throws Refusal not-found, conflict, business-rule */
  submit(access: Access, id: string): Promise<Resource>
  /**
   * A second person says yes to exactly what was submitted.
   * @throws Refusal forbidden (the same person), conflict (changed since), business-rule (parts that rest on a proposal, not said yes to)
   */
  approve(access: Access, id: string, asked: ApprovalAsked): Promise<Resource>
  /** Now, or at a time. @throws Refusal business-rule (not approved, or something stands against it) */
  activate(access: Access, id: string, asked: ActivationAsked): Promise<Resource>
  /** For another share of the patients; with 100 the versions before are retired. @throws Refusal business-rule */
  stage(access: Access, id: string, share: number): Promise<Resource>
  /** Runs beside the version in force without making anything, or does so no longer. @throws Refusal conflict, business-rule, invalid */
  shadow(access: Access, id: string, asked: { isOn: boolean; reason: string | undefined }): Promise<Resource>
  /** Since when it does. */
  shadowSince(id: string): Promise<Date | undefined>
  /** The versions of a plan that were to come into force after a moment, as it was planned by then. @param url without a version */
  scheduled(url: string, then: Date): Promise<ScheduledVersion[]>
  /** Out of force, and the version before back in it, in one act. @throws Refusal business-rule */
  rollBack(access: Access, id: string, reason: string): Promise<Resource>
}
