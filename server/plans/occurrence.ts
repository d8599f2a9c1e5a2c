import type { FeedEvent } from '../outbox/feed.ts'
import type { PlacedTimer } from './timers.ts'

/** One thing that happened, mostly to one patient: an event of the feed, or a timer that rang. */
export type Occurrence = { kind: 'event'; event: FeedEvent } | { kind: 'timer'; timer: PlacedTimer }

/** @returns '' for what concerns no patient */
export const patientOf = (occurrence: Occurrence): string =>
  (occurrence.kind === 'event' ? occurrence.event.patient : occurrence.timer.patient) ?? ''

/** Of nobody's resources only Tasks are followed, for those of the whole house have marks too, and answers to messages. */
export const isHeardOf = (occurrence: Occurrence, types: Set<string>): boolean =>
  occurrence.kind === 'timer' ||
  occurrence.event.type === 'Task' ||
  occurrence.event.type === 'Communication' ||
  (occurrence.event.patient !== null && types.has(occurrence.event.type))

export function describe(occurrence: Occurrence): string {
  if (occurrence.kind === 'timer') return `${occurrence.timer.name} ${occurrence.timer.dueAt.toISOString()}`
  const { type, id, version } = occurrence.event
  return `${type}/${id}/_history/${version}`
}
