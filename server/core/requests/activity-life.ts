import type { Resource } from '../fhir/resource.ts'

/** What a request is called in each part of its life, by its own value set. */
type Life = {
  /** Ready to be acted upon. */
  active: string
  /** Not yet. */
  held: string
  paused?: string
  /** Taken back before it was done. */
  ended: string
  /** Of an order that is in force; left as it is where the kind has no intent, or may not be ordered here. */
  intent?: string
}

const REQUEST: Life = { active: 'active', held: 'draft', paused: 'on-hold', ended: 'revoked' }
const ORDER: Life = { ...REQUEST, intent: 'order' }

/** The kinds that an activity of a plan can be, each with its own words. */
const LIVES: Readonly<Record<string, Life>> = {
  Task: { active: 'requested', held: 'draft', paused: 'on-hold', ended: 'cancelled', intent: 'order' },
  ServiceRequest: ORDER,
  DeviceRequest: ORDER,
  NutritionOrder: ORDER,
  RequestGroup: ORDER,
  CommunicationRequest: REQUEST,
  CarePlan: { ...REQUEST, intent: 'plan' },
  SupplyRequest: { active: 'active', held: 'draft', paused: 'suspended', ended: 'cancelled' },
  // A plan proposes a prescription; a prescriber signs it.
  MedicationRequest: { active: 'draft', held: 'draft', paused: 'on-hold', ended: 'stopped' },
  Appointment: { active: 'proposed', held: 'proposed', ended: 'cancelled' },
  Claim: { active: 'draft', held: 'draft', ended: 'cancelled' },
  EnrollmentRequest: { active: 'draft', held: 'draft', ended: 'cancelled' },
  VisionPrescription: { active: 'draft', held: 'draft', ended: 'cancelled' },
  Contract: { active: 'offered', held: 'offered', ended: 'cancelled' },
}

/** The kinds whose life a plan can steer. */
export const STEERED_TYPES: readonly string[] = Object.keys(LIVES)

export type Phase = 'active' | 'held' | 'paused' | 'ended'

/** How a phase is written for this kind; undefined where the kind has no such phase. */
export const statusOf = (resourceType: string, phase: Phase): string | undefined => LIVES[resourceType]?.[phase]

/** Statuses of Tasks that are on their way; of the others only `active` is. */
const UNDERWAY = new Set(['received', 'accepted', 'ready', 'in-progress'])

/** Where a request stands; undefined when its life is over, or of a kind that has none. */
export function phaseOf({ resourceType, status }: Resource): Exclude<Phase, 'ended'> | undefined {
  const life = LIVES[resourceType]
  if (!life || typeof status !== 'string') return undefined
  if (status === life.active || UNDERWAY.has(status)) return 'active'
  if (status === life.held) return 'held'
  return status === life.paused ? 'paused' : undefined
}

/**
 * A proposed request as one that is in force: what $apply makes is a draft with the intent `option`; storing it is the order.
 * @param phase `held` for what shall wait: for its start condition, or for another activity
 */
export function asOrder<T extends Resource>(request: T, phase: 'active' | 'held' = 'active'): T {
  const life = LIVES[request.resourceType]
  if (!life) return request
  return { ...request, status: life[phase], ...(life.intent ? { intent: life.intent } : {}) }
}
