import type { AuditCodeName } from './codes.ts'

/** What is written down of one interaction. Times are of the block that it is written in; see block.ts. */
export type AuditRecord = {
  /** What was done: a key of `AUDIT_CODES`. */
  code: AuditCodeName
  /** Absent: it was done. */
  outcome?: Outcome
  agent: Agent
  /** Where the request came from. */
  address?: string | undefined
  /** The request's id, as the answer and our logs have it. */
  request?: string | undefined
  /** v3-ActReason, where it is not the one that follows from who it is. */
  purpose?: string | undefined
  /** In words: of an opening, or what was refused. Never what a resource holds. */
  reason?: string | undefined
  /** What it was about: `Observation/1/_history/2`, `$everything`. */
  what?: string[] | undefined
  /** Types of what was given out, where `what` and `query` do not say them. */
  types?: string[] | undefined
  /** Ids of the patients whose data it was. */
  patients?: string[] | undefined
  /** How many resources were given out, where they are many. */
  count?: number | undefined
  /** What was asked for: path and query, with national identity numbers cut. */
  query?: string | undefined
  /** How the person has to do with these patients. */
  care?: Care[] | undefined
  /** By what the engine did it: the canonical of a plan, and the finding that it decided on. */
  plan?: string | undefined
  decision?: string | undefined
  /** An AuditEvent that another system has made and sent: what it tells of is not the record's own doing. */
  received?: { id: string; text: string } | undefined
  /** Of a seal: where each chain was. Of a month that was dropped: what it held. */
  heads?: Head[] | undefined
}

/** AuditEvent.outcome. http://hl7.org/fhir/R4/valueset-audit-event-outcome.html */
export type Outcome = '4' | '8' | '12'

/** Who did it, with what travels on each access: the attest of the Norwegian trust framework, and how the person had signed in. */
export type Agent = {
  /** `Practitioner/kari`, `Client/demo-service`, `Device/plan-engine`, `anonymous`. */
  who: string
  /** What the person was called then. */
  name?: string
  client?: string
  /** What the client was registered as then. */
  clientName?: string
  roles?: readonly string[]
  practitionerRoles?: readonly string[]
  pointOfCare?: string
  legalEntity?: string
  policyVersion?: string
  login?: Readonly<Record<string, string>>
}

export type Care = { patient: string; kind: string; source: string }

/** The last hash of a chain at some moment: of its block of this number. */
export type Head = [month: string, chain: string, block: number, hash: string]

/** Of the request that a write belongs to. */
export type AuditedRequest = Pick<AuditRecord, 'request' | 'address' | 'care'>

/** AuditEvent.outcome of a refusal: what the sender could mend, or what we could not do. */
export const outcomeOfStatus = (status: number): Outcome => (status >= 500 ? '8' : '4')

/**
 * Six digits of a birth date may stand; with the other five it is a national identity number, also with the gap that people write in between.
 */
export const withoutNationalNumbers = (text: string): string => text.replace(/(?<!\d)(\d{6}) ?\d{5}(?!\d)/g, '$1*****')
