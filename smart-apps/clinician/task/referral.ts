import type { Task } from '@medplum/fhirtypes'
import { TASK_OUTPUT } from '../../../server/core/decide/plan/vocabulary.ts'
import { isEligibilityQuestion, isReferral } from '../../../server/core/decide/referral/referral.ts'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import type { StoredTask } from '../worklist/row.ts'
import { type Around, cameOf } from './task-data.ts'

/** What is known of whether a plan is for somebody who is referred to it. */
export type ReferralGround = {
  /** Each set of questions, who was asked, and when they answered. */
  questions: { task: StoredTask; answeredAt?: Date }[]
  /** What the answers speak for; undefined until all of them are there. */
  proposed?: 'accepted' | 'rejected'
  /** Why, in the server's words. */
  reason?: string
}

/** @returns undefined of a Task that is no referral */
export function referralGround(task: Task, around: Around): ReferralGround | undefined {
  if (!isReferral(task)) return undefined
  const output = (code: string) =>
    task.output?.find(({ type }) => type.coding?.some((one) => one.system === TASK_OUTPUT && one.code === code))
  const proposed = output('eligibility')?.valueCode
  const reason = output('eligibility-reason')?.valueString
  return {
    questions: cameOf(around, task)
      .filter(isEligibilityQuestion)
      .map((question) => {
        const at = question.executionPeriod?.end ?? question.lastModified ?? question.meta?.lastUpdated
        return { task: question, ...(!isOpen(question) && at ? { answeredAt: new Date(at) } : {}) }
      }),
    ...(proposed === 'accepted' || proposed === 'rejected' ? { proposed } : {}),
    ...(reason ? { reason } : {}),
  }
}

/** Whether somebody who says yes has to say why: what the plan wants to know speaks against it, or is not known yet. */
export const yesNeedsReason = ({ questions, proposed }: ReferralGround): boolean =>
  proposed === 'rejected' || (questions.length > 0 && proposed === undefined)
