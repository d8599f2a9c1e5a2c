import type { Extension, Observation, Quantity, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { REPETITION } from '../plan/vocabulary.ts'
import { type Told, toldAs } from '../words/told.ts'
import { extensionOf, part, withExtensions } from './task-extension.ts'

/** How often a finding has come while its Task is open, and what it was the last time; the worklist shows it. */
export type Repetition = {
  count: number
  /** Of these, while the Task was put aside. */
  suppressedCount: number
  latestAt: string
  /** In words, such as `SpO2 84 %`. */
  latest: string
  latestValue?: Quantity
}

/** One occasion on which a finding was made. */
export type Occasion = { at: Date; resource?: Resource; display: Told }

export function repetitionOf(task: Task): Repetition | undefined {
  const parts = extensionOf(task, REPETITION)?.extension
  if (!parts) return undefined
  const latestValue = part(parts, 'latest-value')?.valueQuantity
  return {
    count: part(parts, 'count')?.valuePositiveInt ?? 1,
    suppressedCount: part(parts, 'suppressed')?.valueUnsignedInt ?? 0,
    latestAt: part(parts, 'latest-at')?.valueDateTime ?? '',
    latest: part(parts, 'latest')?.valueString ?? '',
    ...(latestValue ? { latestValue } : {}),
  }
}

/**
 * Counts one more occasion.
 * @param how.isAnew       the occasion was counted before, and has only been corrected
 * @param how.isSuppressed the Task is put aside, so that it disturbs nobody
 */
export function countOccasion(
  task: Task,
  { at, resource, display }: Occasion,
  { isAnew = false, isSuppressed = false }: { isAnew?: boolean; isSuppressed?: boolean } = {},
): Task {
  const before = repetitionOf(task)
  const suppressedCount = (before?.suppressedCount ?? 0) + (isSuppressed && !isAnew ? 1 : 0)
  const count = before ? before.count + (isAnew ? 0 : 1) : 1
  const value =
    resource?.resourceType === 'Observation' ? (resource as unknown as Observation).valueQuantity : undefined
  const parts: Extension[] = [
    { url: 'count', valuePositiveInt: count },
    { url: 'latest-at', valueDateTime: happenedAt(resource) ?? at.toISOString() },
    { url: 'latest', ...toldAs('valueString', display) },
    ...(suppressedCount > 0 ? [{ url: 'suppressed', valueUnsignedInt: suppressedCount }] : []),
    ...(value ? [{ url: 'latest-value', valueQuantity: value }] : []),
  ]
  return withExtensions(task, [REPETITION], [{ url: REPETITION, extension: parts }])
}

/** When it was measured or answered, as it was sent. */
function happenedAt(resource: Resource | undefined): string | undefined {
  const { effectiveDateTime, authored } = (resource ?? {}) as { effectiveDateTime?: string; authored?: string }
  return effectiveDateTime ?? authored
}
