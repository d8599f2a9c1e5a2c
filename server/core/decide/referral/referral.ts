import type { Task } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import { TASK_CODE } from '../plan/vocabulary.ts'
import { queueOf } from '../task/claim.ts'
import { ruleOf } from '../task/finding-task.ts'
import type { Owner } from '../task/task-marks.ts'

/**
 * A referral is a Task that asks a unit to take a patient into a plan (`instantiatesCanonical`): requested → received → accepted or
 * rejected. What the plan wants to know first are Tasks of their own, parts of it (`partOf`), one for each set of questions.
 */
export const isReferral = ({ code }: Task): boolean => hasCode(code, TASK_CODE, 'referral')

/** Sent, and not answered yet. */
const AWAITING: ReadonlySet<string> = new Set(['requested', 'received', 'on-hold'])
export const isAwaiting = ({ status }: Task): boolean => AWAITING.has(status)

/** Who is asked, also after one of them has claimed it. */
export const receiverOf = (referral: Task): Owner | undefined => queueOf(referral) ?? referral.owner

/** Names the rule, in the identifier of a question, that is none of the plan's actions. */
export const ELIGIBILITY = '*eligibility:'

/** A Task that asks somebody before a referral is answered. */
export const isEligibilityQuestion = (task: Task): boolean => ruleOf(task)?.actionId.startsWith(ELIGIBILITY) === true

/** The referral that a Task is, or that it is a question of: `Task/1`. */
export function referralOf(task: Task): string | undefined {
  if (isReferral(task)) return `Task/${task.id}`
  return isEligibilityQuestion(task) ? task.partOf?.[0]?.reference : undefined
}
