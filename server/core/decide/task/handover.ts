import type { CarePlan, Task } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import type { Resource } from '../../fhir/resource.ts'
import type { Decisions, RequestDecision } from '../decisions.ts'
import { TASK_CODE, TASK_INPUT } from '../plan/vocabulary.ts'
import { ALWAYS_OPEN } from '../time/opening-hours.ts'
import { type InputCode, taskCode, taskInput } from '../words/coded-words.ts'
import { type Told, toldAs, toldConcept } from '../words/told.ts'
import { serviceLevelOf } from './service-level.ts'
import { marksFrom, type Owner, withMarks } from './task-marks.ts'
import { isOpen, isPerson, takenBy } from './task-status.ts'

/**
 * A handover is a Task of its own, a question from one team to another: requested → received → accepted or rejected. Until it is
 * accepted, whoever had the responsibility has it; from then on the other does, and the handover is completed.
 */
export type Handover = {
  /** What is handed over, `Task/1` or `CarePlan/1`. */
  focus: string
  from: Owner | undefined
  to: Owner
}

const input = (code: InputCode, owner: Owner | undefined) =>
  owner ? [{ type: taskInput(code), valueReference: owner }] : []

type Asked = Handover & {
  for: Task['for']
  reason: string
  requester: Task['requester']
  /** When an answer must be there; unsaid a day. */
  answerBy?: Date
  now: Date
}

/** The question. Unanswered in time, it becomes more urgent, and whoever asked is told. */
export function newHandover({ focus, from, to, for: subject, reason, requester, answerBy, now }: Asked): Task {
  const minutes = answerBy ? Math.max((answerBy.getTime() - now.getTime()) / 60_000, 1) : 24 * 60
  const level = serviceLevelOf(
    { timingDuration: { value: minutes, unit: 'min', code: 'min' } },
    undefined,
    'yellow',
    now,
  )
  const escalation = from ? [{ at: 'deadline' as const, act: 'notify' as const, to: from }] : []
  const task: Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'proposal',
    priority: 'urgent',
    code: taskCode('handover'),
    ...toldAs('description', handoverInWords(from && nameOf(from), nameOf(to))),
    focus: { reference: focus },
    for: subject,
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
    ...(requester ? { requester } : {}),
    owner: to,
    reasonCode: { text: reason },
    restriction: { period: { start: now.toISOString() } },
    input: [...input('handover-from', from), ...input('handover-to', to)],
  }
  return withMarks(task, marksFrom({ ...level, escalation }, now, ALWAYS_OPEN))
}

const nameOf = ({ display, reference }: Owner): string => display ?? reference ?? ''

const handoverInWords = (from: string | undefined, to: string): Told => ({
  nb: `Overføring fra ${from ?? 'ingen'} til ${to}`,
  nn: `Overføring frå ${from ?? 'ingen'} til ${to}`,
  en: `Handover from ${from ?? 'nobody'} to ${to}`,
})

export const isHandover = ({ code }: Task): boolean => hasCode(code, TASK_CODE, 'handover')

/** What a Task of this kind hands over. */
export function handoverIn(task: Task): Handover | undefined {
  const find = (code: string) =>
    task.input?.find(({ type }) => hasCode(type, TASK_INPUT, code))?.valueReference as Owner | undefined
  const to = find('handover-to')
  const focus = task.focus?.reference
  return isHandover(task) && to && focus ? { focus, from: find('handover-from'), to } : undefined
}

/** The question waits: for the receiver to be asked, and to see the patient's record for it, something is missing. Until then it is the asker's. */
export const heldHandover = (task: Task, from: Owner, missing: Told): Task => ({
  ...task,
  status: 'on-hold',
  owner: from,
  statusReason: toldConcept(missing),
})

/** Whether a handover waits so: who is asked does not have the question yet. */
export const isHeld = (task: Task): boolean =>
  task.status === 'on-hold' &&
  handoverIn(task) !== undefined &&
  handoverIn(task)?.to.reference !== task.owner?.reference

/** What it waited for is there: now the receiver is asked. */
export function askedNow(task: Task, now: Date): Task {
  const { statusReason: _reason, ...rest } = task
  return { ...rest, status: 'requested', owner: handoverIn(task)?.to, lastModified: now.toISOString() } as Task
}

type Facts = { task: Task; openTasks: Task[]; carePlans: CarePlan[]; now: Date }

/** What an answer brings about: accepted, the responsibility moves, at once and as a whole. Told twice, it moves once. */
export function handOver({ task, openTasks, carePlans, now }: Facts): {
  tasks: Decisions['tasks']
  requests: RequestDecision[]
} {
  const handover = handoverIn(task)
  // The version that stands now counts: an answer that was seen before has been completed since.
  const asked = openTasks.find(({ id }) => id === task.id)
  if (!handover || !asked || asked.status !== 'accepted') return { tasks: [], requests: [] }
  const done: Task = {
    ...asked,
    status: 'completed',
    lastModified: now.toISOString(),
    executionPeriod: { ...asked.executionPeriod, end: now.toISOString() },
  }
  const carePlan = carePlans.find(({ id }) => `CarePlan/${id}` === handover.focus)
  const moved = carePlan ? responsibilityMoved(carePlan, handover, openTasks, now) : undefined
  const tasks =
    moved?.tasks ??
    openTasks.filter(({ id }) => `Task/${id}` === handover.focus).map((one) => moveTo(one, handover, now))
  return {
    tasks: [done, ...tasks].map((one) => ({ act: 'update' as const, task: one })),
    requests: moved ? [{ act: 'update', resource: moved.carePlan as unknown as Resource }] : [],
  }
}

/** A CarePlan whose responsibility is another team's from now on, and the Tasks that waited for the team before. */
export function responsibilityMoved(
  carePlan: CarePlan,
  handover: Handover,
  openTasks: Task[],
  now: Date,
): { carePlan: CarePlan; tasks: Task[] } {
  const waiting = openTasks.filter((task) => isWaitingOf(task, carePlan, handover))
  return { carePlan: withTeam(carePlan, handover), tasks: waiting.map((task) => moveTo(task, handover, now)) }
}

/** Whoever has taken a Task ends it; what waits in the queue of the team goes along. */
function isWaitingOf(task: Task, { id }: CarePlan, { from }: Handover): boolean {
  const isOfPlan = task.basedOn?.some(({ reference }) => reference === `CarePlan/${id}`) ?? false
  return isOfPlan && isOpen(task) && !takenBy(task) && task.owner?.reference === from?.reference && !isHandover(task)
}

function moveTo(task: Task, { from, to }: Handover, now: Date): Task {
  const text = `Overført fra ${from?.display ?? from?.reference ?? 'ingen'} til ${to.display ?? to.reference}.`
  return {
    ...task,
    owner: to,
    status: takenBy(task) ? 'requested' : task.status,
    lastModified: now.toISOString(),
    note: [...(task.note ?? []), { time: now.toISOString(), text }],
  }
}

/** The new team stands first, which is the one that Tasks go to; the old one is in the plan no more. */
function withTeam(carePlan: CarePlan, { from, to }: Handover): CarePlan {
  const others = (carePlan.careTeam ?? []).filter(
    ({ reference }) => reference !== from?.reference && reference !== to.reference,
  )
  return { ...carePlan, careTeam: [to, ...others] as CarePlan['careTeam'] }
}

/** Who can be asked to take a responsibility over: a team that has a queue, or for a Task also one person. */
export const mayReceive = (focusType: string, to: string): boolean =>
  focusType === 'CarePlan'
    ? /^CareTeam\//.test(to)
    : /^(?:CareTeam|HealthcareService|Organization)\//.test(to) || isPerson(to)
