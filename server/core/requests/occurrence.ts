import type { Task, Timing } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** When a request is to be carried out, as far as it is known. */
export type Occurrence = { start: Date; end?: Date | undefined }

const WITH_OCCURRENCE = new Set(['ServiceRequest', 'DeviceRequest', 'CommunicationRequest', 'SupplyRequest'])

/**
 * The request at its time: a Task within it, what is done again and again from then on, anything else then. A kind that has no
 * element for it stays as it is.
 * @param timing in place of the request's own
 */
export function placedAt(request: Resource, { start, end }: Occurrence, timing?: Timing): Resource {
  const period = { start: start.toISOString(), ...(end ? { end: end.toISOString() } : {}) }
  if (request.resourceType === 'Task') {
    const restriction = (request.restriction ?? {}) as NonNullable<Task['restriction']>
    return { ...request, restriction: { ...restriction, period: { ...restriction.period, ...period } } }
  }
  if (!WITH_OCCURRENCE.has(request.resourceType)) return request
  const { occurrenceTiming, occurrenceDateTime: _at, occurrencePeriod: _during, ...rest } = request
  // A message is told once.
  const again =
    request.resourceType === 'CommunicationRequest' ? undefined : (timing ?? (occurrenceTiming as Timing | undefined))
  if (again) return { ...rest, occurrenceTiming: bounded(again, period) }
  const isInstant = end === undefined || end.getTime() === start.getTime()
  return isInstant ? { ...rest, occurrenceDateTime: period.start } : { ...rest, occurrencePeriod: period }
}

/** A length becomes days; bounds that are days already stand. */
function bounded({ repeat, ...times }: Timing, boundsPeriod: { start: string; end?: string }): Timing {
  if (!repeat || repeat.boundsPeriod || repeat.boundsRange) return { ...times, ...(repeat ? { repeat } : {}) }
  const { boundsDuration: _length, ...rest } = repeat
  return { ...times, repeat: { ...rest, boundsPeriod } }
}
