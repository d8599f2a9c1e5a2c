import { isForPatient, languageOf, messageIn } from '../decide/message/message-language.ts'
import type { Resource } from '../fhir/resource.ts'

/**
 * A message that the patient or their family is to read, in the patient's language as far as the activity's author has translated it; any
 * other request as it is. So whoever looks at a proposal sees, and may edit, what will be sent.
 * @param subjects for whom the definitions are applied: the Patient among them, if any
 */
export function forItsReader(request: Resource, subjects: readonly Resource[]): Resource {
  if (!isForPatient(request)) return request
  return messageIn(request, languageOf(subjects.find(({ resourceType }) => resourceType === 'Patient')))
}
