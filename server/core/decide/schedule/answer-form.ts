import type { QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { Decisions } from '../decisions.ts'
import { isAssessable } from '../happening.ts'
import { referralOf } from '../referral/referral.ts'
import { isOpen } from '../task/task-status.ts'
import { intervalOf } from '../time/date-precision.ts'
import { taskOutput } from '../words/coded-words.ts'
import { answeredForm } from './answered-form.ts'
import { isSameDefinition, questionnairesOf } from './questionnaire-task.ts'

/** A form that somebody has finished, so that the Tasks which asked for it are done. */
export const isAnswer = (resource: Resource | undefined): resource is Resource =>
  resource?.resourceType === 'QuestionnaireResponse' && isAssessable(resource)

/**
 * The Tasks that asked for these answers, completed with them as their output. What was answered before it was asked for answers nothing,
 * nor does it begin what is still held back. A question about a referral is completed by whoever answers it: a form that merely happens to
 * be stored is none (decision 0063).
 * @see https://hl7.org/fhir/R4/task-definitions.html#Task.output
 */
export function answerForms(response: Resource, openTasks: Task[], now: Date): Decisions['tasks'] {
  const form = answeredForm(response)
  if (!form) return []
  const { authored } = response as unknown as QuestionnaireResponse
  // Of one that says a day alone, any time of it.
  const until = authored === undefined ? now.getTime() : intervalOf(authored).high
  const asked = openTasks.filter(
    (task) =>
      isOpen(task) &&
      task.status !== 'draft' &&
      referralOf(task) === undefined &&
      until > Date.parse(task.authoredOn ?? '') &&
      questionnairesOf(task).some((one) => isSameDefinition(one, form)),
  )
  const answers = {
    type: taskOutput('answers'),
    valueReference: { reference: versionedReference(response) },
  }
  return asked.map((task) => ({
    act: 'update',
    task: { ...task, status: 'completed', lastModified: now.toISOString(), output: [...(task.output ?? []), answers] },
  }))
}
