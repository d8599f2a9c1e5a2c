import type { Scope } from './scopes.ts'
import type { Standing } from './standing.ts'

/** Who acts, and what they may touch, as a value. The first argument of every function of the store. */
export type Access = {
  /** For AuditEvent, Provenance and events: `Practitioner/kari`, `Device/plan-engine`, `Client/demo-service`. */
  actor: string
  clientId: string
  /** What the client was registered as. For the audit. */
  clientName?: string
  /** What the token allows, already narrowed to what the client and the user may have. */
  scopes: Scope[]
  /** The patient in context; `patient/` scopes reach this compartment and no other. */
  patient?: string
  /** What a person is here: roles, and everybody as whom they may have to do with a patient. Systems have none. */
  standing?: Standing
  /** By which token it came. What is to last longer than the request is held by it; our own workers have none. */
  token?: TokenHeld
  /** How the person had proven who they are: provider, security level, HPR number, organisation. For the audit. */
  login?: Readonly<Record<string, string>>
}

/** What an access rests on, so that it can be asked later whether it still does. */
export type TokenHeld = {
  /** The hash under which the token is stored. */
  key: string
  /** ISO instant */
  expiresAt: string
  /** The authorization that a person has given, which the token may be a short part of. */
  grant?: string
  /** Another issuer's, which does not tell us when it is taken back. */
  isOutside?: true
}

/**
 * Which resources of one type a caller may see or change: all, one patient's compartment, what is in one of several parts, or none.
 */
export type Reach =
  | { kind: 'all' }
  | { kind: 'compartment'; patient: string }
  | { kind: 'parts'; parts: Part[] }
  | { kind: 'none' }

/** What one rule of the policy gives by one scope. All of it must hold. */
export type Part = {
  whose: Whose
  /** The patient in context, of a scope `patient/`. */
  patient?: string
  /** Search parameters that must match: of a granular scope, or of a rule. */
  filters: Query[]
  /** As whom restrictions may meet the caller; none of them does where this is empty. */
  restrictedAs: string[]
  /** Labels (`system|code`) that this caller does not see. */
  hiddenLabels: string[]
}

export type Query = [parameter: string, value: string][]

export type Whose =
  /** Whoever's. */
  | { kind: 'any' }
  /** Of no patient at all. */
  | { kind: 'unattached' }
  /** In this patient's compartment; `about` the patient, where it says of whom it is. */
  | { kind: 'patient'; patient: string; about: boolean }
  /** Of a patient with whom one of the grantees has to do now, in one of these ways. */
  | { kind: 'related'; grantees: string[]; relations: string[] }
