import type { CommunicationRequest, Reference, Task } from '@medplum/fhirtypes'
import { toCommunicationRequest } from '../message/message.ts'
import { NOTICE } from '../plan/vocabulary.ts'
import type { Language } from '../words/language.ts'
import { type Told, tell } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { type Mark, type Owner, passMarks, raiseTask } from './task-marks.ts'
import { takenBy } from './task-status.ts'

export type Escalated = { task: Task; notices: CommunicationRequest[] }

/**
 * What follows when the moment of a Task's mark has come: the urgency rises, and the steps of the escalation chain are taken in their
 * order. Pure. `reassign` and `queue` give it to somebody else, so whoever had taken it has it no more. Whoever is notified by several
 * steps of one moment is told once.
 * @returns the same Task when no mark has come
 */
export function escalate(before: Task, now: Date, newId: () => string): Escalated {
  const { task, steps } = passMarks(before, now)
  const notices: CommunicationRequest[] = []
  const after = steps.reduce((reached, step) => {
    if (step.act === 'raise') return raiseTask(reached)
    if (step.act === 'notify') {
      const notice = toNotice(reached, step, { now, id: newId(), number: notices.length })
      if (!notices.some((told) => isForSame(told, notice))) notices.push(notice)
      return reached
    }
    return step.to ? handTo(reached, step.to, now) : reached
  }, task)
  return { task: after, notices }
}

/** Some are known by an identifier alone. */
const isForSame = (one: CommunicationRequest, other: CommunicationRequest) =>
  JSON.stringify(keyOf(one.recipient?.[0])) === JSON.stringify(keyOf(other.recipient?.[0]))

const keyOf = (recipient: Reference | undefined) => recipient?.reference ?? recipient?.identifier

function handTo(task: Task, to: Owner, now: Date): Task {
  if (task.owner?.reference === to.reference) return task
  const from = task.owner?.display ?? task.owner?.reference ?? 'ingen'
  const text = `Fristen er passert: gitt fra ${from} til ${to.display ?? to.reference}.`
  return {
    ...task,
    owner: to,
    status: takenBy(task) ? 'requested' : task.status,
    note: [...(task.note ?? []), { time: now.toISOString(), text }],
  }
}

/** `number` tells the notices of one moment about one Task apart: their order, or the silence that gave one. */
type Issued = { now: Date; id: string; number: number | string }

/** A notice to whom the step names, else to whoever has the Task. Sending it is for whoever sends messages. */
export function toNotice(task: Task, { to }: Mark['steps'][number], { now, id, number }: Issued): CommunicationRequest {
  const recipient = to ?? task.owner
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
    told: tell((language) => `${WAITS[language]}: ${what(language)}`),
    authoredOn: now,
  })
}

const WAITS: Told = { nb: 'Oppgaven venter', nn: 'Oppgåva ventar', en: 'The task is waiting' }
