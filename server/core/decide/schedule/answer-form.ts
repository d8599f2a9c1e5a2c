import type { QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { Decisions } from '../decisions.ts'
import { isAssessable } from '../happening.ts'
import { referralOf } from '../referral/referral.ts'
import { isOpen } from '../task/task-status.ts'
import { intervalOf } from '../time/date-precision.ts'
import { toOsloClock } from '../time/oslo-time.ts'
import { taskOutput } from '../words/coded-words.ts'
import { answeredForm } from './answered-form.ts'
import { isSameDefinition, questionnairesOf } from './questionnaire-task.ts'

/** A form that somebody has finished, so that the Tasks which asked for it are done. */
export const isAnswer = (resource: Resource | undefined): resource is Resource =>
  resource?.resourceType === 'QuestionnaireResponse' && isAssessable(resource)

/**
 * The Tasks that asked for these answers, completed with them as their output. What was answered before it was asked for answers nothing,
 * unless it says itself whose answers they are: a clock may be slow, and a form be filled in before somebody has written that it is wanted. A
 * CarePlan asks for the same form week after week: answers that name it alone count from the day on which the Task was made.
 * Nor does it begin what is still held back. A question about a referral is completed by whoever answers it: a form that merely happens to
 * be stored is none (decision 0063).
 * @param previous the version before: what was an answer already, and is corrected now, answers nothing that was asked since
 * @see https://hl7.org/fhir/R4/task-definitions.html#Task.output
 */
export function answerForms(
  response: Resource,
  openTasks: Task[],
  { now, previous }: { now: Date; previous?: Resource | undefined },
): Decisions['tasks'] {
  const form = answeredForm(response)
  if (!form) return []
  const { authored } = response as unknown as QuestionnaireResponse
  // Of one that says a day alone, any time of it.
  const until = authored === undefined ? now.getTime() : intervalOf(authored).high
  const isNew = !isAnswer(previous)
  const asked = openTasks.filter(
    (task) =>
      isOpen(task) &&
      task.status !== 'draft' &&
      referralOf(task) === undefined &&
      (wasAskedBefore(task, until) ||
        (isNew && (task.authoredOn === undefined || isBasedOnSame(response, task, until)))) &&
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

/** Not of what does not say when it was asked: that has been asked by now, and whoever corrects an old answer does not answer it. */
const wasAskedBefore = ({ authoredOn }: Task, moment: number): boolean =>
  authoredOn !== undefined && Date.parse(authoredOn) < moment

/**
 * The answers name what the Task was asked for by: its ServiceRequest, or its CarePlan.
 * @see https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.basedOn
 */
function isBasedOnSame(response: Resource, { authoredOn, basedOn = [], focus }: Task, until: number): boolean {
  const isOfItsDay = authoredOn !== undefined && until > intervalOf(toOsloClock(new Date(authoredOn)).date).low
  const named = ((response as unknown as QuestionnaireResponse).basedOn ?? []).map(({ reference }) => reference)
  return [...basedOn, ...(focus ? [focus] : [])].some(
    ({ reference }) =>
      reference !== undefined &&
      (isOfItsDay || !requestIn(reference).startsWith('CarePlan/')) &&
      named.some((one) => one !== undefined && isSameRequest(one, reference)),
  )
}

/** The last two parts, for a reference may also be absolute, or name a version. */
const isSameRequest = (one: string, other: string): boolean => requestIn(one) === requestIn(other)
const requestIn = (reference: string): string =>
  reference
    .replace(/\/_history\/[^/]+$/, '')
    .split('/')
    .slice(-2)
    .join('/')
