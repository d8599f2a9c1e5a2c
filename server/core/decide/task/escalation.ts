import type { CarePlan, CodeableConcept, CommunicationRequest, Reference, Task } from '@medplum/fhirtypes'
import { toCommunicationRequest } from '../message/message.ts'
import { NOTICE, QUEUE } from '../plan/vocabulary.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell, toldAs, words } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { keepQueue, queueFor } from './claim.ts'
import { means } from './staff.ts'
import { withExtensions } from './task-extension.ts'
import { type Mark, type Owner, passMarks, raiseTask, rolesEscalatedTo } from './task-marks.ts'
import { isOfPatient, isPerson, takenBy } from './task-status.ts'

export type Escalated = { task: Task; notices: CommunicationRequest[] }

/**
 * What follows when the moment of a Task's mark has come: the urgency rises, and the steps of the escalation chain are taken in their
 * order. Pure. `reassign` and `queue` give it to somebody else, so whoever had taken it has it no more; a role is asked beside those who
 * were, of the same queue. Whoever is notified by several steps of one moment is told once.
 * @param carePlans of the patient: of which team a Task is that does not say from which queue somebody took it
 * @returns the same Task when no mark has come
 */
export function escalate(before: Task, now: Date, newId: () => string, carePlans: readonly CarePlan[] = []): Escalated {
  const { task, steps } = passMarks(before, now)
  const notices: CommunicationRequest[] = []
  const earlier = rolesEscalatedTo(before)
  const after = steps.reduce((reached, step) => {
    if (step.act === 'raise') return raiseTask(reached)
    const queue = queueFor(reached, carePlans)
    if (step.act === 'notify') {
      const notice = toNotice(reached, step, { now, id: newId(), number: notices.length, queue })
      if (!notices.some((told) => isForSame(told, notice))) notices.push(notice)
      return reached
    }
    const { role, to } = step
    if (!role) return to ? handTo(reached, to, now) : reached
    if (isAsked(reached, role, earlier)) return reached
    earlier.push(role)
    return askRole(reached, role, { now, queue })
  }, task)
  return { task: after, notices }
}

/** Whether two notices tell the same to the same. Some are known by an identifier alone; those of a role by the queue that they work, and what they are told. */
export const isForSame = (one: CommunicationRequest, other: CommunicationRequest) =>
  JSON.stringify(keyOf(one.recipient?.[0])) === JSON.stringify(keyOf(other.recipient?.[0])) &&
  one.payload?.[0]?.contentString === other.payload?.[0]?.contentString

const keyOf = (recipient: Reference | undefined) => recipient?.reference ?? recipient?.identifier

function handTo(task: Task, to: Owner, now: Date): Task {
  if (task.owner?.reference === to.reference) return task
  const from = task.owner?.display ?? task.owner?.reference
  const receiver = to.display ?? String(to.reference)
  const told = words(
    `Fristen er passert: gitt fra ${from ?? 'ingen'} til ${receiver}.`,
    `Fristen er passert: gitt frå ${from ?? 'ingen'} til ${receiver}.`,
    `The deadline has passed: given from ${from ?? 'nobody'} to ${receiver}.`,
  )
  return {
    // Where a person had it from is nothing to the queue that has it now.
    ...(isPerson(to.reference) ? keepQueue(task) : withExtensions(task, [QUEUE], [])),
    owner: to,
    status: takenBy(task) ? 'requested' : task.status,
    note: [...(task.note ?? []), { time: now.toISOString(), ...toldAs('text', told) }],
  }
}

/** Of a Task that everybody may take only what was done at earlier marks tells that those of a role were asked. */
function isAsked({ performerType = [] }: Task, role: CodeableConcept, earlier: CodeableConcept[]): boolean {
  return (performerType.length > 0 ? performerType : earlier).some((one) => means(one, role))
}

/**
 * A Task that those of a role may take from now on, as well as those who could before: it waits in its queue for whoever comes first. One
 * that names no role everybody may take, and that stays so. Asked again, nothing changes (see `isAsked`), so that whoever of them has
 * taken it keeps it; and what is the patient's own to do stays theirs.
 */
function askRole(task: Task, role: CodeableConcept, { now, queue }: { now: Date; queue: Owner | undefined }): Task {
  const { performerType = [] } = task
  const isHeld = isPerson(task.owner?.reference) && !isOfPatient(task)
  const waiting: Task =
    isHeld && queue
      ? { ...withExtensions(task, [QUEUE], []), owner: queue, status: takenBy(task) ? 'requested' : task.status }
      : task
  const told = words(
    `Fristen er passert: oppgaven er nå også for ${roleIn(role, 'nb')}.`,
    `Fristen er passert: oppgåva er no også for ${roleIn(role, 'nn')}.`,
    `The deadline has passed: the task is now also for ${roleIn(role, 'en')}.`,
  )
  return {
    ...waiting,
    ...(performerType.length > 0 ? { performerType: [...performerType, role] } : {}),
    note: [...(task.note ?? []), { time: now.toISOString(), ...toldAs('text', told) }],
  }
}

/** `lege`: as the role is called within a sentence. */
function roleIn({ coding, text }: CodeableConcept, language: Language): string {
  const [first] = coding ?? []
  const called = first ? translated(first, 'display', language) : undefined
  return (called ?? text ?? first?.code ?? '').toLowerCase()
}

/**
 * `number` tells the notices of one moment about one Task apart: their order, or the silence that gave one. `queue` is the Task's, also
 * while a person has it.
 */
type Issued = { now: Date; id: string; number: number | string; queue?: Owner | undefined }

/**
 * A notice to whom the step names, else to whoever has the Task. R4 sends no message to a role: it goes to the queue of the Task, and says whom
 * of those who work it the Task waits for. Sending it is for whoever sends messages.
 */
export function toNotice(
  task: Task,
  step: Mark['steps'][number],
  { now, id, number, queue }: Issued,
): CommunicationRequest {
  const { to, role } = step
  const recipient = to ?? (role && isPerson(task.owner?.reference) ? queue : undefined) ?? task.owner
  const what = (language: Language) =>
    translated(task, 'description', language) ?? task.code?.coding?.[0]?.display ?? String(task.id)
  return toCommunicationRequest({
    id,
    identifier: { system: NOTICE, value: `Task/${task.id}|${now.toISOString()}|${number}` },
    category: 'notification',
    priority: task.priority,
    subject: task.for,
    recipient,
    about: `Task/${task.id}`,
    told: tell((language) => `${waitsInWords(role, language)}: ${what(language)}`),
    authoredOn: now,
  })
}

/** `Oppgaven venter på lege`: what a notice says before it says which Task it is about. */
export const waitsInWords = (role: CodeableConcept | undefined, language: Language): string =>
  role ? `${WAITS[language]} ${FOR[language]} ${roleIn(role, language)}` : WAITS[language]

const WAITS: Told = { nb: 'Oppgaven venter', nn: 'Oppgåva ventar', en: 'The task is waiting' }
const FOR: Told = { nb: 'på', nn: 'på', en: 'for' }
