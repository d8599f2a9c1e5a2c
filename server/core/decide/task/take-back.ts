import type { Resource } from '../../fhir/resource.ts'
import { phaseOf } from '../../requests/activity-life.ts'
import { type Committed, note, requestsAfter } from '../commit-findings.ts'
import type { Facts } from '../facts.ts'
import { madeBy, steered } from '../plan/steer.ts'
import type { Told } from '../words/told.ts'
import type { Finding } from './finding-task.ts'

/**
 * What a measurement caused to be started, and no longer causes, is stopped: as with Tasks for the team, when it is corrected or
 * withdrawn and nothing else is behind it. What was paused, resumed or changed stays so: nobody knows what it would have been.
 */
export function takeBack(
  facts: Facts,
  { changed, findings, why }: { changed: Resource; findings: Finding[]; why: Told },
  committed: Committed,
): void {
  const reference = `${changed.resourceType}/${changed.id}`
  const { plan, carePlan, now } = facts
  for (const request of requestsAfter(facts, committed)) {
    const made = madeBy(request)
    if (request.resourceType === 'Task' || made?.url !== plan.url || phaseOf(request) === undefined) continue
    const causes = causesOf(request)
    if (!causes.has(reference) || causes.size > 1) continue
    if (findings.some(({ rule, kind }) => kind === 'assess' && rule.id === made.actionId)) continue
    const stopped = steered(request, { does: 'stop', carePlan: `CarePlan/${carePlan.id}`, reason: why, now })
    if (stopped !== request) note(committed, 'update', stopped)
  }
}

/** What a request says that it came of. */
function causesOf({ reasonReference, about }: Resource): Set<string> {
  const references = [reasonReference ?? [], about ?? []].flat() as { reference?: string }[]
  return new Set(references.flatMap(({ reference }) => reference ?? []))
}
