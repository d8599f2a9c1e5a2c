import type { Scope } from './scopes.ts'

/** Who acts, and what they may touch, as a value. The first argument of every function of the store. */
export type Access = {
  /** For AuditEvent, Provenance and events: `Practitioner/kari`, `Device/plan-engine`, `Client/demo-service`. */
  actor: string
  clientId: string
  /** What the token allows, already narrowed to what the client and the user may have. */
  scopes: Scope[]
  /** The patient in context; `patient/` scopes reach this compartment and no other. */
  patient?: string
}

/** Which resources of one type a caller may see or change: all, one patient's compartment, or none. */
export type Reach = { kind: 'all' } | { kind: 'compartment'; patient: string } | { kind: 'none' }
