import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Hook } from './hooks.ts'

/** What `$apply` is to be called with for it. */
export type HookedCall = {
  /** `Patient/1` */
  subject: string
  encounter?: string
  /** Who looks at the chart, where it is a practitioner. */
  practitioner?: string
  /** What was sent along, and what somebody is about to order. */
  data: Resource[]
  /** Keys of the prefetch that did not come, which the service has to read itself. */
  missing: string[]
}

/**
 * A hook's request as a call of `$apply`.
 * @param keys of the prefetch that the service has asked for
 * @throws Refusal value for another hook than the service's; required, value for a context without its patient
 * @see https://cds-hooks.hl7.org/2.0/#http-request_1
 */
export function callOf(body: unknown, hook: Hook, keys: string[]): HookedCall {
  const { hook: called, context, prefetch } = asObject(body, 'the request')
  if (called !== hook.name) throw refuse('value', `This service answers to ${hook.name}, not to ${called}.`, 'hook')
  const fields = asObject(context, 'context')
  const patientId = idIn(fields[hook.patient], `context.${hook.patient}`)
  if (!patientId) throw refuse('required', `The hook ${hook.name} is about a patient.`, `context.${hook.patient}`)
  const encounterId = idIn(fields[hook.encounter], `context.${hook.encounter}`)
  const sent = prefetch === undefined ? {} : asObject(prefetch, 'prefetch')
  const userId = fields.userId
  const isPractitioner = typeof userId === 'string' && /^(Practitioner|PractitionerRole)\/[^/]+$/.test(userId)
  return {
    subject: `Patient/${patientId}`,
    ...(encounterId ? { encounter: `Encounter/${encounterId}` } : {}),
    ...(isPractitioner ? { practitioner: userId } : {}),
    data: [...Object.values(sent), ...hook.drafts.map((name) => fields[name])].flatMap(resourcesIn),
    // A client that cannot answer a template leaves its key out, or says null.
    missing: keys.filter((key) => sent[key] === undefined || sent[key] === null),
  }
}

/** Those of a Bundle, or the one that was read; what tells of a failure is no fact about the patient. */
function resourcesIn(value: unknown): Resource[] {
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) return []
  const resource = value as Resource
  if (resource.resourceType === 'OperationOutcome') return []
  if (resource.resourceType !== 'Bundle') return [resource]
  const entries = Array.isArray(resource.entry) ? (resource.entry as { resource?: unknown }[]) : []
  return entries.flatMap((entry) => resourcesIn(entry?.resource))
}

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refuse('value', `Expected ${name} to be an object.`, name)
}

/** @throws Refusal value */
function idIn(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value)) return value
  throw refuse('value', `Expected ${name} to be an id, without its type.`, name)
}
