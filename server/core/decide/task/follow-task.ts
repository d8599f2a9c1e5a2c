import type { CarePlan, CommunicationRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type Decisions, NOTHING, type RequestDecision } from '../decisions.ts'
import { referralOf } from '../referral/referral.ts'
import type { Ring } from '../ring.ts'
import { endedSilences } from '../silence/follow-silence.ts'
import { silenceClocksOf, silenceNow, silenceTimers } from '../silence/silence-clock.ts'
import type { OpeningHours } from '../time/opening-hours.ts'
import type { TimerDecision } from '../timer.ts'
import { escalate } from './escalation.ts'
import { handOver, isHandover } from './handover.ts'
import { snoozeOf, wakeTask } from './snooze.ts'
import { nextMark } from './task-marks.ts'
import { isOpen } from './task-status.ts'

/**
 * The timers that a Task needs: its next mark and the silence that it is in, or the end of its snooze. Others of it may be left
 * running: one that rings for nothing does nothing.
 * @param since when it came to where it is: made, taken, given back
 * @param hours of the team that has it, where a silence of it is counted by them
 */
export const timersOf = (task: Task, since: Date, hours?: OpeningHours): TimerDecision[] => [
  ...momentsOf(task),
  ...silenceTimers(task, since, hours),
]

function momentsOf(task: Task): TimerDecision[] {
  if (!isOpen(task)) return []
  const about = `Task/${task.id}`
  const snooze = snoozeOf(task)
  if (snooze) return [{ act: 'set', timer: { kind: 'snooze', about, name: 'end', dueAt: snooze.until } }]
  const dueAt = nextMark(task)
  return dueAt ? [{ act: 'set', timer: { kind: 'task-mark', about, name: 'next', dueAt } }] : []
}

/** The moment of a Task's mark: it becomes more urgent, and the escalation chain goes on. Put aside, it waits for its snooze. */
export const ringMark: Ring = ({ timer, about, carePlans, openTasks, now, newId }) => {
  const before = current(timer.about, about, openTasks)
  if (!before || snoozeOf(before)) return NOTHING
  const { task, notices } = escalate(before, now, newId, carePlans)
  return {
    tasks: task === before ? [] : [{ act: 'update', task }],
    ...(notices.length > 0 ? { requests: notices.map(toRequest) } : {}),
    timers: momentsOf(task),
    trace: [],
  }
}

const toRequest = (notice: CommunicationRequest): RequestDecision => ({
  act: 'create',
  resource: notice as unknown as Resource,
})

/** The end of a snooze. Prolonged meanwhile, it goes on. */
export const ringSnooze: Ring = ({ timer, about, openTasks, now }) => {
  const before = current(timer.about, about, openTasks)
  const snooze = before && snoozeOf(before)
  if (!before || !snooze) return NOTHING
  if (snooze.until > now) return { ...NOTHING, timers: momentsOf(before) }
  return { tasks: [{ act: 'update', task: wakeTask(before, now) }], timers: [], trace: [] }
}

/** The Task as this round has left it so far, if it is open. */
function current(reference: string, about: unknown, openTasks: Task[]): Task | undefined {
  const known = openTasks.find(({ id }) => `Task/${id}` === reference)
  if (known) return known
  const stored = about as Task | undefined
  // A patient's open Tasks are all known; one that is about no patient is known by itself alone.
  return stored && !stored.for && isOpen(stored) ? stored : undefined
}

/** Whether a change of a Task by somebody else than the engine needs to be followed. */
export const isFollowed = (task: Task): boolean =>
  momentsOf(task).length > 0 || silenceClocksOf(task).length > 0 || isHandover(task) || referralOf(task) !== undefined

export type TaskFacts = {
  task: Task
  openTasks: Task[]
  carePlans: CarePlan[]
  /** When it was changed. */
  at: Date
  hours?: OpeningHours | undefined
  now: Date
}

/**
 * The Task as it stands now. What is heard of a change is the version that the change made, and the engine may have moved the Task since: a
 * mark may pass between a write and the moment when the write can be read in the feed.
 * @param task as some change left it; returned as it is where it stands open no more, or is about no patient
 */
export const asItStands = (task: Task, openTasks: Task[]): Task => openTasks.find(({ id }) => id === task.id) ?? task

/**
 * What follows of a Task that a person, or another system, has made or changed: its timers, silences that have ended, and an accepted
 * handover. Moved to another silence since, it is in that one, from when it was moved.
 * @param facts.hours of the team that has it as it stands now
 */
export function followTask(facts: TaskFacts): Omit<Decisions, 'trace'> {
  const { task, openTasks, at, hours, now } = facts
  const handed = handOver(facts)
  const standing = asItStands(task, openTasks)
  const isMovedSince = silenceNow(standing) !== silenceNow(task)
  return {
    tasks: [...handed.tasks, ...endedSilences(standing, openTasks, now)],
    requests: handed.requests,
    timers: isMovedSince
      ? setAnew(timersOf(standing, changedAt(standing, at, now), hours))
      : timersOf(standing, at, hours),
  }
}

/** When it was changed last, not before `at`; no clock of another makes that a time to come. */
function changedAt({ meta, lastModified }: Task, at: Date, now: Date): Date {
  const told = [meta?.lastUpdated, lastModified].map((one) => Date.parse(one ?? ''))
  const last = Math.max(at.getTime(), ...told.filter((one) => !Number.isNaN(one)))
  return new Date(Math.min(last, now.getTime()))
}

/** One of the same name that is still there is of an earlier time. */
const setAnew = (timers: TimerDecision[]): TimerDecision[] =>
  timers.map((one) => (one.act === 'start' ? { ...one, act: 'set' as const } : one))

type OwnChange = { openTasks: Task[]; hours?: OpeningHours | undefined; now: Date }

/**
 * What follows of a Task that the engine itself has changed, which it does not hear of as work: escalated, woken, closed. Where the Task is
 * now in another silence than before, or with somebody else, that clock runs from now on (after a snooze, from its end) and the other has
 * ended; all else that is written on it leaves its clocks as they are, for one that has rung must not begin again with each new finding. Back from
 * a snooze, it has its next mark in every case.
 * @param before as it stood; of one that was not known, only its end is followed
 */
export function followOwnChange(
  before: Task | undefined,
  task: Task,
  { openTasks, hours, now }: OwnChange,
): Omit<Decisions, 'trace'> {
  const isElsewhere = before !== undefined && silenceNow(before) !== silenceNow(task)
  const isGiven = before !== undefined && before.owner?.reference !== task.owner?.reference
  const isMoved = isOpen(task) ? isElsewhere || isGiven : silenceClocksOf(task).length > 0
  const woken = before && snoozeOf(before)?.until
  // Back from a snooze where no silence is counted, as what is the patient's own to do or a draft: its marks wait for it none the less.
  if (!isMoved) return { tasks: [], timers: woken && !snoozeOf(task) ? momentsOf(task) : [] }
  const timers = timersOf(task, woken && woken < now ? woken : now, hours)
  return {
    tasks: endedSilences(task, openTasks, now),
    timers: isElsewhere ? setAnew(timers) : timers,
  }
}
