import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import { QUESTIONNAIRE_REQUEST } from '../../fhir/questionnaire-request.ts'

/** The Questionnaire that a ServiceRequest or a Task asks to answer, as it is named there: a canonical, or `Questionnaire/id`. */
export function questionnaireOf(request: ServiceRequest | Task): string | undefined {
  if (request.resourceType === 'ServiceRequest') {
    return request.extension?.find(({ url }) => url === QUESTIONNAIRE_REQUEST)?.valueReference?.reference
  }
  return questionnairesOf(request)[0]
}

/** Every name by which a Task names what is to be answered: a stored Questionnaire may have another id than its canonical ends with. */
export function questionnairesOf({ focus, input = [], instantiatesCanonical }: Task): string[] {
  const named = [
    focus?.reference,
    ...input.flatMap(({ valueCanonical, valueReference }) => [valueCanonical, valueReference?.reference]),
    instantiatesCanonical,
  ]
  return named.flatMap((one) => (one !== undefined && /(^|\/)Questionnaire\//.test(one) ? [one] : []))
}

/** A canonical, or `Questionnaire/id` at the end of one; of any version. */
export function isSameDefinition(one: string, other: string): boolean {
  const [left = '', right = ''] = [one, other].map((name) => name.split('|')[0])
  return left === right || left.endsWith(`/${right}`) || right.endsWith(`/${left}`)
}
