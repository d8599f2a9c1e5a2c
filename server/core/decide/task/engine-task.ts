import type { Duration, Reference, Task } from '@medplum/fhirtypes'
import { type Colour, FINDING } from '../plan/vocabulary.ts'
import { type TaskCode, taskCode, triageColour } from '../words/coded-words.ts'
import { type Told, toldAs, toldConcept } from '../words/told.ts'
import { placeTask } from './place-task.ts'
import { NOBODY } from './staff.ts'

export type AskedOf = Pick<Task, 'performerType' | 'input'> & {
  /** Left out where the store gives it. */
  id?: string
  /** By which it is found again: plan or request, what of it, subject, and the first thing that led to it, joined by `|`. */
  name: string
  code: TaskCode
  colour: Colour
  /** What is to be done. */
  told: Told
  /** Why; left out, the same words. */
  reason?: Told
  /** `CarePlan/1`: what whoever does it looks at first. */
  about: string
  basedOn?: string[]
  subject?: Task['for']
  owner?: Reference | undefined
  /** url|version of the plan that it is of. */
  plan?: string
  priority?: Task['priority']
  /** How long there is to do it; left out, as its colour has it. */
  within?: Duration
  now: Date
}

/** An open Task with what is to be said of it now. @returns the same Task where that is said already */
export function retold(task: Task, told: Pick<Task, 'reasonCode' | 'input'>, now: Date): Task {
  const isSame = JSON.stringify([task.reasonCode, task.input]) === JSON.stringify([told.reasonCode, told.input])
  return isSame ? task : { ...task, ...told, lastModified: now.toISOString() }
}

/**
 * How urgent a finding of a colour is. red is `stat`: somebody must look at once. yellow is `urgent`: the same working day. grey and green
 * are `routine`. `asap` is left for a Task that is raised when its deadline passes.
 */
export const COLOUR_PRIORITY = { red: 'stat', yellow: 'urgent', grey: 'routine', green: 'routine' } as const

/**
 * A Task of the engine's own, which no rule's activity describes: whatever is to be done, for whom and why, in each language. It has its
 * goal and deadline as every Task has, so that one that nobody does becomes late.
 */
export function engineTask(asked: AskedOf): Task {
  const { id, name, code, colour, told, about, subject, owner, plan, performerType, input, within, now } = asked
  const { reason = told, basedOn = [], priority = COLOUR_PRIORITY[colour] } = asked
  const at = now.toISOString()
  const task: Task = {
    resourceType: 'Task',
    ...(id ? { id } : {}),
    identifier: [{ system: FINDING, value: name }],
    ...(plan ? { instantiatesCanonical: plan } : {}),
    ...(basedOn.length > 0 ? { basedOn: basedOn.map((reference) => ({ reference })) } : {}),
    status: 'requested',
    businessStatus: triageColour(colour),
    intent: 'order',
    priority,
    code: taskCode(code),
    ...toldAs('description', told),
    focus: { reference: about },
    reasonReference: { reference: about },
    reasonCode: toldConcept(reason),
    ...(subject ? { for: subject } : {}),
    ...(performerType ? { performerType } : {}),
    ...(owner ? { owner: owner as Task['owner'] } : {}),
    ...(input ? { input } : {}),
    authoredOn: at,
    lastModified: at,
  }
  return placeTask(task, { rule: { action: within ? { timingDuration: within } : {} }, staff: NOBODY, now })
}
