import type { CodeableConcept, Extension, Task } from '@medplum/fhirtypes'
import { TASK_MARK, URGENCY } from '../plan/vocabulary.ts'
import { addOpenMinutes, type OpeningHours } from '../time/opening-hours.ts'
import type { ServiceLevel } from './service-level.ts'
import { extensionOf, part, withExtensions } from './task-extension.ts'

/** goal: when it should be done; deadline: when it must be; passed-deadline: again and again while it is not. */
export const MARK_KINDS = ['goal', 'deadline', 'passed-deadline'] as const
/** Nobody had opened it, or decided it, in time: see silence/silence-clock.ts. They are written when they have passed. */
const SILENCE_KINDS = ['not-opened', 'not-decided'] as const
export type ServiceMark = (typeof MARK_KINDS)[number]
export type MarkKind = ServiceMark | (typeof SILENCE_KINDS)[number]

/** What is done when a mark passes, beside the urgency that rises: tell somebody, raise once more, give it to another. */
export type EscalationAct = 'notify' | 'raise' | 'reassign' | 'queue'
export type Owner = NonNullable<Task['owner']>
/** To somebody or some queue by name, or to a role of those who work the Task's own queue. */
export type EscalationStep = { at: ServiceMark; act: EscalationAct; to?: Owner; role?: CodeableConcept }

/** One mark of a Task, as it stands in an extension of it: when, whether it has passed, and what is then done. */
export type Mark = { kind: MarkKind; at: Date; passed?: Date; steps: Omit<EscalationStep, 'at'>[] }

type Priority = NonNullable<Task['priority']>
/** R4's order of urgency; `stat` is kept for red, which no other Task becomes by waiting. */
export const PRIORITIES: readonly Priority[] = ['routine', 'urgent', 'asap', 'stat']
const RAISED_MAX = PRIORITIES.indexOf('asap')
/** Between two priorities lie so many points, fewer of which marks can add. */
const POINTS = 20
const POINTS_OF_MARK = 5

/** The marks of a Task that begins at `from`. A team that never opens again counts by the clock: a deadline must not vanish. */
export function marksFrom(level: ServiceLevel, from: Date, hours: OpeningHours): Mark[] {
  const at = (minutes: number) => {
    const byClock = new Date(from.getTime() + minutes * 60_000)
    return level.calendar === 'clock' ? byClock : (addOpenMinutes(hours, from, minutes) ?? byClock)
  }
  const mark = (kind: ServiceMark, minutes: number): Mark => ({
    kind,
    at: at(minutes),
    steps: level.escalation.filter((step) => step.at === kind).map(({ at: _at, ...step }) => step),
  })
  const { goalMinutes, deadlineMinutes, repeatMinutes, repeatCount } = level
  return [
    ...(goalMinutes === undefined ? [] : [mark('goal', goalMinutes)]),
    mark('deadline', deadlineMinutes),
    ...Array.from({ length: repeatCount }, (_, i) =>
      mark('passed-deadline', deadlineMinutes + (i + 1) * repeatMinutes),
    ),
  ]
}

/** The Task with these marks and the urgency that comes of them, its deadline in `restriction.period.end` too. */
export function withMarks(task: Task, marks: Mark[]): Task {
  const deadline = marks.find(({ kind }) => kind === 'deadline')
  const passedCount = marks.filter(({ passed }) => passed).length
  const marked = withExtensions(
    task,
    [TASK_MARK, URGENCY],
    [{ url: URGENCY, valueInteger: urgencyOf(task.priority, passedCount) }, ...marks.map(toExtension)],
  )
  if (!deadline) return marked
  return {
    ...marked,
    restriction: {
      ...task.restriction,
      period: { ...task.restriction?.period, end: deadline.at.toISOString() },
    },
  }
}

/** The marks that stand on a Task, whoever put them there, in order of their moments. Those without a moment are none. */
export function marksOf(task: Task): Mark[] {
  return (task.extension ?? [])
    .filter(({ url }) => url === TASK_MARK)
    .flatMap(({ extension: parts = [] }): Mark[] => {
      const kind = [...MARK_KINDS, ...SILENCE_KINDS].find((one) => one === part(parts, 'kind')?.valueCode)
      const at = Date.parse(part(parts, 'at')?.valueDateTime ?? '')
      const passed = Date.parse(part(parts, 'passed')?.valueDateTime ?? '')
      if (!kind || Number.isNaN(at)) return []
      const steps = parts.filter(({ url }) => url === 'step').flatMap(({ extension = [] }) => toStep(extension))
      return [{ kind, at: new Date(at), ...(Number.isNaN(passed) ? {} : { passed: new Date(passed) }), steps }]
    })
    .sort((one, other) => one.at.getTime() - other.at.getTime())
}

/** When the next mark passes. */
export const nextMark = (task: Task): Date | undefined => marksOf(task).find(({ passed }) => !passed)?.at

/** The roles that were asked when marks passed, by which a Task is for more than those whom its author named. */
export const rolesEscalatedTo = (task: Task): CodeableConcept[] =>
  marksOf(task).flatMap(({ passed, steps }) =>
    passed ? steps.flatMap(({ act, role }) => (role && GIVING.has(act) ? [role] : [])) : [],
  )
const GIVING: ReadonlySet<EscalationAct> = new Set(['reassign', 'queue'])

/**
 * Lets the marks pass whose moment has come: each raises the priority by a step, up to `asap`, and the urgency.
 * @returns the same Task when none has come; else with the steps of the escalation chain that are due, in order
 */
export function passMarks(task: Task, now: Date): { task: Task; steps: Mark['steps'] } {
  const marks = marksOf(task)
  const due = marks.filter(({ at, passed }) => !passed && at <= now)
  if (due.length === 0) return { task, steps: [] }
  const passed = marks.map((mark) => (due.includes(mark) ? { ...mark, passed: now } : mark))
  const priority = due.reduce((reached) => raised(reached, RAISED_MAX), task.priority ?? 'routine')
  return {
    task: { ...withMarks({ ...task, priority }, passed), lastModified: now.toISOString() },
    steps: due.flatMap(({ steps }) => steps),
  }
}

/** The same Task more urgent by one step, because of a silence about it; the mark that tells it has passed at once. */
export function markSilence(task: Task, kind: 'not-opened' | 'not-decided', now: Date): Task {
  const priority = raised(task.priority ?? 'routine', RAISED_MAX)
  const marks = [...marksOf(task), { kind, at: now, passed: now, steps: [] }]
  return { ...withMarks({ ...task, priority }, marks), lastModified: now.toISOString() }
}

/** The same Task one priority higher, as an escalation asks: `stat` at most. */
export function raiseTask(task: Task): Task {
  return withMarks({ ...task, priority: raised(task.priority ?? 'routine', PRIORITIES.length - 1) }, marksOf(task))
}

/** The Task with the marks that have not passed so much later: it was put aside for that long. */
export function postponeMarks(task: Task, milliseconds: number): Task {
  const marks = marksOf(task)
  if (marks.length === 0) return task
  const later = (mark: Mark): Mark => (mark.passed ? mark : { ...mark, at: new Date(mark.at.getTime() + milliseconds) })
  return withMarks(task, marks.map(later))
}

/**
 * What a worklist is ordered by, 0–100: the priority, and within it the marks that have passed. No number of marks lifts a Task over
 * one of a higher priority.
 */
function urgencyOf(priority: Task['priority'], passedCount: number): number {
  const base = (PRIORITIES.indexOf(priority ?? 'routine') + 1) * POINTS
  return base + Math.min(passedCount * POINTS_OF_MARK, POINTS - POINTS_OF_MARK)
}

/** A Task of another system has no number yet. */
export const urgencyIn = (task: Task): number => extensionOf(task, URGENCY)?.valueInteger ?? urgencyOf(task.priority, 0)

function raised(priority: Priority, highest: number): Priority {
  const at = PRIORITIES.indexOf(priority)
  return at >= highest ? priority : (PRIORITIES[at + 1] ?? priority)
}

function toExtension({ kind, at, passed, steps }: Mark): Extension {
  return {
    url: TASK_MARK,
    extension: [
      { url: 'kind', valueCode: kind },
      { url: 'at', valueDateTime: at.toISOString() },
      ...(passed ? [{ url: 'passed', valueDateTime: passed.toISOString() }] : []),
      ...steps.map(({ act, to, role }) => ({
        url: 'step',
        extension: [
          { url: 'act', valueCode: act },
          ...(to ? [{ url: 'to', valueReference: to }] : []),
          ...(role ? [{ url: 'to', valueCodeableConcept: role }] : []),
        ],
      })),
    ],
  }
}

const ACTS: readonly EscalationAct[] = ['notify', 'raise', 'reassign', 'queue']

/** @param parts of an extension: `act`, and `to`: a Reference, or a role */
export function toStep(parts: Extension[]): Omit<EscalationStep, 'at'>[] {
  const act = ACTS.find((one) => one === part(parts, 'act')?.valueCode)
  const { valueReference: to, valueCodeableConcept: role } = part(parts, 'to') ?? {}
  return act ? [{ act, ...(to ? { to: to as Owner } : {}), ...(role ? { role } : {}) }] : []
}
