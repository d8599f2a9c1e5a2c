import type { CodeableConcept, CommunicationRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type Decisions, NOTHING } from '../decisions.ts'
import type { RingFacts } from '../ring.ts'
import { queueFor } from '../task/claim.ts'
import { isForSame, toNotice } from '../task/escalation.ts'
import { means } from '../task/staff.ts'
import { markSilence, marksOf, PRIORITIES, rolesEscalatedTo } from '../task/task-marks.ts'
import { isPerson } from '../task/task-status.ts'
import { reasonIn, sameInAll } from '../words/told.ts'
import { runningClock, silenceClocksOf, silenceNow } from './silence-clock.ts'
import type { SilenceOwner } from './silence-owner.ts'
import { endSilence, findSilenceTask, silenceTask } from './silence-task.ts'
import { silentTaskInWords } from './silence-words.ts'

/** The Tasks about silences of this Task that have ended, because it was opened, decided, given back or closed. */
export function endedSilences(task: Task, openTasks: Task[], now: Date): Decisions['tasks'] {
  const silence = silenceNow(task)
  return silenceClocksOf(task)
    .filter((clock) => clock.silence !== silence)
    .flatMap((clock) => endSilence(openTasks, clock.silence, `Task/${task.id}`, now))
    .map((ended) => ({ act: 'update' as const, task: ended }))
}

/**
 * Nobody has opened the Task, or nobody has decided it, for as long as its plan allows: it becomes more urgent, and the silence's owner
 * gets a Task of their own. Where they have the Task itself already, they get a notice instead of a second Task.
 */
export function ringOfTask(task: Task, { timer, carePlans, openTasks, now, newId }: RingFacts): Decisions {
  const clock = runningClock(task)
  if (!clock || clock.silence !== timer.name) return NOTHING
  const { silence } = clock
  const since = new Date(String(timer.payload?.since ?? task.authoredOn ?? now.toISOString()))
  const raised = markSilence(task, silence, now)
  const tasks: Decisions['tasks'] = [{ act: 'update', task: raised }]
  if (isOwnedBy(task, clock.owner)) {
    const notice = toNotice(raised, { act: 'notify' }, { now, id: newId(), number: silence })
    if (isToldByMark(raised, notice, timer.dueAt)) return { tasks, timers: [], trace: [] }
    return { tasks, requests: [{ act: 'create', resource: asResource(notice) }], timers: [], trace: [] }
  }
  if (findSilenceTask(openTasks, silence, timer.about)) return { tasks, timers: [], trace: [] }
  const what = task.reasonCode?.text ? reasonIn(task) : sameInAll(task.description ?? timer.about)
  const made = silenceTask(
    {
      ...{ silence, owner: clock.owner, after: clock.after, about: timer.about, since },
      ...(task.for?.reference ? { subject: task.for.reference } : {}),
      basedOn: task.basedOn ?? [],
      team: queueFor(task, carePlans) ?? task.owner,
      told: silentTaskInWords(silence, what, since),
      priority: priorityOf(raised),
    },
    { id: newId(), now },
  )
  return { tasks: [...tasks, { act: 'create', task: made }], timers: [], trace: [] }
}

/**
 * Whether a mark of the same moment tells the same to the same: its notice has come, or comes when the mark passes, whichever of the two
 * clocks rings first. Who gets both would read one sentence twice. A mark that hands the Task over may tell somebody else, so that it counts
 * as telling nobody: twice is better than never.
 */
function isToldByMark(task: Task, notice: CommunicationRequest, dueAt: Date): boolean {
  return marksOf(task).some(
    ({ at, steps }) =>
      Math.abs(at.getTime() - dueAt.getTime()) < MOMENT_MILLISECONDS &&
      steps.every(({ act }) => act === 'notify' || act === 'raise') &&
      steps.some(
        (step) => step.act === 'notify' && isForSame(toNotice(task, step, { now: dueAt, id: '', number: 0 }), notice),
      ),
  )
}
/** Marks count from when the Task was made, silences from when it came to where it is: the same act, and not always the same millisecond. */
const MOMENT_MILLISECONDS = 60_000

/** Not over `asap`: `stat` is red's alone. */
function priorityOf({ priority = 'routine' }: Task): Task['priority'] {
  const rank = Math.min(
    Math.max(PRIORITIES.indexOf(priority), PRIORITIES.indexOf('urgent')),
    PRIORITIES.indexOf('asap'),
  )
  return PRIORITIES[rank]
}

/**
 * Who owns the silence has the Task already: by reference, or because it is a Task for their role. Not while it is in the hands of one
 * person, whose silence it is; nor where an escalation has asked the role beside those who keep silent.
 */
function isOwnedBy(task: Task, wanted: SilenceOwner['owner']): boolean {
  const { owner, performerType = [] } = task
  if ('reference' in wanted) return owner?.reference === wanted.reference
  if ('identifier' in wanted || isPerson(owner?.reference)) return false
  const isNamedIn = (roles: CodeableConcept[]) => roles.some((role) => means(role, wanted))
  return isNamedIn(performerType) && !isNamedIn(rolesEscalatedTo(task))
}
const asResource = (notice: CommunicationRequest) => notice as unknown as Resource
