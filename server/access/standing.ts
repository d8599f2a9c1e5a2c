import type { Role } from './policy/policy.ts'

/** What a person is here, as it was looked up a moment ago (at most two seconds). */
export type Standing = {
  roles: Role[]
  /**
   * Everybody as whom the person may have to do with a patient: themselves, their roles, the organisations of these with all above
   * them, and their teams. `Practitioner/kari`, `PractitionerRole/kari-1`, `Organization/ward`, `CareTeam/copd`.
   */
  grantees: string[]
  /** Patients whom the person reaches by who they are: their own record, or that of a child. */
  records: OwnRecord[]
  attest: Attest
}

/** A guardian's child is under 12; a youth is 12 to 15, and from 16 on a parent is next of kin like others. */
export type OwnRecord = { patient: string; as: 'self' | 'guardian' | 'guardian-of-youth' | 'kin' }

/**
 * What the Norwegian trust framework wants to travel with each access, as far as it is known before a patient is: for the audit.
 * The care relation and the decision are added for each patient, by `Store.relationsTo`.
 */
export type Attest = {
  /** `Practitioner/kari` */
  who: string
  /** What they are called at this time. */
  name?: string
  /** `PractitionerRole/…` that are in force. */
  practitionerRoles: string[]
  roles: Role[]
  /** The unit: the organisation that a role is at. */
  pointOfCare?: string
  /** The organisation above all others of it. */
  legalEntity?: string
  /** Version of the policy that decides. */
  policyVersion: string
}

/** How a caller has to do with a patient, and what said so: `care-team` by `CareTeam/copd`. */
export type CareRelation = {
  /** id */
  patient: string
  kind: string
  grantee: string
  source: string
  /** It opens a part of the record alone, by type or by code: what a patient has granted no more of, or a question that was asked. */
  isLimited?: true
  from?: string
  to?: string
}
