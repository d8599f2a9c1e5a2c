import { isDeepStrictEqual } from 'node:util'
import type { Task } from '@medplum/fhirtypes'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { asksAnything, eligibilityOf } from '../core/decide/referral/eligibility.ts'
import { proposalIn, proposalOutputs } from '../core/decide/referral/follow-referral.ts'
import { isAwaiting, isEligibilityQuestion, isReferral, receiverOf } from '../core/decide/referral/referral.ts'
import { isPerson } from '../core/decide/task/task-status.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import type { Guard } from '../store/rooms.ts'
import { readPlansNamed } from './plans-named.ts'
import { worksForReceiver } from './works-for-receiver.ts'

/** What takes the patient in. */
const ACCEPTED: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress', 'completed'])
/** What the unit that is asked says, and nobody for it. */
const ANSWERS: ReadonlySet<string> = new Set([...ACCEPTED, 'received', 'rejected', 'failed'])

/**
 * Of people only those of the unit that is asked answer a referral; whoever takes somebody in for whom the answers do not speak says why, in
 * `statusReason` (that a no needs one is a rule of all Tasks; a plan that asks nothing wants no reason); what the answers speak for is for the engine to write; and a referral stays
 * one, of the patient and to the plan that were asked about.
 */
export const referralGuard = (now: () => Date): Guard => ({
  types: ['Task'],

  async admit(db, { access, before, after }) {
    const asked = before as unknown as Task
    const answer = after as unknown as Task | undefined
    if (access.clientId === ENGINE_CLIENT_ID || !answer) return
    mustStayAsked(asked, answer)
    if (!isReferral(asked) && !isReferral(answer)) return
    mustBeTheSame(asked, answer)
    if (!isAwaiting(asked)) return
    const receiver = receiverOf(asked)?.reference
    const isAnswer = answer.status !== asked.status && ANSWERS.has(answer.status)
    const isTurned = receiverOf(answer)?.reference !== receiver
    if (
      (isAnswer || isTurned) &&
      isPerson(access.actor) &&
      !(await worksForReceiver(db, access.actor, receiver, now()))
    ) {
      const told = `${access.actor} is not of ${receiver}, who is asked: only they answer this referral.`
      throw refuse('forbidden', told, isAnswer ? 'Task.status' : 'Task.owner')
    }
    if (isAnswer && ACCEPTED.has(answer.status)) await mustSayWhy(db, asked, answer)
  },

  admitNew(access, resource) {
    const task = resource as unknown as Task
    if (access.clientId === ENGINE_CLIENT_ID || !isReferral(task)) return
    mustBeWhole(task)
    if (proposalOutputs(task).length > 0) throw refuse('business-rule', WORKED_OUT, 'Task.output')
    // A system may tell of one that was answered elsewhere.
    if (isPerson(access.actor) && ANSWERS.has(task.status)) {
      const told = `A referral that nobody has received is draft or requested, not ${task.status}.`
      throw refuse('business-rule', told, 'Task.status')
    }
  },
})

const WORKED_OUT =
  'What the answers speak for is worked out here, and kept; a person answers by status. Read the Task again.'

/** What a question opens to whoever is asked depends on these. */
const OF_QUESTION = ['identifier', 'code', 'for', 'partOf', 'input'] as const

/** @throws Refusal business-rule: a question before a referral is answered, handed on or given up, and stays the question that it is */
function mustStayAsked(before: Task, after: Task): void {
  if (!isEligibilityQuestion(before) && !isEligibilityQuestion(after)) return
  const changed = OF_QUESTION.find((element) => !isDeepStrictEqual(before[element], after[element]))
  if (!changed) return
  const told = `A question before a referral keeps its ${changed}; what is asked is made from the referral's plan. Read the Task again.`
  throw refuse('business-rule', told, `Task.${changed}`)
}

/** @throws Refusal business-rule: whoever was asked, was asked about this patient and this plan, and the proposal is of them */
function mustBeTheSame(before: Task, after: Task): void {
  if (!isReferral(before) || !isReferral(after)) {
    throw refuse('business-rule', 'A Task is a referral from its beginning, and stays one.', 'Task.code')
  }
  mustBeWhole(after)
  if (after.for?.reference !== before.for?.reference) {
    const told = `This referral is of ${before.for?.reference}; somebody else is referred by a Task of their own.`
    throw refuse('business-rule', told, 'Task.for')
  }
  if (after.instantiatesCanonical !== before.instantiatesCanonical) {
    const told = `This referral is to ${before.instantiatesCanonical}; another plan is asked for by another referral.`
    throw refuse('business-rule', told, 'Task.instantiatesCanonical')
  }
  if (!isDeepStrictEqual(proposalOutputs(after), proposalOutputs(before))) {
    throw refuse('business-rule', WORKED_OUT, 'Task.output')
  }
}

/** @throws Refusal required: of whom, to what and to whom it is must be said, for questions are asked by it */
function mustBeWhole(task: Task): void {
  if (!/^Patient\/[^/]+$/.test(task.for?.reference ?? '')) {
    throw refuse('required', 'A referral is of one patient: Patient/[id].', 'Task.for')
  }
  if (!task.instantiatesCanonical) {
    throw refuse('required', 'A referral names the plan that it is to, by its canonical.', 'Task.instantiatesCanonical')
  }
  if (!task.owner?.reference) throw refuse('required', 'A referral names the unit that is asked.', 'Task.owner')
}

/** A plan that asks nothing leaves it to whoever is asked. @throws Refusal business-rule */
async function mustSayWhy(db: Queryable, before: Task, after: Task): Promise<void> {
  const proposal = proposalIn(before)
  if (proposal === 'accepted' || after.statusReason) return
  const [plan] = proposal === undefined ? await readPlansNamed(db, [String(before.instantiatesCanonical)]) : []
  if (plan && !asksAnything(eligibilityOf(plan))) return
  const told = proposal === undefined ? 'its questions are not answered yet' : `the answers say ${proposal}`
  throw refuse('business-rule', `Whoever accepts a referral of which ${told} says why.`, 'Task.statusReason')
}
