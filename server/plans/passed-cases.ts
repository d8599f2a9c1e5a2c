import type { Settle } from '../expressions/expressions.ts'
import type { PlanReport } from '../lifecycle/plan-report.ts'

/** Plans that are on their way into force at the same time. */
const PLAN_COUNT_MAX = 20

/** Beside whoever evaluates: under other limits of time the same plan may not pass. */
const passed = new WeakMap<Settle, Map<string, PlanReport>>()

/**
 * Plays the cases of a plan once for its content: it is submitted, approved and brought into force with the same cases, which lead to the
 * same each time. What has not passed is played again, for it may have been the time that was too short.
 * @param digest of the plan with all that it names
 */
export async function oncePassed(
  { settle, digest }: { settle: Settle; digest: string },
  play: () => Promise<PlanReport>,
): Promise<PlanReport> {
  const reports = passed.get(settle) ?? new Map<string, PlanReport>()
  passed.set(settle, reports)
  const kept = reports.get(digest)
  if (kept) return kept
  const report = await play()
  if (!report.passed) return report
  const [oldest] = reports.keys()
  if (reports.size >= PLAN_COUNT_MAX && oldest !== undefined) reports.delete(oldest)
  reports.set(digest, report)
  return report
}
