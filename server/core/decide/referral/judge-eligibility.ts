import type { PlanDefinition, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Evaluator } from '../evaluator.ts'
import { evaluateCondition } from '../plan/condition.ts'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'
import { isOpen } from '../task/task-status.ts'
import { type Told, tell } from '../words/told.ts'
import { asksAnything, eligibilityOf } from './eligibility.ts'
import { answerTo } from './eligibility-answer.ts'
import { ELIGIBLE, NO_CONDITION, NOT_ELIGIBLE, UNANSWERED, UNEVALUABLE } from './eligibility-words.ts'

/** What the answers speak for. Undecided is a word too: a person must see that the plan could not tell, and why. */
export type Proposal = { says: 'accepted' | 'rejected' | 'undecided'; why: Told }

export type Judging = {
  plan: PlanDefinition
  referral: Task
  /** All that were asked, closed ones too. */
  questions: Task[]
  /** The answers that the questions name in their output, by `QuestionnaireResponse/1`. */
  answers: ReadonlyMap<string, QuestionnaireResponse>
  now: Date
  evaluate?: Evaluator | undefined
}

/** @returns undefined while a question is open, and for a plan that asks nothing: who refers is answered without a proposal */
export function judgeEligibility({ plan, referral, questions, answers, now, evaluate }: Judging): Proposal | undefined {
  if (questions.some(isOpen)) return undefined
  const eligibility = eligibilityOf(plan)
  if (questions.length === 0 && !asksAnything(eligibility)) return undefined
  const { when } = eligibility
  if (!when) return undecided(NO_CONDITION)
  const unanswered = questions.filter((question) => !answerTo(question, answers))
  if (unanswered.length > 0) {
    const forms = unanswered.map((question) => questionnaireOf(question)).join(', ')
    return undecided(tell((language) => `${UNANSWERED[language]}: ${forms}`))
  }
  const given = questions.flatMap((question) => answerTo(question, answers) ?? [])
  const focus = referral as unknown as Resource
  const { outcome, problem } = evaluateCondition(when, focus, { answers: given, referral }, {}, { now, evaluate })
  if (outcome === 'unevaluable')
    return undecided(tell((language) => `${UNEVALUABLE[language]}: ${problem?.[language]}`))
  return outcome === 'true' ? { says: 'accepted', why: ELIGIBLE } : { says: 'rejected', why: NOT_ELIGIBLE }
}

const undecided = (why: Told): Proposal => ({ says: 'undecided', why })
