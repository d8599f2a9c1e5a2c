import type { Task } from '@medplum/fhirtypes'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { type Handover, handoverIn, isHandover } from '../core/decide/task/handover.ts'
import { isOpen, isPerson } from '../core/decide/task/task-status.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { demandInWords } from '../lifecycle/legal-basis/demands.ts'
import type { Guard } from '../store/rooms.ts'
import { readHandoverBasis } from './handover-basis.ts'
import { worksForReceiver } from './works-for-receiver.ts'

/** What answers nothing: the question is taken back, or rests. */
const NO_ANSWER: ReadonlySet<unknown> = new Set(['requested', 'on-hold', 'cancelled', 'entered-in-error'])

/**
 * Whoever is asked to take a responsibility over answers, and nobody else: a person who is not of the receiving team can neither accept
 * nor reject for it, and nobody at all can turn the question to another team before it is answered. Systems answer for their own people;
 * who they are is for the system to know. Where the plan demands a legal basis for it, nobody is asked and nothing is taken over without one,
 * whoever writes it.
 */
export const handoverGuard = (now: () => Date): Guard => ({
  types: ['Task'],

  async admit(db, { access, before, after }) {
    const asked = before as unknown as Task
    const answer = after as unknown as Task | undefined
    if (access.clientId === ENGINE_CLIENT_ID || !answer) return
    const handover = handoverIn(asked)
    if (!handover) return mustNotBecomeOne(asked, answer)
    if (!isOpen(asked)) return
    mustAskTheSame(asked, answer, handover)
    if (isPerson(access.actor)) await mustBeTheirs(db, access.actor, { asked, answer, handover, now: now() })
    if (asksMore(asked, answer, handover)) await mustRest(db, answer, now())
  },

  admitNew() {},

  /** A question that somebody writes without `$handover`. */
  admitBeside(db, access, resource) {
    const task = resource as unknown as Task
    const handover = handoverIn(task)
    if (access.clientId === ENGINE_CLIENT_ID || !handover || !isOpen(task)) return undefined
    return task.owner?.reference === handover.to.reference || TAKEN_OVER.has(task.status)
      ? mustRest(db, task, now())
      : undefined
  },
})

type Answering = { asked: Task; answer: Task; handover: Handover; now: Date }

/** @throws Refusal forbidden */
async function mustBeTheirs(db: Queryable, actor: string, { asked, answer, handover, now }: Answering): Promise<void> {
  if (answer.status === asked.status || NO_ANSWER.has(answer.status)) return
  if (await worksForReceiver(db, actor, handover.to.reference, now)) return
  const told = `${actor} is not of ${handover.to.reference}, who is asked: only they answer this handover.`
  throw refuse('forbidden', told, 'Task.status')
}

/** With the question the receiver gets to see the record, with the answer they have it. A no needs no basis. */
const TAKEN_OVER: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress', 'completed'])

function asksMore(before: Task, after: Task, { to }: Handover): boolean {
  const isAsked = after.owner?.reference === to.reference && before.owner?.reference !== to.reference
  return isAsked || (TAKEN_OVER.has(after.status) && after.status !== before.status)
}

/** @throws Refusal business-rule, with each legal basis that the plan demands for a handover and nothing meets */
async function mustRest(db: Queryable, task: Task, now: Date): Promise<void> {
  const { missing } = await readHandoverBasis(db, task, now)
  if (missing.length === 0) return
  throw new Refusal(
    missing.map((demand) => ({
      ...{ severity: 'error', code: 'business-rule', expression: ['Task.extension'] },
      diagnostics: `The plan demands a legal basis for a handover that is not there: ${demandInWords(demand).en}.`,
    })),
  )
}

/** What was no question yet was judged as none. @throws Refusal business-rule */
function mustNotBecomeOne(before: Task, after: Task): void {
  if (isHandover(before) || !isHandover(after)) return
  throw refuse('business-rule', 'A Task is a handover from its beginning: ask by $handover.', 'Task.code')
}

/** One that is held may go to whom it asks: whether it may is for the basis to say. @throws Refusal business-rule */
function mustAskTheSame(before: Task, after: Task, { to, focus }: Handover): void {
  const then = handoverIn(after)
  const owners = [before.owner?.reference, to.reference]
  if (!then || then.to.reference !== to.reference || !owners.includes(after.owner?.reference)) {
    const told = `This handover asks ${to.reference}; another team is asked by another $handover.`
    throw refuse('business-rule', told, 'Task.owner')
  }
  if (then.focus !== focus) throw refuse('business-rule', `This handover is of ${focus}.`, 'Task.focus')
  const patient = before.for?.reference
  if (after.for?.reference !== patient) {
    throw refuse(
      'business-rule',
      `This handover is for ${patient ?? 'no patient'}; another is asked for by another.`,
      'Task.for',
    )
  }
}
