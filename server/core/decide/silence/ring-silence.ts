import type { Task } from '@medplum/fhirtypes'
import { NOTHING } from '../decisions.ts'
import type { Ring } from '../ring.ts'
import { isOpen } from '../task/task-status.ts'
import { ringOfTask } from './follow-silence.ts'
import { ringOfUnsent } from './not-sent.ts'

/** A silence has lasted for as long as its plan allows. One that has ended meanwhile is none. */
export const ringSilence: Ring = (facts) => {
  const { timer, about, openTasks } = facts
  if (timer.name === 'not-sent') return ringOfUnsent(facts)
  const known = openTasks.find(({ id }) => `Task/${id}` === timer.about)
  const task = known ?? (about as Task | undefined)
  // A patient's open Tasks are all known; one that is about no patient is known by itself alone.
  const isStanding = task && isOpen(task) && (known !== undefined || !task.for)
  return isStanding ? ringOfTask(task, facts) : NOTHING
}
