import type { BundleEntry, Communication, Observation, Parameters, Resource, Task } from '@medplum/fhirtypes'
import { FYLGJE, TASK_OUTPUT } from '../../../server/core/decide/plan/vocabulary.ts'
import { takenBy } from '../../../server/core/decide/task/task-status.ts'
import {
  type OutcomeCode,
  taskCode,
  taskInput,
  taskOutcome,
  taskOutput,
} from '../../../server/core/decide/words/coded-words.ts'
import { type Told, toldAs, toldConcept } from '../../../server/core/decide/words/told.ts'
import type { StoredTask } from '../worklist/row.ts'

/**
 * Something that somebody has decided to do, as the one request that does all of it or nothing. It is plain data: it can wait, survive a
 * reload, and be sent twice without being done twice.
 */
export type Act = {
  id: string
  /** What will happen, and what has happened, in the words of who does it; `{count}` of `partly` is done and `{failed}` is not. */
  words: { held: string; done: string; partly?: string }
  patient: string
  /** ids of the Tasks that it changes. */
  taskIds: readonly string[]
  request: ActRequest
  /** Where its words come from, given back when it is undone or fails: name and what was written. */
  draft?: { name: string; written: object }
}

export type ActRequest =
  | { kind: 'transaction'; entry: BundleEntry[]; closing?: Closing; tasks?: StoredTask[] }
  /** Each is a decision of its own: what somebody else has changed meanwhile stays as they made it, and the others are done. */
  | { kind: 'batch'; entry: BundleEntry[] }
  | {
      kind: 'operation'
      path: string
      parameter: NonNullable<Parameters['parameter']>
      ifMatch?: string
    }

/** Of what makes a resource ours: sent again, it is found instead of made again. */
const ACT = `${FYLGJE}/NamingSystem/act`
const MODE = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode'

export type Doer = { reference: string; display?: string }
export type About = { act: string; now: Date; patient: string; doer: Doer; task?: StoredTask }

/** Makes a resource once, however often it is sent. @param part tells those of one act apart */
export const once = (resource: Unnamed, act: string, part: string): BundleEntry => ({
  resource: named(resource, act, part),
  request: { method: 'POST', url: resource.resourceType, ifNoneExist: namedBy(act, part) },
})

type Unnamed = Resource & { identifier?: unknown }
export const named = (resource: Unnamed, act: string, part: string) =>
  ({ ...resource, identifier: [{ system: ACT, value: `${act}.${part}` }] }) as Resource
/** As a search has it. */
export const nameOf = (act: string, part: string) => `${ACT}|${act}.${part}`
const namedBy = (act: string, part: string) => `identifier=${nameOf(act, part)}`

/** Writes a version over the one that was seen, and over no other. */
const over = (resource: Resource & { id?: string }): BundleEntry => ({
  resource,
  request: {
    method: 'PUT',
    url: `${resource.resourceType}/${resource.id}`,
    ifMatch: `W/"${resource.meta?.versionId}"`,
  },
})

export type Call = { text: string; isReached: boolean }

/** A telephone call, also one that nobody answered: who was called, when, and what was said. */
export function callNoted({ act, now, patient, doer, task }: About, { text, isReached }: Call): BundleEntry {
  const call: Communication = {
    resourceType: 'Communication',
    status: isReached ? 'completed' : 'not-done',
    ...(isReached ? {} : { statusReason: toldConcept(NO_ANSWER) }),
    medium: [{ coding: [{ system: MODE, code: 'PHONE' }] }],
    subject: { reference: `Patient/${patient}` },
    recipient: [{ reference: `Patient/${patient}` }],
    sender: doer as Communication['sender'],
    sent: now.toISOString(),
    payload: [{ contentString: text }],
    ...aboutTask(task),
  }
  return once(call, act, 'call')
}
const NO_ANSWER: Told = { nb: 'Svarte ikke', nn: 'Svarte ikkje', en: 'No answer' }

/** What the patient reads. */
export function messageSent({ act, now, patient, doer, task }: About, text: string): BundleEntry {
  const message: Communication = {
    resourceType: 'Communication',
    status: 'completed',
    medium: [{ coding: [{ system: MODE, code: 'WRITTEN' }] }],
    subject: { reference: `Patient/${patient}` },
    recipient: [{ reference: `Patient/${patient}` }],
    sender: doer as Communication['sender'],
    sent: now.toISOString(),
    payload: [{ contentString: text }],
    ...aboutTask(task),
  }
  return once(message, act, 'message')
}

const aboutTask = (task: StoredTask | undefined) => (task ? { about: [{ reference: `Task/${task.id}` }] } : {})

type Asked = {
  code: 'measure-again' | 'carry-out' | 'answer-questionnaire'
  owner: Doer
  told: Told
  reason?: string
  until: Date
  priority?: Task['priority']
  questionnaire?: { canonical: string; id?: string }
  /** `Communication/7`: what it is about. */
  focus?: string
}

/** A Task of somebody else's: the patient measures again or answers a form, a doctor answers, somebody visits. */
export function asked({ act, now, patient, doer, task }: About, asked: Asked): BundleEntry {
  const { code, owner, told, reason, until, priority = 'routine', questionnaire, focus } = asked
  const made: Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    priority,
    code: taskCode(code),
    ...toldAs('description', told),
    ...(reason ? { reasonCode: { text: reason } } : {}),
    for: { reference: `Patient/${patient}` },
    authoredOn: now.toISOString(),
    lastModified: now.toISOString(),
    requester: doer as Task['requester'],
    owner: owner as Task['owner'],
    restriction: { period: { start: now.toISOString(), end: until.toISOString() } },
    ...(task ? { partOf: [{ reference: `Task/${task.id}` }], ...(task.basedOn ? { basedOn: task.basedOn } : {}) } : {}),
    ...(focus ? { focus: { reference: focus } } : {}),
    ...(questionnaire
      ? {
          ...(questionnaire.id ? { focus: { reference: `Questionnaire/${questionnaire.id}` } } : {}),
          input: [{ type: taskInput('questionnaire'), valueCanonical: questionnaire.canonical }],
        }
      : {}),
  }
  return once(made, act, code)
}

/** How a Task ends. */
export type Closing = {
  /** Of an alarm; what somebody was asked to do has none. */
  outcome?: OutcomeCode
  /** Empty where the answers say it. */
  note: string
  /** `urn:uuid:…` of the answers that it asked for, which are stored with it. */
  answers?: string
  /** Whether what it was about was a deterioration; undefined when that is not known. */
  isDeterioration?: boolean
  at: string
  doer: Doer
}

/** The Task as it is when it has been dealt with. Whoever ends one that nobody has taken is who has done it. */
export function closed(task: StoredTask, { outcome, note, answers, isDeterioration, at, doer }: Closing): StoredTask {
  const output = [
    ...(task.output ?? []),
    ...(answers ? [{ type: taskOutput('answers'), valueReference: { reference: answers } }] : []),
    ...(isDeterioration === undefined ? [] : [{ type: DETERIORATION, valueBoolean: isDeterioration }]),
  ]
  return {
    ...task,
    status: 'completed',
    ...(outcome && { statusReason: taskOutcome(outcome) }),
    owner: takenBy(task) ? task.owner : (doer as Task['owner']),
    lastModified: at,
    executionPeriod: { ...task.executionPeriod, end: at },
    ...(output.length > 0 ? { output } : {}),
    ...(note
      ? { note: [...(task.note ?? []), { time: at, text: note, authorReference: { reference: doer.reference } }] }
      : {}),
  }
}
const DETERIORATION = { coding: [{ system: TASK_OUTPUT, code: 'deterioration' }] }

/** All of them end together, or none does. */
export const closingOf = (
  tasks: readonly StoredTask[],
  closing: Closing,
  beside: BundleEntry[] = [],
): Extract<ActRequest, { kind: 'transaction' }> => ({
  kind: 'transaction',
  entry: [...beside, ...tasks.map((task) => over(closed(task, closing)))],
  closing,
  tasks: [...tasks],
})

/** Each ends by itself. */
export const closingEach = (tasks: readonly StoredTask[], closing: Closing): ActRequest => ({
  kind: 'batch',
  entry: tasks.map((task) => over(closed(task, closing))),
})

/** Whether Tasks end by it, so that nobody begins with them while it waits. */
export const isClosing = ({ kind, ...request }: ActRequest): boolean =>
  kind === 'batch' || (kind === 'transaction' && 'closing' in request && request.closing !== undefined)

/** The same end of what somebody else has changed meanwhile: their changes stay. What has ended is left as it is. */
export function onTopOf(request: ActRequest, stored: readonly StoredTask[]): ActRequest {
  if (request.kind !== 'transaction' || !request.closing) return request
  const beside = request.entry.filter(({ request }) => request?.method === 'POST')
  return closingOf(stored, request.closing, beside)
}

/** Kept, and not believed: what it led to is judged anew by the server. */
export function invalidated(
  observation: Observation,
  { now, doer }: Pick<About, 'now' | 'doer'>,
  reason: string,
): BundleEntry {
  return over({
    ...observation,
    status: 'entered-in-error',
    note: [
      ...(observation.note ?? []),
      { time: now.toISOString(), text: reason, authorReference: { reference: doer.reference } },
    ],
  } as Observation)
}

export const handoverAsked = (
  task: StoredTask,
  { to, reason, answerBy }: { to: Doer; reason: string; answerBy: Date },
): ActRequest => ({
  kind: 'operation',
  path: `Task/${task.id}/$handover`,
  parameter: [
    { name: 'to', valueReference: to },
    { name: 'reason', valueString: reason },
    { name: 'answerBy', valueInstant: answerBy.toISOString() },
  ],
})
