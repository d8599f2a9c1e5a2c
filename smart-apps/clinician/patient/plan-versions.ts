import type { PlanDefinition } from '@medplum/fhirtypes'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { LEAVING } from '../session-context.ts'

/** A version in force never changes; that there is a newer one is known so late at most. */
const KEPT_MILLIS = 3 * 60_000

type Kept = { plans: Promise<PlanDefinition[]>; at: number }
let kept = new Map<string, Kept>()

/** What was read before is not taken for what there is now: where somebody has changed something, or looks again. */
export const forgetPlans = (): void => {
  kept = new Map()
}
addEventListener(LEAVING, forgetPlans)

/**
 * Every version in force, or that was, of these plans. They are large, and of one patient as of the next: kept for a while.
 * @param urls without a version
 * @throws what the client throws; nothing is kept then
 */
export function readPlanVersions(fhir: FhirClient, urls: readonly string[]): Promise<PlanDefinition[]> {
  const key = [...urls].sort().join(',')
  const found = kept.get(key)
  if (found && Date.now() - found.at < KEPT_MILLIS) return found.plans
  // Not given up with the page that asks: the next one takes it.
  const plans = fhir
    .search('PlanDefinition', { url: key, status: 'active,retired', _count: 50 })
    .then((bundle) => ofType(bundle, 'PlanDefinition'))
  plans.catch(() => kept.delete(key))
  kept.set(key, { plans, at: Date.now() })
  return plans
}
