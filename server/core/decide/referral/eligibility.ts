import type { Duration, Extension, PlanDefinition } from '@medplum/fhirtypes'
import { FHIRPATH } from '../evaluator.ts'
import { type Condition, toCondition } from '../plan/compile-plan.ts'
import { ELIGIBILITY_QUESTIONS, ELIGIBLE_WHEN } from '../plan/vocabulary.ts'
import { part } from '../task/task-extension.ts'

const ASKED = ['referrer', 'patient', 'team'] as const

/** What is asked before a referral is answered: a form, and of whom. */
export type QuestionSet = { questionnaire: string; to: (typeof ASKED)[number]; within: Duration }

/** What a plan wants to know of whoever is referred to it, and what the answers must say. */
export type Eligibility = { questions: QuestionSet[]; when: Condition | undefined }

/** Whether a plan wants to know anything of whoever is referred to it. */
export const asksAnything = ({ questions, when }: Eligibility): boolean => questions.length > 0 || when !== undefined

/** Unsaid: who referred, within two days. */
const TO = 'referrer'
const WITHIN: Duration = { value: 2, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }

export function eligibilityOf({ extension = [] }: PlanDefinition): Eligibility {
  const when = extension.find(({ url }) => url === ELIGIBLE_WHEN)?.valueExpression
  return {
    questions: extension.filter(({ url }) => url === ELIGIBILITY_QUESTIONS).flatMap(toQuestions),
    when: when && toCondition(when),
  }
}

function toQuestions({ extension: parts = [] }: Extension): QuestionSet[] {
  const questionnaire = part(parts, 'questionnaire')?.valueCanonical
  const to = ASKED.find((one) => one === part(parts, 'to')?.valueCode) ?? TO
  return questionnaire ? [{ questionnaire, to, within: part(parts, 'within')?.valueDuration ?? WITHIN }] : []
}

/** The form of a set of questions, of whichever version. */
const formOf = (parts: Extension[] | undefined): string | undefined =>
  part(parts ?? [], 'questionnaire')?.valueCanonical?.split('|')[0]

/** What keeps a plan with such questions from coming into force. That the expression is FHIRPath at all is asked with the others. */
export function checkEligibility({ extension = [] }: PlanDefinition): { diagnostics: string; expression: string }[] {
  const at = (i: number) => `PlanDefinition.extension[${i}]`
  const problems = extension.flatMap(({ url, extension: parts = [], valueExpression }, i) => {
    if (url === ELIGIBLE_WHEN && valueExpression?.language !== FHIRPATH) {
      const diagnostics = `eligible-when is ${FHIRPATH}, not ${valueExpression?.language}: nobody is enrolled yet whose data CQL could retrieve.`
      return [{ diagnostics, expression: `${at(i)}.value.language` }]
    }
    if (url !== ELIGIBILITY_QUESTIONS) return []
    const to = part(parts, 'to')?.valueCode
    const known = to === undefined || ASKED.some((one) => one === to)
    const form = formOf(parts)
    const first = extension.findIndex((one) => one.url === ELIGIBILITY_QUESTIONS && formOf(one.extension) === form)
    return [
      ...(known ? [] : [{ diagnostics: `to is one of ${ASKED.join(', ')}, not ${to}.`, expression: at(i) }]),
      ...(form ? [] : [{ diagnostics: 'Questions of eligibility name their questionnaire.', expression: at(i) }]),
      ...(form && first < i
        ? [{ diagnostics: `${form} is asked by extension[${first}]; a form is asked once.`, expression: at(i) }]
        : []),
    ]
  })
  const { questions, when } = eligibilityOf({ extension } as PlanDefinition)
  const first = extension.findIndex(({ url }) => url === ELIGIBILITY_QUESTIONS)
  const unsaid = { diagnostics: 'Whoever asks says what the answers mean: eligible-when.', expression: at(first) }
  return [...problems, ...(questions.length > 0 && !when ? [unsaid] : [])]
}
