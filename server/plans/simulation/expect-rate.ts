import type { AlarmRate } from '../../lifecycle/alarm-budget.ts'
import type { Simulations } from '../../lifecycle/simulation.ts'

const DAYS = 30
const DAY = 86_400_000
/** So many days of enrolments tell a rate well enough; somebody waits for the answer. */
const ENROLMENT_DAYS = 600

/** What a version would have cost in the last 30 days, of as many patients as are played while somebody waits. */
export async function expectRate(simulations: Simulations, plan: string, now: Date): Promise<AlarmRate | undefined> {
  const asked = { plan, start: new Date(now.getTime() - DAYS * DAY), end: now }
  const enrolments = await simulations.weigh(asked)
  if (enrolments === 0) return undefined
  const share = Math.max(1, Math.min(100, Math.floor((100 * ENROLMENT_DAYS) / (enrolments * DAYS))))
  return (await simulations.run({ ...asked, share })).rate
}
