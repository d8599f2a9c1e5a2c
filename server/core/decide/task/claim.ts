import type { Annotation, CarePlan, Task } from '@medplum/fhirtypes'
import { refuse } from '../../fhir/outcome.ts'
import { QUEUE } from '../plan/vocabulary.ts'
import { isQuestionToTeam } from './question-to-team.ts'
import { snoozeOf } from './snooze.ts'
import { extensionOf, withExtensions } from './task-extension.ts'
import type { Owner } from './task-marks.ts'
import { isPerson, takenBy } from './task-status.ts'

/** Statuses in which a Task waits for somebody to take it. */
const WAITING: ReadonlySet<string> = new Set(['requested', 'received'])

/**
 * Somebody takes a Task: it is theirs, and `accepted`. Taking what one has already changes nothing.
 * @throws Refusal conflict (somebody else has it), business-rule (it is closed, a draft, put aside, or a handover or referral)
 */
export function claimTask(task: Task, performer: Owner, now: Date): Task {
  const holder = takenBy(task)
  if (holder === performer.reference) return task
  if (holder) throw refuse('conflict', `${holder} has taken this Task already.`, 'Task.owner')
  if (isQuestionToTeam(task)) {
    const told = 'A handover or referral is answered by its status: received, accepted or rejected.'
    throw refuse('business-rule', told, 'Task.code')
  }
  const snooze = snoozeOf(task)
  if (snooze) {
    const until = snooze.until.toISOString()
    throw refuse('business-rule', `This Task is put aside until ${until}; wake it first by $wake.`, 'Task.status')
  }
  // A team may have accepted it before one of them takes it.
  if (!WAITING.has(task.status) && task.status !== 'accepted') {
    throw refuse('business-rule', `A Task that is ${task.status} waits for nobody to take it.`, 'Task.status')
  }
  return { ...keepQueue(task), status: 'accepted', owner: performer, lastModified: now.toISOString() }
}

export type Release = {
  to: Owner | undefined
  reason?: string | undefined
  by: NonNullable<Annotation['authorReference']>
  now: Date
}

/**
 * A Task goes back to a queue: `requested`, and nobody has it.
 * @param asked.to the queue; undefined when none is known
 * @throws Refusal business-rule for one that nobody has taken, required without a queue
 */
export function releaseTask(task: Task, { to, reason, by, now }: Release): Task {
  const holder = takenBy(task)
  if (!holder) throw refuse('business-rule', 'Nobody has taken this Task, so it cannot be given back.', 'Task.owner')
  if (!to) throw refuse('required', 'Where does it go? No queue is known of this Task; name it as to.', 'to')
  const time = now.toISOString()
  const text = `Gitt tilbake fra ${task.owner?.display ?? holder}.${reason ? ` ${reason}` : ''}`
  return {
    ...withExtensions(task, [QUEUE], []),
    status: 'requested',
    owner: to,
    lastModified: time,
    note: [...(task.note ?? []), { time, text, authorReference: by }],
  }
}

/** The queue that a Task came from before somebody took it. */
export const queueOf = (task: Task): Owner | undefined => extensionOf(task, QUEUE)?.valueReference as Owner | undefined

/**
 * Whose queue a Task belongs to, also while a person has it. One that was taken by a plain update, or was given to somebody from the start,
 * may not say where it came from: then it is the team's of the CarePlan that it is part of.
 * @param carePlans of the patient
 */
export function queueFor(task: Task, carePlans: readonly CarePlan[]): Owner | undefined {
  if (task.owner && !isPerson(task.owner.reference)) return task.owner
  const based = (task.basedOn ?? []).map(({ reference }) => reference)
  const team = carePlans.find(({ id }) => based.includes(`CarePlan/${id}`))?.careTeam?.[0]
  return queueOf(task) ?? (team as Owner | undefined)
}

/** The Task that a person is given, with the queue that it comes from; from one person to the next it stays the same. */
export function keepQueue(task: Task): Task {
  if (!task.owner || isPerson(task.owner.reference)) return task
  return withExtensions(task, [QUEUE], [{ url: QUEUE, valueReference: task.owner }])
}
