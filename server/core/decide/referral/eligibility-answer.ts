import type { QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'

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
