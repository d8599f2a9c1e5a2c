import type { Extension, Reference, Task } from '@medplum/fhirtypes'
import { refuse } from '../../fhir/outcome.ts'
import { SNOOZE } from '../plan/vocabulary.ts'
import { extensionOf, part, withExtensions } from './task-extension.ts'
import { postponeMarks } from './task-marks.ts'
import { OPEN_STATUSES, type TaskStatus } from './task-status.ts'

/** A Task that is put aside with a reason until a moment: the finding is known and accepted. It is `on-hold` meanwhile. */
export type Snooze = {
  reason: string
  since: Date
  until: Date
  /** Who put it aside. */
  by: Reference
  /** What it goes back to. */
  from: TaskStatus
  /** How often the finding came again and disturbed nobody. */
  suppressedCount: number
}

type Snoozing = Pick<Snooze, 'reason' | 'until' | 'by'> & { now: Date }

/** Nobody should forget for longer what they have accepted. */
export const SNOOZE_DAYS_MAX = 90

/**
 * Puts a Task aside. What comes of the same finding meanwhile joins it and is counted; a red one breaks the snooze.
 * @throws Refusal business-rule (a red Task, one that is closed), value (an end that has passed or is too far away)
 */
export function snoozeTask(task: Task, { reason, until, by, now }: Snoozing): Task {
  if (!OPEN_STATUSES.has(task.status)) {
    throw refuse('business-rule', `A Task that is ${task.status} cannot be put aside.`, 'Task.status')
  }
  const isRed = task.businessStatus?.coding?.some(({ code }) => code === 'red')
  if (isRed || task.priority === 'stat') {
    const expression = isRed ? 'Task.businessStatus' : 'Task.priority'
    throw refuse('business-rule', 'A red Task cannot be put aside: somebody must look at it now.', expression)
  }
  const days = (until.getTime() - now.getTime()) / 86_400_000
  if (!(days > 0 && days <= SNOOZE_DAYS_MAX)) {
    throw refuse('value', `until must be within the next ${SNOOZE_DAYS_MAX} days, not ${until.toISOString()}.`, 'until')
  }
  const before = snoozeOf(task)
  const snooze: Snooze = {
    ...{ reason, until, by },
    since: before?.since ?? now,
    from: before?.from ?? task.status,
    suppressedCount: before?.suppressedCount ?? 0,
  }
  return {
    ...withSnooze(task, snooze),
    status: 'on-hold',
    statusReason: { text: reason },
    lastModified: now.toISOString(),
  }
}

/** How a Task is put aside, if it is. */
export function snoozeOf(task: Task): Snooze | undefined {
  const parts = task.status === 'on-hold' ? extensionOf(task, SNOOZE)?.extension : undefined
  if (!parts) return undefined
  const [since, until] = ['since', 'until'].map((name) => Date.parse(part(parts, name)?.valueDateTime ?? ''))
  if (since === undefined || until === undefined || Number.isNaN(since + until)) return undefined
  const from = part(parts, 'from')?.valueCode as TaskStatus | undefined
  return {
    reason: part(parts, 'reason')?.valueString ?? '',
    since: new Date(since),
    until: new Date(until),
    by: part(parts, 'by')?.valueReference ?? {},
    from: from && OPEN_STATUSES.has(from) && from !== 'on-hold' ? from : 'requested',
    suppressedCount: part(parts, 'suppressed')?.valueUnsignedInt ?? 0,
  }
}

/** The finding came again while its Task was put aside: nobody is disturbed, but it is counted. */
export function suppressOnce(task: Task): Task {
  const snooze = snoozeOf(task)
  return snooze ? withSnooze(task, { ...snooze, suppressedCount: snooze.suppressedCount + 1 }) : task
}

/**
 * Brings a Task back from its snooze, as it was before, its marks later by as long as it was away; what was suppressed is told in a note.
 * @param why in words, when it comes back before its time
 */
export function wakeTask(task: Task, now: Date, why?: string): Task {
  const snooze = snoozeOf(task)
  if (!snooze) return task
  const { reason, suppressedCount, since, until, from } = snooze
  const times = suppressedCount === 1 ? '1 nytt funn' : `${suppressedCount} nye funn`
  const text = `Utsatt til ${until.toISOString()} (${reason}); ${times} i mellomtiden.${why ? ` ${why}` : ''}`
  const { statusReason: _reason, ...rest } = task
  return {
    ...postponeMarks(withExtensions(rest, [SNOOZE], []), now.getTime() - since.getTime()),
    status: from,
    lastModified: now.toISOString(),
    note: [...(task.note ?? []), { time: now.toISOString(), text }],
  }
}

function withSnooze(task: Task, { reason, since, until, by, from, suppressedCount }: Snooze): Task {
  const parts: Extension[] = [
    { url: 'reason', valueString: reason },
    { url: 'since', valueDateTime: since.toISOString() },
    { url: 'until', valueDateTime: until.toISOString() },
    { url: 'by', valueReference: by },
    { url: 'from', valueCode: from },
    { url: 'suppressed', valueUnsignedInt: suppressedCount },
  ]
  return withExtensions(task, [SNOOZE], [{ url: SNOOZE, extension: parts }])
}
