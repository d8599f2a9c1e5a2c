import type { BundleEntry, Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes'
import { TASK_CODE, TASK_INPUT } from '../../../server/core/decide/plan/vocabulary.ts'
import { isOfPatient } from '../../../server/core/decide/task/task-status.ts'
import { hasCode } from '../../../server/core/fhir/codeable-concept.ts'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import type { Answers } from '../../form/answering.ts'
import type { StoredTask } from '../worklist/row.ts'
import { closingOf, type Doer } from './act.ts'

/** The form that a Task asks somebody of the staff to answer: the GP who refers, or the team itself. `http://example.org/form|1` */
export function formAskedOf(task: StoredTask): string | undefined {
  if (!hasCode(task.code, TASK_CODE, 'answer-questionnaire') || isOfPatient(task)) return undefined
  return task.input?.find(({ type }) => hasCode(type, TASK_INPUT, 'questionnaire'))?.valueCanonical
}

/** @returns undefined where there is no such form here */
export async function readForm(
  fhir: FhirClient,
  canonical: string,
  signal: AbortSignal,
): Promise<Questionnaire | undefined> {
  const [url = '', version] = canonical.split('|')
  const found = await fhir.search('Questionnaire', { url, ...(version ? { version } : {}), _count: 10 }, signal)
  const forms = ofType(found, 'Questionnaire')
  return forms.find(({ status }) => status === 'active') ?? forms[0]
}

/**
 * The answers and the Task that asked for them, completed: both or neither. Sent twice they are stored once, for the second finds another
 * version of the Task.
 */
export function answered(task: StoredTask, response: QuestionnaireResponse, doer: Doer, now: Date) {
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`
  const stored: BundleEntry = {
    ...{ fullUrl, resource: response },
    request: { method: 'POST', url: 'QuestionnaireResponse' },
  }
  return closingOf([task], { note: '', answers: fullUrl, at: now.toISOString(), doer }, [stored])
}

/** What has been answered so far, as it is kept. */
export type FormDraft = { answers: Answers }
