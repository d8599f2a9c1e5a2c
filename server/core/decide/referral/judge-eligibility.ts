import type { PlanDefinition, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { Evaluator } from '../evaluator.ts'
import { evaluateCondition } from '../plan/condition.ts'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'
import { isOpen } from '../task/task-status.ts'
import { type Told, tell } from '../words/told.ts'
import { eligibilityOf } from './eligibility.ts'

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

/** @returns undefined while a question is open */
export function judgeEligibility({ plan, referral, questions, answers, now, evaluate }: Judging): Proposal | undefined {
  if (questions.some(isOpen)) return undefined
  const { when } = eligibilityOf(plan)
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

/** The answer that a question was completed with: finished, about the same patient, and to the form that was asked. */
export function answerTo(
  question: Task,
  answers: ReadonlyMap<string, QuestionnaireResponse>,
): QuestionnaireResponse | undefined {
  if (question.status !== 'completed') return undefined
  return answerReferences(question)
    .flatMap((reference) => answers.get(reference) ?? [])
    .find(
      ({ status, subject, questionnaire }) =>
        ['completed', 'amended'].includes(status) &&
        subject?.reference === question.for?.reference &&
        urlOf(questionnaire) === urlOf(questionnaireOf(question)),
    )
}

/** Where a question says that its answer is, without a version: the newest counts. */
export const answerReferences = ({ output = [] }: Task): string[] =>
  output.flatMap(({ valueReference }) => {
    const [, reference] = /^(QuestionnaireResponse\/[^/]+)/.exec(valueReference?.reference ?? '') ?? []
    return reference ?? []
  })

const urlOf = (canonical: string | undefined) => canonical?.split('|')[0]

const ELIGIBLE: Told = {
  nb: 'Svarene er innenfor det planen er for.',
  nn: 'Svara er innanfor det planen er for.',
  en: 'The answers are within what the plan is for.',
}
const NOT_ELIGIBLE: Told = {
  nb: 'Svarene er utenfor det planen er for.',
  nn: 'Svara er utanfor det planen er for.',
  en: 'The answers are outside of what the plan is for.',
}
const NO_CONDITION: Told = {
  nb: 'Planen sier ikke hva svarene betyr.',
  nn: 'Planen seier ikkje kva svara tyder.',
  en: 'The plan does not say what the answers mean.',
}
const UNANSWERED: Told = {
  nb: 'Avsluttet uten svar på',
  nn: 'Avslutta utan svar på',
  en: 'Closed without an answer to',
}
const UNEVALUABLE: Told = {
  nb: 'Vilkåret kunne ikke vurderes',
  nn: 'Vilkåret kunne ikkje vurderast',
  en: 'The condition could not be evaluated',
}
