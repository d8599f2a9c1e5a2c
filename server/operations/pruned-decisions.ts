import { madeBy } from '../core/decide/plan/steer.ts'
import type { Rooms } from '../exchange.ts'
import type { Asked } from './decisions-of.ts'

/**
 * Whether records about what is asked for may have been deleted, for they are kept for a time: all of them, or the older ones.
 * @param from of a patient: where the time begins that is asked for, as an instant
 */
export async function mayBePruned(
  { decisionsPrunedUntil }: Pick<Rooms, 'decisionsPrunedUntil'>,
  { decisions, patient, resource, version }: Asked,
  from: string,
): Promise<boolean> {
  const until = patient === undefined ? undefined : await decisionsPrunedUntil(patient)
  if (until === undefined) return false
  const [oldest] = decisions
  switch (resource.resourceType) {
    case 'Patient':
      return from <= until
    case 'Task': {
      const authoredOn = new Date(String(resource.authoredOn)).getTime()
      // The decision that made it is the oldest of them.
      const isCut = !oldest || new Date(oldest.decided_at).getTime() > authoredOn
      return madeBy(resource) !== undefined && authoredOn <= Date.parse(until) && isCut
    }
    default:
      return !oldest && version.lastUpdated <= until
  }
}
