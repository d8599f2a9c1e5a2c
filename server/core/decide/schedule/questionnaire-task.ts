import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import { QUESTIONNAIRE_REQUEST } from '../../fhir/questionnaire-request.ts'

/** The Questionnaire that a ServiceRequest or a Task asks to answer, as it is named there: a canonical, or `Questionnaire/id`. */
export function questionnaireOf(request: ServiceRequest | Task): string | undefined {
  if (request.resourceType === 'ServiceRequest') {
    return request.extension?.find(({ url }) => url === QUESTIONNAIRE_REQUEST)?.valueReference?.reference
  }
  const named = [
    request.focus?.reference,
    ...(request.input ?? []).flatMap(({ valueCanonical, valueReference }) => [
      valueCanonical,
      valueReference?.reference,
    ]),
    request.instantiatesCanonical,
  ]
  return named.find((reference) => reference !== undefined && /(^|\/)Questionnaire\//.test(reference))
}
