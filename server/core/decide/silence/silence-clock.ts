import type { CarePlan, Extension, PlanDefinition, Task } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { queueFor } from '../task/claim.ts'
import { snoozeOf } from '../task/snooze.ts'
import { withExtensions } from '../task/task-extension.ts'
import { isOfPatient, isOpen, type TaskStatus } from '../task/task-status.ts'
import { ALWAYS_OPEN, addOpenMinutes, type OpeningHours } from '../time/opening-hours.ts'
import type { TimerDecision } from '../timer.ts'
import { type SilenceOwner, silenceOwnersOf, toldAt, toSilenceOwner } from './silence-owner.ts'

/**
 * On a Task: whose it is when nobody opens it, and when nobody decides it, and after how long; as `silence-owner` says it on the plan
 * that the Task comes of, so that a clock that rings asks no plan. Other systems may put it on Tasks of their own.
 */
export const SILENCE_CLOCK = `${FYLGJE}/StructureDefinition/silence-clock`

/** The silences of work: a Task that waits for somebody to open it, and one that waits for a decision. */
const OF_WORK = ['not-opened', 'not-decided'] as const
export type WorkSilence = (typeof OF_WORK)[number]
export type SilenceClock = SilenceOwner & { silence: WorkSilence }

const isOfWork = (one: SilenceOwner): one is SilenceClock => OF_WORK.some((silence) => silence === one.silence)

/** The clocks that stand on a Task. */
export const silenceClocksOf = (task: Task): SilenceClock[] =>
  (task.extension ?? [])
    .flatMap((one) => (one.url === SILENCE_CLOCK ? (toSilenceOwner(one) ?? []) : []))
    .filter(isOfWork)

/** The Task with the clocks that its plan asks for. */
export function withSilenceClocks(task: Task, plan: Pick<PlanDefinition, 'extension'>): Task {
  return withExtensions(task, [SILENCE_CLOCK], silenceOwnersOf(plan).filter(isOfWork).map(toExtension))
}

function toExtension({ silence, owner, after, calendar }: SilenceClock): Extension {
  const isSomebody = 'reference' in owner || 'identifier' in owner
  return {
    url: SILENCE_CLOCK,
    extension: [
      { url: 'silence', valueCode: silence },
      { url: 'owner', ...(isSomebody ? { valueReference: owner } : { valueCodeableConcept: owner }) } as Extension,
      { url: 'after', valueDuration: after },
      ...(calendar === 'clock' ? [] : [{ url: 'calendar', valueCode: calendar }]),
    ],
  }
}

/** To open a Task is to move it on from `requested`: that is the one act of reading which leaves a trace without a write for each reading. */
const OPENED: ReadonlySet<TaskStatus> = new Set(['received', 'accepted', 'ready', 'in-progress'])

/** Which silence a Task is in now; none while it is put aside, or closed, or the patient's own. */
export function silenceNow(task: Task): WorkSilence | undefined {
  if (!isOpen(task) || isOfPatient(task) || snoozeOf(task)) return undefined
  if (task.status === 'requested') return 'not-opened'
  return OPENED.has(task.status) ? 'not-decided' : undefined
}

/** The one that runs, of those that stand on the Task. */
export const runningClock = (task: Task): SilenceClock | undefined => {
  const silence = silenceNow(task)
  return silenceClocksOf(task).find((clock) => clock.silence === silence)
}

/**
 * The queue whose opening hours the silence of a Task is counted by; undefined where it is counted by the clock, or no queue is known.
 * @param carePlans of the patient
 */
export const queueOfSilence = (task: Task, carePlans: readonly CarePlan[]): string | undefined =>
  runningClock(task)?.calendar === 'opening-hours' ? queueFor(task, carePlans)?.reference : undefined

/**
 * The timers of a Task's silences, once somebody has moved it or it has been made: the one that it is in now runs from then on, unless
 * it runs already; the other has ended.
 * @param since when the Task came to where it is
 * @param hours of the team that has it; counted where the clock asks for opening hours
 */
export function silenceTimers(task: Task, since: Date, hours: OpeningHours = ALWAYS_OPEN): TimerDecision[] {
  const about = `Task/${task.id}`
  const running = runningClock(task)
  return silenceClocksOf(task).map((clock): TimerDecision => {
    const key = { kind: 'silence' as const, about, name: clock.silence }
    if (clock !== running && clock.silence !== running?.silence) return { act: 'drop', timer: key }
    const timer = { ...key, dueAt: dueAt(clock, since, hours), payload: { since: since.toISOString() } }
    return { act: 'start', timer }
  })
}

/** A team that never opens again counts by the clock: a silence must not vanish. */
function dueAt(clock: SilenceClock, since: Date, hours: OpeningHours): Date {
  const byClock = toldAt(clock, since)
  if (clock.calendar === 'clock') return byClock
  return addOpenMinutes(hours, since, (byClock.getTime() - since.getTime()) / 60_000) ?? byClock
}
