import type { ServiceRequest, Task } from '@medplum/fhirtypes'

/** R4's own extension: http://hl7.org/fhir/R4/extension-servicerequest-questionnairerequest.html */
const QUESTIONNAIRE_REQUEST = 'http://hl7.org/fhir/StructureDefinition/servicerequest-questionnaireRequest'

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
