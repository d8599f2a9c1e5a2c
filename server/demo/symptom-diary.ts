import type { QuestionnaireResponse } from '@medplum/fhirtypes'
import type { DemoPatient } from './roster.ts'
import type { Occasion } from './timeline.ts'

/** The symptom diary of the occasion, if it was filled in. */
export function diaryOf(_patient: DemoPatient, _occasion: Occasion): QuestionnaireResponse[] {
  return []
}
