import type { Timer } from '../core/decide/timer.ts'
import type { Tx } from '../db/pool.ts'
import { noTimerChanges, noteTimer, writeTimers } from './timers.ts'

/** What is asked for at a later time. */
export type Scheduled = { at: Date; share: number; reason?: string | undefined; actor: string }

/** The moments of the whole house lie in one part of the work. */
export const ACTIVATION_PART = 0

/** Sets the clock by which a plan comes into force; one that was set before is moved. */
export async function setActivation(tx: Tx, plan: string, { at, share, reason, actor }: Scheduled): Promise<void> {
  const changes = noTimerChanges()
  const payload = { share, actor, ...(reason ? { reason } : {}) }
  const timer: Timer = { kind: 'activation', about: `PlanDefinition/${plan}`, name: 'activate', dueAt: at, payload }
  noteTimer(changes, { act: 'set', timer }, { partition: ACTIVATION_PART })
  await writeTimers(tx, changes)
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
