import type { Task } from '@medplum/fhirtypes'
import { forget, keep, kept } from '../../launch/kept.ts'
import { DRAFTS } from '../../launch/session.ts'

/** A record that somebody has opened to themselves for a while, and why. */
export type Opened = { until: string; reason: string }

const keyOf = (patient: string) => `${DRAFTS}opened Patient/${patient}`

/** @param task as `$break-glass` and `$open-restricted` answer */
export function openedBy(task: Task): Opened | undefined {
  const until = task.restriction?.period?.end
  return until ? { until, reason: task.reasonCode?.text ?? '' } : undefined
}

export const keepOpened = (patient: string, opened: Opened): void => keep(keyOf(patient), opened)

/** Still open, as far as this window knows; the server decides. */
export function findOpened(patient: string, now: Date): Opened | undefined {
  const found = kept<Opened>(keyOf(patient))
  if (!found || Date.parse(found.until) > now.getTime()) return found
  forget(keyOf(patient))
  return undefined
}
