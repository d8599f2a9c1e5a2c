import type { AddressDegree } from '../../access/address/protection.ts'

/** How somebody may have to do with a patient. */
const RELATION_KINDS = [
  'care-team', // in a CareTeam of the patient's
  'care-plan', // in the team of a CarePlan in force
  'episode', // an EpisodeOfCare's team, care manager or managing organisation
  'gp', // Patient.generalPractitioner
  'task', // owner of an open Task about the patient
  'asked', // owner of an open question before a referral is answered: the question and its answers alone
  'granted', // by a Consent of the patient's
  'kin', // RelatedPerson; says who it is, and opens nothing by itself
  'guardian', // RelatedPerson with parental responsibility; how much it opens depends on the child's age
  'birth', // of nobody: from when the patient lives
  'break-glass', // for a short time, with a reason
  'opened', // for a short time what the patient has closed is open
] as const
export type RelationKind = (typeof RELATION_KINDS)[number]

export type MembershipRow = { member: string; grp: string; from_at: string; to_at: string }
export type RelationRow = {
  grantee: string
  patient: string
  /** Hash of the token by which resources that have no patient of their own tell of one. */
  compartment: string
  kind: RelationKind
  from_at: string
  to_at: string
  types: string[] | null
  codes: string[] | null
}
export type RestrictionRow = {
  /** Which exceptions are its own: those of the same number. */
  rule: number
  exception: boolean
  patient: string
  compartment: string
  whom: string[]
  from_at: string
  to_at: string
  types: string[] | null
  codes: string[] | null
  labels: string[] | null
  data: string[] | null
  low: string | null
  high: string | null
}

/** The group of those who are nobody here any more, whatever roles and teams still name them: `active` is false. */
export const INACTIVE = '@inactive'

/** From here on the rules of a Consent by which it is itself as closed as what it closes; they come beside those. */
export const CLOSES_ITSELF = 500
/** From here on the rules of labels. */
export const OF_LABELS = 1000

export type ProtectedAddressRow = {
  degree: AddressDegree
  /** id of the patient all of whose addresses it protects; null: those of the resource alone */
  patient: string | null
  compartment: string | null
}

/** What one resource says of who has to do with whom. */
export type AccessRows = {
  membership: MembershipRow[]
  relation: RelationRow[]
  restriction: RestrictionRow[]
  protected_address: ProtectedAddressRow[]
}

/** What is read beside the resource itself. */
export type AccessRowsBasis = {
  baseUrl: string
  /** The paths of `code` of all types, such as `Observation.code`. */
  codePaths: () => readonly string[]
  isResourceType: (code: string) => boolean
}
