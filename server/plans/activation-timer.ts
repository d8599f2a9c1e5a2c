import type { Timer } from '../core/decide/timer.ts'
import type { Tx } from '../db/pool.ts'
import { setPlanClock } from './plan-clock.ts'

/** What is asked for at a later time. */
export type Scheduled = { at: Date; share: number; reason?: string | undefined; actor: string }

/** Sets the clock by which a plan comes into force; one that was set before is moved. */
export async function setActivation(tx: Tx, plan: string, { at, share, reason, actor }: Scheduled): Promise<void> {
  const payload = { share, actor, ...(reason ? { reason } : {}) }
  await setPlanClock(tx, { kind: 'activation', about: `PlanDefinition/${plan}`, name: 'activate', dueAt: at, payload })
}

/** What such a clock says when it rings. */
export function scheduledBy({ about, payload = {} }: Timer): {
  plan: string
  share: number
  reason?: string
  actor: string
} {
  const { share, reason, actor } = payload
  return {
    plan: about.split('/')[1] ?? '',
    share: Number(share ?? 100),
    ...(typeof reason === 'string' ? { reason } : {}),
    actor: String(actor),
  }
}
